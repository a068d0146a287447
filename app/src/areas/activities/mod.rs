//! What telescopes plan to do, are doing, and did.

mod apply;
mod arrivals;
#[doc(hidden)]
pub mod bulk;
mod by_sky;
mod changes;
pub mod clock;
mod commit;
mod condition;
mod cursor;
mod door;
mod ear;
pub mod event_log;
mod exact;
mod facilities;
pub mod feed;
pub mod hint;
mod history;
mod live;
pub mod now;
mod overview;
mod pages;
mod payloads;
mod pieces;
pub mod recall;
mod record;
mod redact;
pub mod replay;
mod routes;
mod row;
pub mod search;
mod sieve;
mod sky_index;
mod socket;
mod stream;
pub mod tail;
pub mod take_in;
mod tasks;
mod upgrade;
mod wanted;
mod words;

pub use self::apply::{Counts, Telling, apply};
pub use self::door::enter;
pub use self::event_log::Line;
pub use self::feed::Feed;
pub use self::live::sockets;
pub use self::pages::{Pages, kept};
pub use self::routes::router;
pub use self::tasks::{
    HarvestError, HarvestUpstream, PruneEvents, harvest, prune, rehearse, schedule, take_file,
};
