//! What subscribers are told, when, and how often.

mod called_off;
mod deliveries;
mod digests;
mod fairness;
mod faults;
mod hooks;
pub(crate) mod ledger;
mod matching;
mod newcomer;
pub(crate) mod owner;
pub(crate) mod person;
mod port;
mod preview;
mod rows;
mod secrets;
mod unsubscribe;
mod versions;
