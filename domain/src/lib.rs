//! The words of the field as plain types: activities, events, the filter, regions of the sky.
//!
//! Nothing here does input or output; whatever needs the time takes it as an argument.

pub mod activity;
pub mod clock;
pub mod event;
pub mod merge;
pub mod record;
pub mod sky;
pub mod transition;

pub use self::activity::{
    Activity, Basis, Category, Facts, Instrument, Intent, Link, Role, Status, TMaxKind,
    TrackingType,
};
pub use self::clock::Clock;
pub use self::event::{Envelope, EventKind};
pub use self::record::{Claim, Record, Unreadable};
pub use self::sky::{Bounds, Region, Shape};
pub use self::transition::{Input, Moment, Outcome, Step, starts_anew, transition};
