//! The parts a search is done in, in the order of its list: a full page ends the work.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::condition::window;
use super::event_log;
use super::search::{Query, Sort};
use super::sky_index::{Cells, When, bucket_start};
use crate::db::sql;

/// Windows longer than this are walked in pieces, so that a full page ends the work.
const ONE_PIECE: TimeDelta = TimeDelta::days(128);
/// Length of the first piece; each further one is twice as long.
const FIRST_PIECE: TimeDelta = TimeDelta::days(64);
/// Regions that are at least this part of the sky are searched bucket by bucket: what lies in them
/// in a month is more than a page.
const LARGE: f64 = 0.002;

/// A part of the list, in the order of the list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    /// Everything with a start, by index of starts.
    Timed,
    /// Everything without.
    Timeless,
    /// By place, of these times.
    Sky(When),
    /// By place, of all times.
    WholeSky(DateTime<Utc>, DateTime<Utc>),
    /// Everything, by event.
    Events,
}

/// The parts of a search.
///
/// # Errors
/// Those of the database.
pub(super) async fn pieces(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    cells: &Cells<'_>,
) -> anyhow::Result<Vec<Piece>> {
    let (from, to) = window(query.filter, query.now);
    let any_time = from.is_none() && to.is_none();
    if query.filter.pos.is_empty() {
        let by_start = [Some(Piece::Timed), any_time.then_some(Piece::Timeless)];
        return Ok(match query.sort {
            Sort::Seq => vec![Piece::Events],
            _ => by_start.into_iter().flatten().collect(),
        });
    }
    let mut pieces = Vec::new();
    if let (Some(from), Some(to)) = (from, to)
        && to - from <= ONE_PIECE
    {
        let whole = When::Between(from, to);
        let large = cells.part_of_the_sky() >= LARGE;
        match in_two(from, to, query.sort).filter(|_| large) {
            Some(parts) => pieces.extend(parts.map(Piece::Sky)),
            None => pieces.push(Piece::Sky(whole)),
        }
    } else if let Some((first, end)) = extremes(db).await? {
        let reach = event_log::longest(db).await?;
        let from = from.and_then(|from| from.checked_sub_signed(reach));
        let first = from.map_or(first, |from| from.max(first));
        let end = to.map_or(end, |to| to.min(end));
        if query.sort == Sort::Seq {
            return Ok(vec![Piece::WholeSky(first, end)]);
        }
        pieces.extend(walk(first, end, query.sort).map(Piece::Sky));
    } else if query.sort == Sort::Seq {
        return Ok(vec![Piece::WholeSky(query.now, query.now)]);
    }
    if any_time {
        pieces.push(Piece::Sky(When::Timeless));
    }
    Ok(pieces)
}

/// First and last start of anything.
async fn extremes(
    db: &impl ConnectionTrait,
) -> anyhow::Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    let one = async |order: &str| -> anyhow::Result<Option<DateTime<Utc>>> {
        let text = format!(
            "select t_min from activities where t_min is not null order by t_min {order} limit 1"
        );
        let row = db.query_one_raw(sql(db, text, vec![])).await?;
        Ok(row.map(|row| row.try_get("", "t_min")).transpose()?)
    };
    Ok(one("asc").await?.zip(one("desc").await?))
}

/// A window in two, from the end the list begins at, parted where a bucket of the index begins.
fn in_two(from: DateTime<Utc>, to: DateTime<Utc>, sort: Sort) -> Option<[When; 2]> {
    let start = bucket_start(to).filter(|start| *start > from)?;
    let before = start.checked_sub_signed(TimeDelta::microseconds(1))?;
    let (early, late) = (When::Between(from, before), When::Starting(start, to));
    match sort {
        Sort::NewestStart => Some([late, early]),
        Sort::OldestStart => Some([early, late]),
        Sort::Seq => None,
    }
}

/// The stretch `first..=end` in growing pieces, from the end the list begins at.
fn walk(first: DateTime<Utc>, end: DateTime<Utc>, sort: Sort) -> impl Iterator<Item = When> {
    let newest_first = sort != Sort::OldestStart;
    let mut at = if newest_first { end } else { first };
    let mut length = FIRST_PIECE;
    std::iter::from_fn(move || {
        if (newest_first && at < first) || (!newest_first && at > end) {
            return None;
        }
        let tick = TimeDelta::microseconds(1);
        let piece = if newest_first {
            let from = at.checked_sub_signed(length)?.max(first);
            let piece = (from, at);
            at = from.checked_sub_signed(tick)?;
            piece
        } else {
            let to = at.checked_add_signed(length)?.min(end);
            let piece = (at, to);
            at = to.checked_add_signed(tick)?;
            piece
        };
        length = length.checked_mul(2)?;
        Some(When::Starting(piece.0, piece.1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_whole_stretch_without_overlap() {
        let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap();
        for sort in [Sort::NewestStart, Sort::OldestStart] {
            let mut pieces: Vec<_> = walk(day(18_000), day(19_900), sort)
                .map(|when| match when {
                    When::Starting(from, to) => (from, to),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert!(pieces.len() < 8, "growing");
            pieces.sort();
            assert_eq!(pieces.first().map(|p| p.0), Some(day(18_000)));
            assert_eq!(pieces.last().map(|p| p.1), Some(day(19_900)));
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].1 + TimeDelta::microseconds(1), pair[1].0);
            }
        }
    }

    #[test]
    fn a_window_in_two_holds_each_start_once_in_the_order_of_the_list() {
        let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap();
        let (from, to) = (day(20_000), day(20_030));
        for sort in [Sort::NewestStart, Sort::OldestStart] {
            let parts = in_two(from, to, sort).unwrap();
            let mut parts = parts.map(|when| match when {
                When::Between(from, to) => (from, to, false),
                When::Starting(from, to) => (from, to, true),
                other => panic!("{other:?}"),
            });
            if sort == Sort::NewestStart {
                parts.reverse();
            }
            let [(first, middle, starts_before), (next, last, starts_later)] = parts;
            assert_eq!((first, last), (from, to));
            assert_eq!(middle + TimeDelta::microseconds(1), next);
            // What reaches into the window from before it is in the earlier part only.
            assert!(!starts_before && starts_later);
        }
        assert_eq!(in_two(from, from + TimeDelta::seconds(1), Sort::Seq), None);
    }
}
