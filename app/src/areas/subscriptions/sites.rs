//! Filters with their owners' sites put in.

use std::collections::HashMap;

use domain::ephemeris::Site;
use domain::filter::{ActivityFilter, Home};
use uuid::Uuid;

use super::model::Subscription;
use crate::areas::accounts;
use crate::hub::Hub;

/// Where the sites of an account are, by their ids; nowhere for a visitor.
///
/// # Errors
/// Those of the database.
pub(super) async fn homes(hub: &Hub, account: Option<Uuid>) -> anyhow::Result<HashMap<Uuid, Home>> {
    let Some(account) = account else {
        return Ok(HashMap::new());
    };
    let sites = accounts::sites(hub.db.read(), account).await?;
    let home = |site: accounts::Site| Home {
        site: Site {
            latitude_deg: site.lat,
            longitude_deg: site.lon,
            height_m: site.height,
        },
        horizon_deg: site.horizon,
    };
    Ok(sites
        .into_iter()
        .map(|site| (site.id, home(site)))
        .collect())
}

/// The subscription's filter, ready to be evaluated: own sites resolved to where they are. None
/// when it names one that is gone, which is visible from nowhere.
///
/// # Errors
/// Those of the database.
pub(super) async fn resolved(
    hub: &Hub,
    subscription: &Subscription,
) -> anyhow::Result<Option<ActivityFilter>> {
    let filter = subscription.filter.clone();
    if filter.own_sites().next().is_none() {
        return Ok(Some(filter));
    }
    let homes = homes(hub, Some(subscription.account)).await?;
    Ok(filter.resolve_sites(&homes).ok())
}
