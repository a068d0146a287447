//! What a correction corrects.

use domain::EventKind;

use super::Notice;

/// A sentence for those who were told something else.
pub(super) fn sentence(notice: &Notice) -> String {
    let rest = match notice.envelope.event {
        EventKind::Withdrawn => "it is gone from the plan.",
        EventKind::Aborted => "it was not carried out as planned.",
        EventKind::Changed | EventKind::Scheduled => "its plan is another one now.",
        _ => "more is known now.",
    };
    format!("This corrects what you were told about it before: {rest}")
}
