//! The keys of the grammar, where they stand, and the names only a catalogue knows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::activity::{UnknownWord, words};

words! {
    /// A key of the filter.
    Key {
        /// The connector.
        Source = "source",
        /// Where it stands.
        Status = "status",
        /// How we know.
        Basis = "basis",
        /// What it is for.
        Intent = "intent",
        /// Its part beside others.
        Role = "role",
        /// How the telescope follows the sky.
        Tracking = "tracking",
        /// Scheduling category.
        Category = "category",
        /// The upstream's class of target.
        TargetClass = "target_class",
        /// Band of the spectrum.
        Band = "band",
        /// Ground site.
        Site = "site",
        /// On the ground or in space.
        Class = "class",
        /// Telescope or spacecraft.
        Facility = "facility",
        /// Instrument or mode.
        Instrument = "instrument",
        /// Programme.
        Proposal = "proposal",
        /// Object observed.
        Target = "target",
        /// Words of the PI's name.
        Pi = "pi",
        /// Words of anything.
        Text = "text",
        /// Region of the sky.
        Pos = "pos",
        /// Not over before.
        From = "from",
        /// Begun by.
        To = "to",
        /// Running at.
        At = "at",
        /// Least exposure, seconds.
        MinExptime = "min_exptime",
        /// Where somebody observes from.
        VisibleFrom = "visible_from",
        /// Least altitude there, degrees.
        MinAlt = "min_alt",
        /// The Sun's altitude is below, degrees.
        SunBelow = "sun_below",
        /// At what time.
        VisibleWhen = "visible_when",
        /// What happened.
        Event = "event",
    }
}

impl Key {
    /// Whether `name` is a key of the grammar, allowed here or not.
    #[must_use]
    pub fn is_one(name: &str) -> bool {
        Key::from_str(name).is_ok()
    }
}

/// Where a filter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Lists of activities: no event is at hand.
    Lists,
    /// Live streams, lists of events, and `watch`.
    Live,
    /// Subscriptions, which name their events beside the filter.
    Subscription,
}

/// What a catalogue knows of facilities. Everything in it is folded.
pub trait Aliases {
    /// The facility names that `folded` is another name of; none when it is none's.
    fn facility(&self, folded: &str) -> Vec<String>;

    /// The facility names with another name that begins with `folded`.
    fn facility_prefix(&self, folded: &str) -> Vec<String>;

    /// Every facility name and every other name. When not empty, a facility that is none of them
    /// is refused with the likely meant one.
    fn known_facilities(&self) -> Vec<String> {
        Vec::new()
    }
}

/// No catalogue: a name means itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAliases;

impl Aliases for NoAliases {
    fn facility(&self, _folded: &str) -> Vec<String> {
        Vec::new()
    }

    fn facility_prefix(&self, _folded: &str) -> Vec<String> {
        Vec::new()
    }
}
