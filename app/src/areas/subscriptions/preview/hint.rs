//! What to change about a filter that finds nothing, or too much.

use std::sync::Arc;

use domain::Region;
use domain::filter::{ActivityFilter, Key};
use serde_json::{Value, json};

use super::counting::{Rules, Tally};
use super::look::Look;
use crate::areas::subscriptions::model::EVENTS;
use crate::areas::subscriptions::payloads::Hint;

/// Mails a day that are too many to be read.
pub(super) const MANY: f64 = 20.0;
/// How often a radius is doubled in search of something.
const DOUBLINGS: u32 = 7;
/// Smallest radius the doubling begins with, degrees.
const SMALLEST: f64 = 0.05;

/// Reads a changed filter as the first one was read; none when it is none.
pub(super) type Read<'a> = &'a (dyn Fn(&Value) -> Option<ActivityFilter> + Send + Sync);

/// The smallest widening under which something would have been told; none when there is none, or no
/// time left to find it.
///
/// # Errors
/// Those of the database.
pub(super) async fn wider(
    look: &Look<'_>,
    rules: &Arc<Rules>,
    read: Read<'_>,
) -> anyhow::Result<Option<Hint>> {
    if let Some(hint) = wider_circle(look, rules, read).await? {
        return Ok(Some(hint));
    }
    if let Some(hint) = more_events(look, rules).await? {
        return Ok(Some(hint));
    }
    without_a_key(look, rules, read).await
}

/// The circle of the filter, when that is its only region.
fn circle(filter: &ActivityFilter) -> Option<(f64, f64, f64)> {
    match filter.pos.as_slice() {
        [Region::Circle(circle)] => Some((circle.ra(), circle.dec(), circle.radius_deg())),
        _ => None,
    }
}

/// Doubles the radius until something is in it, then takes the least radius that the nearest needs.
async fn wider_circle(
    look: &Look<'_>,
    rules: &Arc<Rules>,
    read: Read<'_>,
) -> anyhow::Result<Option<Hint>> {
    let Some((ra, dec, radius)) = circle(&rules.filter) else {
        return Ok(None);
    };
    let mut wide = radius.max(SMALLEST);
    for _ in 0..DOUBLINGS {
        wide *= 2.0;
        if wide > 180.0 || !look.has_time() {
            return Ok(None);
        }
        let Some((tally, _)) = with_circle(look, rules, read, (ra, dec, wide)).await? else {
            return Ok(None);
        };
        if tally.count() == 0 {
            continue;
        }
        let least = tally.nearest().map_or(wide, rounded_up).min(wide);
        let narrower = with_circle(look, rules, read, (ra, dec, least)).await?;
        let found = match narrower {
            Some((tally, filter)) if tally.count() > 0 => Some((least, tally, filter)),
            _ => with_circle(look, rules, read, (ra, dec, wide))
                .await?
                .map(|(tally, filter)| (wide, tally, filter)),
        };
        return Ok(found.filter(|(_, tally, _)| tally.count() > 0).map(
            |(radius, tally, filter)| Hint {
                kind: "wider",
                text: format!(
                    "nothing matched; a radius of {radius}° would have, {}",
                    times(tally.count())
                ),
                key: Some(Key::Pos.as_str().to_owned()),
                filter: Some(filter),
                events: None,
                count: Some(tally.count()),
            },
        ));
    }
    Ok(None)
}

async fn with_circle(
    look: &Look<'_>,
    rules: &Arc<Rules>,
    read: Read<'_>,
    (ra, dec, radius): (f64, f64, f64),
) -> anyhow::Result<Option<(Tally, Value)>> {
    let rules = Arc::new(Rules {
        centre: Some((ra, dec)),
        ..Rules::clone(rules)
    });
    let mut json = json!(rules.filter);
    json[Key::Pos.as_str()] = json!([format!("CIRCLE {ra} {dec} {radius}")]);
    let tally = counted(look, &rules, read, &json).await?;
    Ok(tally.map(|tally| (tally, json)))
}

