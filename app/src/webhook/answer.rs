//! What an endpoint answered, or why it did not.

use std::time::Duration;

use super::url::Refusal;

/// Bytes of an answer's body that are kept.
pub(super) const KEPT: usize = 1024;

/// An endpoint's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// The first 1,024 bytes of its body, as text: what is no UTF-8, and NUL, is replaced. It comes
    /// from a stranger.
    pub body: String,
}

impl Answer {
    /// An answer with the beginning of its body.
    pub(super) fn new(status: u16, mut body: Vec<u8>) -> Answer {
        let whole = body.len() <= KEPT;
        body.truncate(KEPT);
        let mut text = String::from_utf8_lossy(&body).replace('\0', "\u{fffd}");
        // A character that the cut went through.
        if !whole && body.last().is_some_and(|byte| !byte.is_ascii()) {
            text.truncate(text.trim_end_matches('\u{fffd}').len());
        }
        Answer { status, body: text }
    }
}

/// Why a delivery did not succeed. What it says names neither URL nor IP address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Nothing was sent: the URL, or what its name resolves to, is no place for us.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The endpoint said 410: it wants no more.
    #[error("the endpoint answered 410: it wants no more deliveries")]
    Gone(Answer),
    /// It may be better later.
    #[error("{why}")]
    Later {
        /// What went wrong.
        why: String,
        /// The answer, when there was one.
        answer: Option<Answer>,
        /// How long the endpoint wants to be left alone, at most
        /// [`LONGEST_WAIT`](super::LONGEST_WAIT).
        retry_after: Option<Duration>,
    },
    /// It was sent, at least in part, and no answer came: it may have arrived.
    #[error("{why}")]
    Unknown {
        /// What went wrong.
        why: String,
    },
}

impl WebhookError {
    /// Whether the same delivery may succeed later. A name that resolves to refused addresses may
    /// be mended; a URL that is refused by its text may not.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            WebhookError::Later { .. }
            | WebhookError::Unknown { .. }
            | WebhookError::Refused(Refusal::Resolved { .. }) => true,
            WebhookError::Refused(_) | WebhookError::Gone(_) => false,
        }
    }

    /// What the endpoint answered, if it did.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            WebhookError::Refused(_) | WebhookError::Unknown { .. } => None,
            WebhookError::Gone(answer) => Some(answer),
            WebhookError::Later { answer, .. } => answer.as_ref(),
        }
    }

    /// How long the endpoint wants to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            WebhookError::Later { retry_after, .. } => *retry_after,
            WebhookError::Refused(_) | WebhookError::Gone(_) | WebhookError::Unknown { .. } => None,
        }
    }

    /// Nobody was reached.
    pub(super) fn unanswered(why: impl Into<String>) -> WebhookError {
        WebhookError::Later {
            why: why.into(),
            answer: None,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let body = "é".repeat(600).into_bytes();
        assert_eq!(Answer::new(200, body).body, "é".repeat(512));
        let body = format!("a{}", "é".repeat(600)).into_bytes();
        assert_eq!(Answer::new(200, body).body, format!("a{}", "é".repeat(511)));
    }

    #[test]
    fn what_no_database_can_store_is_replaced() {
        let answer = Answer::new(500, b"a\0b\xff".to_vec());
        assert_eq!(answer.body, "a\u{fffd}b\u{fffd}");
    }
}
