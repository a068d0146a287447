//! What is watched: filter words, or what one of one's subscriptions is about.

use std::collections::HashMap;

use anyhow::Context as _;
use domain::Envelope;
use domain::ephemeris::Site;
use domain::filter::{ActivityFilter, Context, Home, NoAliases};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::cli::client::{Client, Page};
use crate::cli::{filter, subscriptions};

/// The keys about what can be seen from a place. They are one demand.
const SIGHT: [&str; 4] = ["visible_from", "min_alt", "sun_below", "visible_when"];

/// What is watched.
pub(super) struct Asked {
    /// What the server is asked for.
    pub(super) filter: ActivityFilter,
    /// What is judged here: what can be seen from sites of one's own. Where these are is nothing to
    /// write into the address of a stream.
    from_home: Option<ActivityFilter>,
}

/// What is read of a subscription.
#[derive(Deserialize)]
struct Subscription {
    filter: Map<String, Value>,
    events: Value,
}

/// What is read of a site.
#[derive(Deserialize)]
struct OwnSite {
    id: Uuid,
    lat: f64,
    lon: f64,
    height: f64,
    horizon: f64,
}

impl Asked {
    /// What these filter words say.
    ///
    /// # Errors
    /// Wrong usage, when they cannot be understood.
    pub(super) fn by_words(words: &[String]) -> anyhow::Result<Asked> {
        Ok(Asked {
            filter: filter::read(words, Context::Live)?,
            from_home: None,
        })
    }

    /// What a subscription is about: its filter, and its events.
    ///
    /// # Errors
    /// What the server says is wrong, or that this version cannot read its filter.
    pub(super) async fn by_subscription(server: &Url, wanted: &str) -> anyhow::Result<Asked> {
        let client = Client::signed_in(server.clone())?;
        let path = subscriptions::path(&client, wanted).await?;
        let found: Subscription = client.get(&path, &[]).await?;
        let homes = match names_a_site(&found.filter) {
            true => homes(&client).await?,
            false => HashMap::new(),
        };
        let (filter, from_home) = split(found, &homes).context("it cannot be watched")?;
        Ok(Asked { filter, from_home })
    }

    /// Whether an event the server sent is to be shown. One that this version cannot read is.
    pub(super) fn shows(&self, text: &str) -> bool {
        let Some(from_home) = &self.from_home else {
            return true;
        };
        let read = serde_json::from_str::<Envelope>(text);
        read.map_or(true, |event| {
            from_home.matches_snapshot(&event.activity, event.at)
        })
    }
}

/// Whether a filter names a site of its owner, by its id.
fn names_a_site(filter: &Map<String, Value>) -> bool {
    let places = filter.get("visible_from").and_then(Value::as_array);
    let mut places = places.into_iter().flatten().filter_map(Value::as_str);
    places.any(|place| place.trim().parse::<Uuid>().is_ok())
}

/// One's own sites.
async fn homes(client: &Client) -> anyhow::Result<HashMap<Uuid, Home>> {
    let page: Page<OwnSite> = client.get("/api/me/sites", &[]).await?;
    let home = |own: OwnSite| {
        let site = Site {
            latitude_deg: own.lat,
            longitude_deg: own.lon,
            height_m: own.height,
        };
        let horizon_deg = own.horizon;
        (own.id, Home { site, horizon_deg })
    };
    Ok(page.items.into_iter().map(home).collect())
}

/// What the server judges of a subscription, and what is judged here.
fn split(
    found: Subscription,
    homes: &HashMap<Uuid, Home>,
) -> anyhow::Result<(ActivityFilter, Option<ActivityFilter>)> {
    let Subscription { mut filter, events } = found;
    let from_home = if names_a_site(&filter) {
        let taken = SIGHT.map(|key| Some((key.to_owned(), filter.remove(key)?)));
        let sight: Map<String, Value> = taken.into_iter().flatten().collect();
        let sight = ActivityFilter::from_json(&sight.into(), Context::Subscription, &NoAliases)?;
        Some(sight.resolve_sites(homes)?)
    } else {
        None
    };
    filter.insert("event".to_owned(), events);
    let filter = ActivityFilter::from_json(&filter.into(), Context::Live, &NoAliases)?;
    Ok((filter, from_home))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SITE: &str = "0199a5a0-0000-7000-8000-000000000001";

    fn asked(filter: &Value, homes: &HashMap<Uuid, Home>) -> anyhow::Result<Asked> {
        let found = json!({ "filter": filter, "events": ["started"] });
        let (filter, from_home) = split(serde_json::from_value(found)?, homes)?;
        Ok(Asked { filter, from_home })
    }

    fn homes() -> HashMap<Uuid, Home> {
        let site = Site {
            latitude_deg: 52.0,
            longitude_deg: 13.0,
            height_m: 50.0,
        };
        let home = Home {
            site,
            horizon_deg: 0.0,
        };
        HashMap::from([(SITE.parse().unwrap(), home)])
    }

    /// An event about a target at this declination, while it is observed for a day.
    fn event(s_dec: f64) -> String {
        json!({
            "type": "activity", "seq": 7, "event": "started", "at": "2026-11-21T06:00:00Z",
            "logged": "2026-11-21T06:00:00Z", "backfill": false,
            "activity": {
                "id": SITE, "source": "jwst", "obs_collection": "JWST", "obs_id": "1:1:1",
                "attempt": 1, "repeat_of": null, "parallel_of": null, "revision": 1, "seq": 7,
                "status": "in_progress", "basis": "scheduled", "demo": false, "role": "prime",
                "first_seen": "2026-11-20T00:00:00Z", "last_changed": "2026-11-21T06:00:00Z",
                "facility_name": "JWST", "s_ra": 10.0, "s_dec": s_dec,
                "t_min": "2026-11-21T06:00:00Z", "t_max": "2026-11-22T06:00:00Z",
            },
        })
        .to_string()
    }

    #[test]
    fn where_ones_sites_are_is_judged_here_and_goes_nowhere() {
        let filter = json!({ "facility": ["JWST"], "visible_from": [SITE], "min_alt": ["20"] });

        let asked = asked(&filter, &homes()).unwrap();

        let pairs = [("facility", "JWST"), ("event", "started")];
        assert_eq!(asked.filter.to_pairs(), pairs);
        assert!(asked.shows(&event(50.0)));
        assert!(!asked.shows(&event(-80.0)));
        assert!(asked.shows("an event of a later version"));
    }

    #[test]
    fn places_that_were_written_out_are_the_servers_to_judge() {
        let filter = json!({ "visible_from": ["52 13 50"] });
        let asked = asked(&filter, &HashMap::new()).unwrap();
        assert_eq!(asked.filter.to_pairs().len(), 2);
        assert!(asked.shows(&event(-80.0)));
    }

    #[test]
    fn a_site_that_is_gone_is_told() {
        assert!(asked(&json!({ "visible_from": [SITE] }), &HashMap::new()).is_err());
    }
}
