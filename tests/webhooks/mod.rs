//! Webhooks: what arrives at an endpoint, what its answer means, and where nothing is ever sent.

mod answers;
mod encryption;
pub(crate) mod endpoint;
mod refusals;
mod saving;
mod signatures;

use app::webhook::Caller;

use crate::harness::PATIENCE;
use crate::harness::names::Told;

/// A caller that may post to this machine, over plain `http`.
fn inside() -> Caller {
    Caller::with(true, Told::nothing(), PATIENCE).unwrap()
}

/// What tests post.
const BODY: &str = r#"{"type":"activity","seq":7,"event":"started"}"#;
