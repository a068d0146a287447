//! One facility: what it does, what it plans, what it did.

use domain::Activity;
use domain::filter::{ActivityFilter, Context};
use maud::{Markup, html};

use super::present::{self, Present};
use super::{activity, page};
use crate::areas::activities::search::{self, Query, Sort};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::plain::Plain;

/// Planned activities shown, the next first.
const AHEAD: usize = 15;
/// Past activities shown, the newest first.
const BEHIND: usize = 30;

/// A facility by its name, or by any other name of it alone.
///
/// # Errors
/// When we know of none, and those of the database.
pub(super) async fn page(hub: &Hub, name: &str) -> Result<Plain> {
    let known = hub.catalogue.facility(name);
    let name = known.map_or(name, |known| known.name.as_str());
    let mut present = present::of(hub, Some(name)).await?;
    let facility = match (present.facilities.pop(), known) {
        (Some(facility), _) => facility,
        (None, Some(known)) => present::Facility {
            name: known.name.clone(),
            title: Some(known.title.clone()),
            ..present::Facility::default()
        },
        (None, None) => return Err(Error::NotFound("facility")),
    };
    let ahead = [("status", "scheduled"), ("from", "now")];
    let ahead = some(hub, name, &ahead, Sort::OldestStart, AHEAD).await?;
    let behind = some(hub, name, &[("to", "now")], Sort::NewestStart, BEHIND).await?;
    Ok(shown(&present, &facility, &ahead, &behind))
}

fn shown(
    present: &Present,
    facility: &present::Facility,
    ahead: &[Activity],
    behind: &[Activity],
) -> Plain {
    let now = present.now;
    let list = |title: &str, none: &str, items: &[Activity]| -> Markup {
        html! {
            section {
                h2 { (title) }
                @if items.is_empty() { p.quiet { (none) } }
                ul { @for item in items { li { (activity::listed(item, now)) } } }
            }
        }
    };
    let body = html! {
        (page::head(&facility.name, present.demo, false))
        main {
            (page::as_of(now))
            section {
                h2 { "Now" }
                @if let Some(place) = page::place(facility) { p.place { (place) } }
                (page::doing(facility, now))
            }
            (list("Planned next", "No plan for the time ahead is known.", ahead))
            (list("Newest on record", "Nothing is on record.", behind))
        }
        (page::foot())
    };
    Plain::new(format!("{} · Starboard", facility.name), body)
}

/// The first activities of a facility that pass a filter.
async fn some(
    hub: &Hub,
    facility: &str,
    pairs: &[(&str, &str)],
    sort: Sort,
    limit: usize,
) -> Result<Vec<Activity>> {
    let pairs = pairs.iter().copied().chain([("facility", facility)]);
    let filter = ActivityFilter::from_pairs(pairs, Context::Lists, hub.catalogue.as_ref())?;
    let query = Query {
        filter: &filter,
        sort,
        after: None,
        limit,
        now: hub.clock.now(),
    };
    let found = search::list(hub.db.read(), query).await?;
    let read = |json: &String| serde_json::from_str(json).map_err(anyhow::Error::from);
    Ok(found
        .items
        .iter()
        .map(read)
        .collect::<anyhow::Result<_>>()?)
}
