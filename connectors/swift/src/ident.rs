//! The two spellings of `obs_id`, and the identifier of one snapshot.
//!
//! As text it has eleven digits, eight of the target and three of the segment (`00035000007`); as
//! one integer it is `target_id + segment · 2²⁴` (117475512).

use chrono::NaiveDateTime;
use serde_json::Value;

/// The target's part of the integer spelling.
const TARGET_BITS: u32 = 24;

/// Target and segment of one observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObsId {
    /// Number of the target, at most eight digits.
    pub(crate) target: u32,
    /// Number of the segment, at most three digits.
    pub(crate) segment: u16,
}

impl ObsId {
    /// From its two numbers; none when one is out of range.
    pub(crate) fn new(target: u64, segment: u64) -> Option<Self> {
        (target <= 99_999_999 && segment <= 999).then_some(ObsId {
            target: u32::try_from(target).ok()?,
            segment: u16::try_from(segment).ok()?,
        })
    }

    /// From either spelling.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => ObsId::packed(number.as_u64()?),
            Value::String(text) => ObsId::spelled(text.trim()),
            _ => None,
        }
    }

    fn spelled(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 18 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: u64 = text.parse().ok()?;
        match text.len() {
            11 => ObsId::new(number / 1000, number % 1000),
            _ => ObsId::packed(number),
        }
    }

    fn packed(number: u64) -> Option<Self> {
        ObsId::new(number & ((1 << TARGET_BITS) - 1), number >> TARGET_BITS)
    }

    /// The eleven digits.
    pub(crate) fn digits(self) -> String {
        format!("{:08}{:03}", self.target, self.segment)
    }

    /// What identifies the snapshot of this observation that begins then, in spacecraft time:
    /// the correction to UTC must not make a new activity.
    pub(crate) fn snapshot(self, begin: NaiveDateTime) -> String {
        format!("{}:{}", self.digits(), begin.format("%Y%m%dT%H%M%S"))
    }
}
