//! The filter: one grammar for lists, live streams, the command line and subscriptions.
//!
//! Different keys must all hold; of the values of one key any may. A filter is read once, into
//! parts that the database and [`ActivityFilter::matches`] evaluate alike: the rule of each key
//! stands at its field here, and nowhere else.

mod canonical;
mod compile;
mod error;
mod eval;
mod key;
mod parse;
mod pattern;
mod suggest;
#[cfg(test)]
mod tests;
mod time;
mod visible;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

pub use self::error::FilterError;
pub use self::key::{Aliases, Context, Key, NoAliases};
pub use self::pattern::{Pattern, ProposalPattern};
pub use self::suggest::nearest;
pub use self::time::TimeSpec;
pub use self::visible::{Home, MAX_PLACES, MIN_ALT, Place, Visible, VisibleWhen};
use crate::event::EventKind;
use crate::sky::Region;

/// What somebody wants to see. An empty part asks nothing; the default lets everything pass.
///
/// `Keys` below is [`crate::keys::Keys`] of the snapshot. A null never equals anything, except
/// where it says so.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// `keys.source` is one of these.
    pub source: Vec<String>,
    /// `keys.status` is one of these.
    pub status: Vec<String>,
    /// `keys.basis` is one of these.
    pub basis: Vec<String>,
    /// `keys.intent`, or the word `null` when it is null, is one of these.
    pub intent: Vec<String>,
    /// `keys.role` is one of these.
    pub role: Vec<String>,
    /// `keys.tracking` is one of these.
    pub tracking: Vec<String>,
    /// `keys.category` is one of these.
    pub category: Vec<String>,
    /// `keys.target_class` is one of these.
    pub target_class: Vec<String>,
    /// One of `keys.band` is one of these.
    pub band: Vec<String>,
    /// `keys.site` is one of these.
    pub site: Vec<String>,
    /// `keys.ground` is one of these: true for `ground`, false for `space`.
    pub class: Vec<bool>,
    /// One of `keys.facility` fits one of these, aliases already resolved.
    pub facility: Vec<Pattern>,
    /// One of `keys.instrument` fits one of these.
    pub instrument: Vec<Pattern>,
    /// One of these holds: its collection, when given, is `keys.collection`, and `keys.proposal`
    /// begins with its `Starts`, or is its `Is`, or begins with it followed by `.` or `(`.
    pub proposal: Vec<ProposalPattern>,
    /// One of these fits `keys.target`; or `keys.target_truncated` is set, `keys.target` has at
    /// least [`TRUNCATED_FROM`] characters, and the text of the pattern begins with it.
    pub target: Vec<Pattern>,
    /// Of one of these, each pattern fits a word of `keys.pi`.
    pub pi: Vec<Vec<Pattern>>,
    /// Of one of these, each pattern fits a word of `keys.text`.
    pub text: Vec<Vec<Pattern>>,
    /// One of these meets `keys.shape`; never without a shape.
    pub pos: Vec<Region>,
    /// `t_min` is known, and `coalesce(t_max, t_min)` is at or after one of these.
    pub from: Vec<TimeSpec>,
    /// `t_min` is at or before one of these.
    pub to: Vec<TimeSpec>,
    /// One of these lies in `t_min ..= coalesce(t_max, t_min)`.
    pub at: Vec<TimeSpec>,
    /// `coalesce(t_exptime, t_plan_exptime)` is at least one of these, seconds.
    pub min_exptime: Vec<f64>,
    /// The target is visible, as [`Visible`] says; never without coordinates.
    pub visible: Option<Visible>,
    /// The event at hand is one of these. Asks nothing where no event is at hand.
    pub event: Vec<EventKind>,
    /// The values as they were given, in the order of the grammar.
    given: BTreeMap<Key, Vec<String>>,
    /// Equal for filters that mean the same.
    canonical: String,
}

/// Characters a cut-off target key must have to stand for the names that begin with it.
pub const TRUNCATED_FROM: usize = 6;

/// Values a key may have.
pub const MAX_VALUES: usize = 100;

/// Bytes all values may have together.
pub const MAX_BYTES: usize = 64 * 1024;

impl ActivityFilter {
    /// A text that is equal for filters that mean the same, whatever their order or spelling.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The filter as query pairs, as its values were given.
    #[must_use]
    pub fn to_pairs(&self) -> Vec<(&'static str, &str)> {
        self.given
            .iter()
            .flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())))
            .collect()
    }

    /// The values given for a key, in their order.
    #[must_use]
    pub fn given(&self, key: Key) -> &[String] {
        self.given.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Whether it lets everything pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether what passes depends on the time of asking (`from=now-2h`, `visible_when=next24h`).
    #[must_use]
    pub fn is_relative(&self) -> bool {
        let mut times = [&self.from, &self.to, &self.at].into_iter().flatten();
        let within_a_day = |visible: &Visible| visible.when.contains(&VisibleWhen::Next24h);
        times.any(TimeSpec::is_relative) || self.visible.as_ref().is_some_and(within_a_day)
    }
}

/// Filters are equal when they mean the same.
impl PartialEq for ActivityFilter {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for ActivityFilter {}

/// As a JSON object of lists, its values as they were given.
impl Serialize for ActivityFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.given)
    }
}
