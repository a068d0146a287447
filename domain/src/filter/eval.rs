//! Whether an activity passes, in memory. The rule of each key stands at its field.

use std::collections::BTreeSet;
use std::ops::Bound;

use chrono::{DateTime, Utc};

use super::{ActivityFilter, Pattern, TRUNCATED_FROM};
use crate::activity::{Activity, Facts};
use crate::event::EventKind;
use crate::keys::Keys;

impl ActivityFilter {
    /// Whether a snapshot with its keys passes, as one event of it or (without one) by itself.
    ///
    /// `visible_when=next24h` counts from `now`; where the event's own time is at hand, see
    /// [`Self::matches_event`].
    #[must_use]
    pub fn matches(
        &self,
        activity: &Activity,
        keys: &Keys,
        event: Option<EventKind>,
        now: DateTime<Utc>,
    ) -> bool {
        self.judge(activity, keys, event, now, now)
    }

    /// Whether a snapshot passes as an event that happened `at`: as [`Self::matches`], but the 24
    /// hours a target may have to be visible in are those after the event.
    #[must_use]
    pub fn matches_event(
        &self,
        activity: &Activity,
        keys: &Keys,
        (event, at): (EventKind, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> bool {
        self.judge(activity, keys, Some(event), at, now)
    }

    fn judge(
        &self,
        activity: &Activity,
        keys: &Keys,
        event: Option<EventKind>,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        event.is_none_or(|event| any(&self.event, |wanted| *wanted == event))
            && self.fits_words(keys)
            && self.fits_names(keys)
            && self.fits_times(&activity.facts, now)
            && any(&self.min_exptime, |least| {
                keys.exptime.is_some_and(|seconds| seconds >= *least)
            })
            && any(&self.pos, |region| {
                keys.shape.as_ref().is_some_and(|shape| region.meets(shape))
            })
            // Last, as it costs most.
            && self.is_visible(&activity.facts, keys, at)
    }

    /// Whether a snapshot passes, whatever its events.
    #[must_use]
    pub fn matches_snapshot(&self, activity: &Activity, now: DateTime<Utc>) -> bool {
        self.matches(activity, &Keys::of(activity), None, now)
    }

    /// Whether the target is visible as the filter asks, within 24 hours of `moment` where it asks
    /// for that.
    #[must_use]
    pub fn is_visible(&self, facts: &Facts, keys: &Keys, moment: DateTime<Utc>) -> bool {
        let visible = self.visible.as_ref();
        visible.is_none_or(|visible| visible.holds(facts, keys.shape.as_ref(), moment))
    }

    fn fits_words(&self, keys: &Keys) -> bool {
        one_of(&self.source, Some(&keys.source))
            && one_of(&self.status, Some(&keys.status))
            && one_of(&self.basis, Some(&keys.basis))
            && one_of(&self.intent, Some(keys.intent.as_deref().unwrap_or("null")))
            && one_of(&self.role, Some(&keys.role))
            && one_of(&self.tracking, keys.tracking.as_deref())
            && one_of(&self.category, keys.category.as_deref())
            && one_of(&self.target_class, keys.target_class.as_deref())
            && one_of(&self.site, keys.site.as_deref())
            && any(&self.band, |band| keys.band.contains(band))
            && any(&self.class, |ground| *ground == keys.ground)
    }

    fn fits_names(&self, keys: &Keys) -> bool {
        any(&self.facility, |pattern| {
            keys.facility.iter().any(|name| pattern.fits(name))
        }) && any(&self.instrument, |pattern| {
            keys.instrument.iter().any(|name| pattern.fits(name))
        }) && any(&self.proposal, |pattern| {
            let id = keys.proposal.as_deref();
            id.is_some_and(|id| pattern.fits(&keys.collection, id))
        }) && any(&self.target, |pattern| fits_target(pattern, keys))
            && any(&self.pi, |words| fits_all(words, &keys.pi))
            && any(&self.text, |words| fits_all(words, &keys.text))
    }

    fn fits_times(&self, facts: &Facts, now: DateTime<Utc>) -> bool {
        if self.from.is_empty() && self.to.is_empty() && self.at.is_empty() {
            return true;
        }
        let Some(start) = facts.t_min else {
            return false;
        };
        let end = facts.t_max.unwrap_or(start);
        any(&self.from, |time| end >= time.resolve(now))
            && any(&self.to, |time| start <= time.resolve(now))
            && any(&self.at, |time| (start..=end).contains(&time.resolve(now)))
    }
}

/// Whether a list asks nothing, or one of it holds.
fn any<T>(wanted: &[T], holds: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(holds)
}

fn one_of(wanted: &[String], value: Option<&str>) -> bool {
    any(wanted, |wanted| value == Some(wanted.as_str()))
}

fn fits_all(patterns: &[Pattern], words: &BTreeSet<String>) -> bool {
    patterns.iter().all(|pattern| match pattern {
        Pattern::Is(word) => words.contains(word),
        Pattern::Starts(beginning) => words
            .range::<str, _>((Bound::Included(beginning.as_str()), Bound::Unbounded))
            .next()
            .is_some_and(|word| word.starts_with(beginning.as_str())),
    })
}

fn fits_target(pattern: &Pattern, keys: &Keys) -> bool {
    let Some(key) = &keys.target else {
        return false;
    };
    pattern.fits(key)
        || keys.target_truncated
            && key.chars().count() >= TRUNCATED_FROM
            && pattern.text().starts_with(key.as_str())
}
