//! What lies elsewhere, told by the database itself: a place beside each key of the index by sky,
//! and a condition that no row near a region fails.
//!
//! A place is a circle around the shape: its centre as a direction, and how far it reaches, as a chord
//! through the sphere. Two circles without a point in common have centres farther apart than both
//! reach, on the sphere; and so they do in a straight line, nearly: the chord of a sum of angles is
//! no longer than the sum of their chords, and of small angles hardly shorter.

use domain::sky::{Bounds, Region, Shape};
use sea_orm::Value;

use super::condition::Condition;

/// Steps in the radius of the sphere, 12.6″ each: the longest chord, twice that, fits a `smallint`.
const RADIUS: f64 = 16_383.0;
/// What reaches so far reaches everything.
const FARTHEST: i32 = 32_767;
/// Steps by which two centres may seem to be farther apart than they are: less than one in each
/// coordinate, √3 in all.
const SLACK: i32 = 2;
/// Regions of a question beyond which its rows are not sieved.
const MOST_REGIONS: usize = 8;

/// Where an activity lies, in steps; what has no shape may lie anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) z: i32,
    /// The chord of its radius.
    pub(super) reach: i32,
}

impl Place {
    /// Of an activity.
    pub(super) fn of(shape: Option<&Shape>) -> Place {
        let anywhere = Place {
            x: 0,
            y: 0,
            z: 0,
            reach: FARTHEST,
        };
        shape.map_or(anywhere, |shape| Place::around(shape.bounds()))
    }

    #[expect(clippy::cast_possible_truncation, reason = "twice the radius at most")]
    fn around(bounds: Bounds) -> Place {
        let (ra, dec) = (bounds.ra.to_radians(), bounds.dec.to_radians());
        let steps = |part: f64| (part * RADIUS).floor() as i32;
        let chord = 2.0 * (bounds.radius_deg.to_radians() / 2.0).sin();
        Place {
            x: steps(dec.cos() * ra.cos()),
            y: steps(dec.cos() * ra.sin()),
            z: steps(dec.sin()),
            reach: ((chord * RADIUS).ceil() as i32).min(FARTHEST),
        }
    }
}

/// Adds that a row may meet one of `regions`.
pub(super) fn sieve(condition: &mut Condition, regions: &[Region]) {
    if regions.len() > MOST_REGIONS {
        return;
    }
    let near = |region: &Region| {
        let Place { x, y, z, reach } = Place::around(region.bounds());
        let reach = reach + SLACK;
        let values = [x, x, y, y, z, z, reach, reach].map(|steps| i64::from(steps).into());
        (NEAR.to_owned(), Vec::<Value>::from(values))
    };
    condition.any(regions.iter().map(near).collect());
}

/// The square of the distance of two centres, and that of what both reach.
const NEAR: &str = "(a.sky_x - ?) * (a.sky_x - ?) + (a.sky_y - ?) * (a.sky_y - ?) \
     + (a.sky_z - ?) * (a.sky_z - ?) <= (a.sky_reach + ?) * (a.sky_reach + ?)";

#[cfg(test)]
mod tests {
    use domain::Facts;
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::db::{Db, sql};

    fn shape(ra: f64, dec: f64, radius: f64) -> Shape {
        let facts = Facts {
            s_ra: Some(ra),
            s_dec: Some(dec),
            s_fov: Some(radius * 2.0),
            ..Facts::default()
        };
        Shape::of(&facts).unwrap()
    }

    /// Whether the database lets what lies there through.
    async fn passes(db: &Db, place: Place, regions: &[&str]) -> bool {
        let Place { x, y, z, reach } = place;
        let regions: Vec<_> = regions.iter().map(|r| Region::parse(r).unwrap()).collect();
        let mut condition = Condition::behind([x, y, z, reach].map(Value::from).to_vec());
        sieve(&mut condition, &regions);
        let (condition, values) = condition.finish();
        let text = format!(
            "select 1 from (select $1 as sky_x, $2 as sky_y, $3 as sky_z, $4 as sky_reach) as a \
             where {condition}"
        );
        let row = db.read().query_one_raw(sql(db.read(), text, values)).await;
        row.unwrap().is_some()
    }

    #[tokio::test]
    async fn what_touches_a_region_passes_and_what_is_a_little_farther_off_does_not() {
        let db = Db::connect("sqlite::memory:").await.unwrap();
        for (ra, dec) in [
            (0.0, 0.0),
            (83.6, 22.0),
            (359.99, -69.7),
            (10.0, 90.0),
            (200.0, -90.0),
        ] {
            for radius in [0.0, 0.001, 0.1, 2.0, 30.0] {
                let region = format!("CIRCLE {ra} {dec} 0.1");
                let away = if dec > 0.0 { -1.0 } else { 1.0 };
                let at = |apart: f64| Place::of(Some(&shape(ra, dec + away * apart, radius)));
                let touching = at(0.1 + radius);
                assert!(
                    passes(&db, touching, &[&region]).await,
                    "{region}: {radius}"
                );
                // A minute of arc, and what the chords are longer than their sum's.
                let beyond = at(0.1 + radius + 0.017 + radius * radius / 1000.0);
                assert!(!passes(&db, beyond, &[&region]).await, "{region}: {radius}");
            }
        }
    }

    #[tokio::test]
    async fn what_may_lie_anywhere_passes_everywhere() {
        let db = Db::connect("sqlite::memory:").await.unwrap();
        for place in [Place::of(None), Place::of(Some(&shape(10.0, 10.0, 180.0)))] {
            for region in ["CIRCLE 10 10 0", "CIRCLE 190 -10 0", "CIRCLE 100 89 0"] {
                assert!(passes(&db, place, &[region]).await, "{region}");
            }
        }
    }

    #[tokio::test]
    async fn one_of_several_regions_is_enough_and_very_many_are_not_told_apart() {
        let db = Db::connect("sqlite::memory:").await.unwrap();
        let place = Place::of(Some(&shape(10.0, 10.0, 0.0)));
        let far = "CIRCLE 100 10 1";
        for (regions, passing) in [
            (vec![far, "CIRCLE 10 10 1"], true),
            (vec![far, "CIRCLE 200 10 1"], false),
            (vec![far; MOST_REGIONS + 1], true),
        ] {
            let told = passes(&db, place, &regions).await;
            assert_eq!(told, passing, "{regions:?}");
        }
    }
}
