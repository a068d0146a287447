//! Errors named after what happens next.

use std::time::Duration;

/// Why an upstream gave us nothing. What it says of an answer is told on one line: a damaged
/// answer quoted in it cannot steer a terminal or break a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing to do but try again later.
    #[error("unreachable: {}", one_line(.0))]
    Unreachable(String),
    /// The upstream asks for patience.
    #[error("busy: it asks to wait {} s", .0.as_secs())]
    Busy(Duration),
    /// A person must look: the answer as a whole is not what we know how to read.
    #[error("unreadable: {}", one_line(.0))]
    Unreadable(String),
}

/// Shorthand for this crate's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_holds_cannot_steer_a_terminal() {
        let error = Error::Unreadable("a table, got \u{1b}[2J\nstarboard: all is well".to_owned());

        assert_eq!(
            error.to_string(),
            "unreadable: a table, got  [2J starboard: all is well"
        );
    }
}
