//! What every connector shares: the trait it implements, and the client it asks with.
//!
//! * [`Upstream`] asks, politely, or answers from [`Cassette`]s.
//! * [`mast`], [`tap`], [`visits`] and [`votable`] speak the protocols several upstreams share.
//! * [`columns`] and [`units`] read fixed-width text and foreign units.

pub mod answer;
pub mod cassette;
pub mod client;
pub mod columns;
pub mod connector;
pub mod error;
pub mod growing;
pub mod harvest;
pub mod mast;
pub mod options;
pub mod pace;
pub mod table;
pub mod tap;
pub mod units;
pub mod visits;
pub mod votable;

mod body;
mod lines;
mod record;
mod redact;
mod redirect;
mod replay;
mod request;
mod retry;
mod scene;
mod sleeper;
mod validators;

pub use self::answer::Answer;
pub use self::cassette::{Cassette, Take};
pub use self::client::Upstream;
pub use self::connector::{Ask, Connector, Profile, Window};
pub use self::error::{Error, Result};
pub use self::growing::Line;
pub use self::harvest::{Cursor, Harvest, Scope};
pub use self::options::Options;
pub use self::pace::Pace;
pub use self::record::Recorder;
