//! Counting what would have been told: the rules of the matcher, over lines of the past.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::filter::ActivityFilter;
use domain::keys::Keys;
use domain::sky::Circle;
use domain::{Activity, EventKind, Region, Shape};
use serde_json::Value;

use crate::areas::activities::recall::Told;
use crate::areas::subscriptions::decide::is_moved;
use crate::areas::subscriptions::model::{MAX_AGE, OncePer};
use crate::areas::subscriptions::payloads::DayCount;

/// Activities shown.
const SHOWN: usize = 10;

/// What is counted by.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// What has to hold of a snapshot; own sites are resolved.
    pub(super) filter: ActivityFilter,
    /// Of which events.
    pub(super) events: Vec<EventKind>,
    /// What counts as the same news.
    pub(super) once_per: OncePer,
    /// Where the nearest is to be known from: right ascension and declination, degrees.
    pub(super) centre: Option<(f64, f64)>,
}

/// A notification that would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notification {
    /// The line of the log that would have led to it.
    pub(super) seq: i64,
    /// When that was written.
    pub(super) logged: DateTime<Utc>,
    /// What would have been told.
    pub(super) event: EventKind,
}

/// What was counted so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// The first notification of each piece of news.
    told: HashMap<String, Notification>,
    /// The newest activities told of, by the line that told, with the snapshot right after it.
    newest: BTreeMap<i64, Activity>,
    /// How far the nearest is from the rules' centre, degrees.
    nearest: Option<f64>,
}

impl Tally {
    /// Takes in the lines of one activity, in their order.
    pub(super) fn take(&mut self, rules: &Rules, lines: &[Told]) -> serde_json::Result<()> {
        let mut newest = None;
        for (key, notification, activity) in rules.notifications(lines)? {
            let first = self.told.entry(key).or_insert(notification);
            if notification.seq <= first.seq {
                *first = notification;
            }
            if let Some((ra, dec)) = rules.centre
                && let Some(shape) = Shape::of(&activity.facts)
                && let Some(away) = distance(&shape, ra, dec)
            {
                self.nearest = Some(self.nearest.map_or(away, |least| least.min(away)));
            }
            newest = Some((notification.seq, activity));
        }
        self.newest.extend(newest);
        while self.newest.len() > SHOWN {
            self.newest.pop_first();
        }
        Ok(())
    }

    /// Forgets what lies at or before a place: it was not looked at as a whole.
    pub(super) fn forget_up_to(&mut self, seq: i64) {
        self.told.retain(|_, notification| notification.seq > seq);
        self.newest.retain(|place, _| *place > seq);
    }

    /// How many notifications.
    pub(super) fn count(&self) -> usize {
        self.told.len()
    }

    /// How many of each event.
    pub(super) fn by_event(&self) -> BTreeMap<EventKind, usize> {
        let mut counts = BTreeMap::new();
        for notification in self.told.values() {
            *counts.entry(notification.event).or_default() += 1;
        }
        counts
    }

    /// How many of each day, from one to another.
    pub(super) fn per_day(&self, first: NaiveDate, last: NaiveDate) -> Vec<DayCount> {
        let mut counts: BTreeMap<NaiveDate, usize> = first
            .iter_days()
            .take_while(|day| *day <= last)
            .map(|day| (day, 0))
            .collect();
        for notification in self.told.values() {
            *counts.entry(notification.logged.date_naive()).or_default() += 1;
        }
        let days = counts.into_iter();
        days.map(|(date, count)| DayCount { date, count }).collect()
    }

    /// The newest activities told of, newest first.
    pub(super) fn items(&self) -> serde_json::Result<Vec<Value>> {
        let newest = self.newest.iter().rev();
        newest
            .map(|(seq, activity)| {
                serde_json::to_value(Activity {
                    seq: *seq,
                    ..activity.clone()
                })
            })
            .collect()
    }

    /// How far the nearest is from the rules' centre, degrees.
    pub(super) fn nearest(&self) -> Option<f64> {
        self.nearest
    }
}

/// The radius of the smallest circle about a position that meets a shape, degrees; never less, and
/// hardly more.
fn distance(shape: &Shape, ra: f64, dec: f64) -> Option<f64> {
    let meets = |radius: f64| {
        Circle::new(ra, dec, radius).is_ok_and(|circle| Region::Circle(circle).meets(shape))
    };
    let (mut low, mut high) = (0.0, 180.0);
    if !meets(high) {
        return None;
    }
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        match meets(middle) {
            true => high = middle,
            false => low = middle,
        }
        if high - low < high * 0.005 {
            break;
        }
    }
    Some(high)
}

