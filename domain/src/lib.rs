//! The words of the field as plain types: activities, events, the filter, regions of the sky.
//!
//! Nothing here does input or output; whatever needs the time takes it as an argument.

pub mod activity;
pub mod clock;
pub mod ephemeris;
pub mod event;
pub mod filter;
pub mod fold;
pub mod keys;
pub mod matching;
pub mod merge;
pub mod programme;
pub mod record;
pub mod sky;
pub mod target;
pub mod tidy;
pub mod transition;

pub use self::activity::{
    Activity, Basis, Category, Facts, Instrument, Intent, Link, Role, Status, TMaxKind,
    TrackingType,
};
pub use self::clock::Clock;
pub use self::event::{Envelope, EventKind};
pub use self::filter::{
    ActivityFilter, Aliases, Context, FilterError, NoAliases, Pattern, TimeSpec,
};
pub use self::keys::Keys;
pub use self::record::{Claim, Record, Unreadable};
pub use self::sky::{Bounds, Region, Shape};
pub use self::transition::{Input, Moment, Outcome, Step, starts_anew, transition};