/// To two digits, never down.
fn rounded_up(radius: f64) -> f64 {
    if radius <= 0.0 {
        return radius;
    }
    let decimals = (1.0 - radius.log10().floor()).clamp(0.0, 6.0);
    let unit = 10_f64.powf(decimals);
    ((radius * unit).ceil() / unit).min(180.0)
}

/// The events that did happen to what the filter finds.
async fn more_events(look: &Look<'_>, rules: &Arc<Rules>) -> anyhow::Result<Option<Hint>> {
    if rules.events.len() == EVENTS.len() || !look.has_time() {
        return Ok(None);
    }
    let all = Arc::new(Rules {
        events: EVENTS.to_vec(),
        ..Rules::clone(rules)
    });
    let seen = look.count(&all).await?;
    let by_event = seen.tally.by_event();
    let most = by_event.iter().max_by_key(|(_, count)| **count);
    let Some((event, count)) = most else {
        return Ok(None);
    };
    let mut events = rules.events.clone();
    events.push(*event);
    let named: Vec<String> = rules.events.iter().map(|one| format!("`{one}`")).collect();
    Ok(Some(Hint {
        kind: "wider",
        text: format!(
            "of what matched nothing was {}; with `{event}` it would have been told {}",
            named.join(" or "),
            times(*count)
        ),
        key: Some("events".to_owned()),
        filter: None,
        events: Some(events.iter().map(ToString::to_string).collect()),
        count: Some(*count),
    }))
}

/// The key without which least is let in, but something.
async fn without_a_key(
    look: &Look<'_>,
    rules: &Arc<Rules>,
    read: Read<'_>,
) -> anyhow::Result<Option<Hint>> {
    let given = json!(rules.filter);
    let keys: Vec<String> = given
        .as_object()
        .map(|given| given.keys().cloned().collect())
        .unwrap_or_default();
    // Without its only key a filter lets everything pass.
    if keys.len() < 2 {
        return Ok(None);
    }
    let mut best: Option<(usize, String, Value)> = None;
    for key in keys {
        if !look.has_time() {
            break;
        }
        let mut json = given.clone();
        if let Some(given) = json.as_object_mut() {
            given.remove(&key);
        }
        let Some(tally) = counted(look, rules, read, &json).await? else {
            continue;
        };
        let count = tally.count();
        if count > 0 && best.as_ref().is_none_or(|(least, ..)| count < *least) {
            best = Some((count, key, json));
        }
    }
    Ok(best.map(|(count, key, filter)| Hint {
        kind: "wider",
        text: format!(
            "nothing matched; without `{key}` it would have been told {}",
            times(count)
        ),
        key: Some(key),
        filter: Some(filter),
        events: None,
        count: Some(count),
    }))
}

/// The counts of a changed filter; none when it cannot be read or there was no time.
async fn counted(
    look: &Look<'_>,
    rules: &Arc<Rules>,
    read: Read<'_>,
    json: &Value,
) -> anyhow::Result<Option<Tally>> {
    let Some(filter) = read(json) else {
        return Ok(None);
    };
    let changed = Arc::new(Rules {
        filter,
        ..Rules::clone(rules)
    });
    let seen = look.count(&changed).await?;
    Ok(Some(seen.tally).filter(|tally| seen.cut_at.is_none() || tally.count() > 0))
}

/// What to say of too many.
pub(super) fn narrower(mails_per_day: f64) -> Option<Hint> {
    (mails_per_day > MANY).then(|| Hint {
        kind: "narrower",
        text: format!(
            "about {mails_per_day:.0} mails a day; an hourly or nightly digest puts them together, \
             and one more key lets fewer pass"
        ),
        key: None,
        filter: None,
        events: None,
        count: None,
    })
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "decimals, rounded to the same ones")]
    fn a_radius_is_rounded_up_to_two_digits() {
        for (radius, rounded) in [(4.91, 5.0), (0.1234, 0.13), (12.01, 13.0), (179.9, 180.0)] {
            assert_eq!(rounded_up(radius), rounded, "{radius}");
        }
    }
}
