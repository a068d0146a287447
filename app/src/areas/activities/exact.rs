//! What SQL only narrows and leaves to be checked in memory: regions of the sky, and whether the
//! target can be seen from somewhere.

use chrono::{DateTime, Utc};
use domain::filter::{ActivityFilter, Visible};
use domain::{Facts, Shape};

use super::condition::Condition;

/// Whether a row that SQL found may still fail.
pub(super) fn is_left(filter: &ActivityFilter) -> bool {
    !filter.pos.is_empty() || filter.visible.is_some()
}

/// Whether a row that SQL found passes what is left.
pub(super) fn passes(
    body: &str,
    filter: &ActivityFilter,
    now: DateTime<Utc>,
) -> serde_json::Result<bool> {
    #[derive(serde::Deserialize)]
    struct Place {
        s_ra: Option<f64>,
        s_dec: Option<f64>,
        s_fov: Option<f64>,
        s_region: Option<String>,
        t_min: Option<DateTime<Utc>>,
        t_max: Option<DateTime<Utc>>,
    }
    if !is_left(filter) {
        return Ok(true);
    }
    let place: Place = serde_json::from_str(body)?;
    let facts = Facts {
        s_ra: place.s_ra,
        s_dec: place.s_dec,
        s_fov: place.s_fov,
        s_region: place.s_region,
        t_min: place.t_min,
        t_max: place.t_max,
        ..Facts::default()
    };
    let Some(shape) = Shape::of(&facts) else {
        return Ok(false);
    };
    let lies_in = filter.pos.is_empty() || filter.pos.iter().any(|region| region.meets(&shape));
    let is_visible = |visible: &Visible| visible.holds(&facts, Some(&shape), now);
    Ok(lies_in && filter.visible.as_ref().is_none_or(is_visible))
}

/// Adds what can be said in SQL of the visibility of an activity `a`: it has coordinates, a start
/// where one is needed, and a declination that some place can see so high.
pub(super) fn narrow(condition: &mut Condition, filter: &ActivityFilter, sqlite: bool) {
    let Some(visible) = &filter.visible else {
        return;
    };
    condition.and("a.sky_key is not null", []);
    if visible.needs_start() {
        condition.and("a.t_min is not null", []);
    }
    let Some((south, north)) = visible.declinations() else {
        return condition.and("false", []);
    };
    if south > -90.0 || north < 90.0 {
        let dec = match sqlite {
            true => "json_extract(a.body, '$.s_dec')",
            false => "(a.body::json ->> 's_dec')::double precision",
        };
        // Without its own declination it goes by its footprint.
        let within = format!("coalesce({dec} between ? and ?, true)");
        condition.and(&within, [south.into(), north.into()]);
    }
}
