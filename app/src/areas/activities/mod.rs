//! What telescopes plan to do, are doing, and did.

mod apply;
pub mod clock;
pub mod event_log;
pub mod feed;
pub mod harvest;
pub mod hint;
mod redact;
mod row;
mod sky_index;
mod socket;
mod stream;
pub mod tail;
mod words;

pub use self::apply::{Counts, Telling, apply};
pub use self::event_log::Line;
pub use self::feed::Feed;