/// A line, its snapshot read when it is needed.
struct Line<'a> {
    told: &'a Told,
    read: Option<(Activity, Keys)>,
}

impl Line<'_> {
    fn read(&mut self) -> serde_json::Result<&(Activity, Keys)> {
        let read = match self.read.take() {
            Some(read) => read,
            None => {
                let activity: Activity = serde_json::from_str(&self.told.body)?;
                let keys = Keys::of(&activity);
                (activity, keys)
            }
        };
        Ok(self.read.insert(read))
    }

    fn passes(&mut self, filter: &ActivityFilter, at: DateTime<Utc>) -> serde_json::Result<bool> {
        let (activity, keys) = self.read()?;
        Ok(filter.matches(activity, keys, None, at))
    }

    /// Whether it was new enough to be told when another line was written.
    fn is_told(&self, then: DateTime<Utc>) -> bool {
        !self.told.backfill && then.signed_duration_since(self.told.at) <= MAX_AGE
    }
}

impl Rules {
    fn wants(&self, event: EventKind) -> bool {
        self.events.contains(&event)
    }

    /// What the lines of one activity would have led to: key, notification, snapshot.
    fn notifications(
        &self,
        lines: &[Told],
    ) -> serde_json::Result<Vec<(String, Notification, Activity)>> {
        let mut found = Vec::new();
        let mut lines: Vec<Line<'_>> = lines.iter().map(|told| Line { told, read: None }).collect();
        // Whether it was told that the activity is scheduled or has started.
        let mut announced = false;
        for number in 0..lines.len() {
            let (before, rest) = lines.split_at_mut(number);
            let Some(line) = rest.first_mut() else { break };
            let told = line.told;
            if !line.is_told(told.logged) {
                continue;
            }
            let key = if announced && corrects(before.last_mut(), line)? {
                Some((format!("correction {}", told.seq), told.event))
            } else if self.wants(told.event) {
                let passes = line.passes(&self.filter, told.at)?;
                passes
                    .then(|| self.key(line, told.event))
                    .transpose()?
                    .map(|key| (key, told.event))
            } else {
                self.late(before, line)?
            };
            let Some((key, event)) = key else { continue };
            announced |= matches!(event, EventKind::Scheduled | EventKind::Started);
            let notification = Notification {
                seq: told.seq,
                logged: told.logged,
                event,
            };
            found.push((key, notification, line.read()?.0.clone()));
        }
        Ok(found)
    }

    fn key(&self, line: &mut Line<'_>, event: EventKind) -> serde_json::Result<String> {
        let activity = &line.read()?.0;
        let key = self.once_per.key(activity, event);
        Ok(format!("{key} #{}", activity.attempt))
    }

    /// The news of an activity that passes only now that more is known of it.
    fn late(
        &self,
        before: &mut [Line<'_>],
        line: &mut Line<'_>,
    ) -> serde_json::Result<Option<(String, EventKind)>> {
        if !matches!(line.told.event, EventKind::Enriched | EventKind::Changed) {
            return Ok(None);
        }
        let life = before
            .iter()
            .rev()
            .find(|line| !matches!(line.told.event, EventKind::Enriched | EventKind::Changed));
        let event = life.filter(|life| life.is_told(line.told.logged));
        let Some(event) = event
            .map(|life| life.told.event)
            .filter(|event| self.wants(*event))
        else {
            return Ok(None);
        };
        let Some(last) = before.last_mut() else {
            return Ok(None);
        };
        if last.passes(&self.filter, line.told.at)? || !line.passes(&self.filter, line.told.at)? {
            return Ok(None);
        }
        Ok(Some((self.key(line, event)?, event)))
    }
}

/// Whether a line says that what was told no longer holds.
fn corrects(before: Option<&mut Line<'_>>, line: &mut Line<'_>) -> serde_json::Result<bool> {
    match line.told.event {
        EventKind::Withdrawn | EventKind::Aborted => Ok(true),
        EventKind::Changed => {
            let Some(before) = before else {
                return Ok(false);
            };
            Ok(is_moved(&before.read()?.0, &line.read()?.0))
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_of_a_shape_decides_how_far_it_is() {
        let field = Shape::parse_region("CIRCLE 10 0 1").unwrap();
        let away = distance(&field, 5.0, 0.0).unwrap();
        assert!((4.0..4.03).contains(&away), "{away}");
    }
}
