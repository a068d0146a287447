//! What people want to be told: their subscriptions, and what becomes of them.

mod fields;
mod gate;
pub mod mails;
pub mod model;
mod payloads;
mod port;
mod reading;
pub mod webhooks;
mod write;

pub use self::model::{Changes, Channel, OncePer, Quiet, Subscription};
pub use self::port::export;
pub use self::write::{announce, bury_all_of, topic};
