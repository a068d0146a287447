//! Filters with their owners' sites put in.

use domain::filter::ActivityFilter;

use super::model::Subscription;
use crate::areas::accounts;
use crate::hub::Hub;

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
    let homes = accounts::homes(hub.db.own(), Some(subscription.account)).await?;
    Ok(filter.resolve_sites(&homes).ok())
}
