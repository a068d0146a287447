//! Activities found by what is rare about them: a name, a small region, a word.

use chrono::{DateTime, TimeDelta, Utc};
use domain::filter::{ActivityFilter, Pattern};
use sea_orm::{ConnectionTrait, DbBackend};

use super::{Recent, Span, forget_words, lasting, read};
use crate::areas::activities::by_sky::{arrays, json};
use crate::areas::activities::condition::Condition;
use crate::areas::activities::sky_index::{Cells, When};
use crate::areas::activities::words::shortened;
use crate::db::sql;

/// Most activities found by an index before looking at everything recent is no worse.
const MOST: usize = 20_000;
/// Names and words that stand for more activities than this find nothing in particular.
const RARE: i64 = 5_000;
/// Regions that are a larger part of the sky than this find nothing in particular.
const SMALL: f64 = 0.05;
/// How long before a look back something may have begun that was told of in it.
const REACH: TimeDelta = TimeDelta::days(60);

/// All activities with an event in the span that may pass, newest event first, found by what is rare
/// about them. None when nothing is, or when that finds too many.
///
/// # Errors
/// Those of the database.
pub async fn by_what_is_rare(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
    span: Span,
) -> anyhow::Result<Option<Vec<Recent>>> {
    let Some((narrow, found_by)) = rare(db, filter).await? else {
        return Ok(None);
    };
    // A plus keeps SQLite from walking everything recent instead.
    let recent = |condition: &mut Condition, now| {
        condition.filter(&narrow, now);
        condition.and("+a.seq > ?", [span.seq.into()]);
    };
    let limit = MOST + 1;
    let (text, values) = if found_by == By::Name {
        let mut condition = Condition::default();
        recent(&mut condition, span.since);
        let (condition, values) = condition.finish();
        let text = format!("select a.id, a.seq from activities a where {condition} limit {limit}");
        (text, values)
    } else {
        let first = span.since.checked_sub_signed(REACH).unwrap_or(span.since);
        let window = When::Between(first, latest_start(db).await?.unwrap_or(span.since));
        let cells = Cells::of(&filter.pos);
        let mut all = cells.stretches(window);
        all.extend(cells.stretches(When::Timeless));
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        let bounds = match sqlite {
            true => vec![json(&all)],
            false => arrays(&all),
        };
        let mut condition = Condition::behind(bounds);
        recent(&mut condition, span.since);
        let (condition, values) = condition.finish();
        (by_sky(sqlite, &condition, limit), values)
    };
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    if rows.len() > MOST {
        return Ok(None);
    }
    let mut found: Vec<Recent> = rows.iter().map(read).collect::<anyhow::Result<_>>()?;
    found.sort_unstable_by_key(|one| std::cmp::Reverse(one.seq));
    found.dedup();
    Ok(Some(found))
}

fn by_sky(sqlite: bool, condition: &str, limit: usize) -> String {
    if sqlite {
        return format!(
            "select a.id, a.seq from json_each($1) as r cross join activities as a \
             indexed by activities_by_place \
             where a.sky_key >= json_extract(r.value, '$[0]') \
             and a.sky_key <= json_extract(r.value, '$[1]') and {condition} limit {limit}"
        );
    }
    // `offset 0` keeps the planner from walking all activities instead.
    format!(
        "select c.id, c.seq from unnest($1, $2) as r(lo, hi) cross join lateral \
         (select a.id, a.seq from activities a \
          where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} offset 0) as c \
         limit {limit}"
    )
}

/// What finds few activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    Place,
}

async fn latest_start(db: &impl ConnectionTrait) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text = "select t_min from activities where t_min is not null order by t_min desc limit 1";
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    Ok(row.map(|row| row.try_get("", "t_min")).transpose()?)
}

/// What of a filter finds few activities by an index, if anything does.
async fn rare(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
) -> anyhow::Result<Option<(ActivityFilter, By)>> {
    let mut narrow = lasting(filter);
    forget_words(&mut narrow);
    let (mut targets, mut proposals) = (ActivityFilter::default(), ActivityFilter::default());
    targets.target.clone_from(&filter.target);
    proposals.proposal.clone_from(&filter.proposal);
    let named = is_rare_name(db, &targets).await? || is_rare_name(db, &proposals).await?;
    if named {
        return Ok(Some((narrow, By::Name)));
    }
    if !filter.pos.is_empty() && Cells::of(&filter.pos).part_of_the_sky() <= SMALL {
        return Ok(Some((narrow, By::Place)));
    }
    if is_rare(db, &filter.pi).await? {
        narrow.pi.clone_from(&filter.pi);
        return Ok(Some((narrow, By::Name)));
    }
    if is_rare(db, &filter.text).await? {
        narrow.text.clone_from(&filter.text);
        return Ok(Some((narrow, By::Name)));
    }
    Ok(None)
}

/// Whether there are names to look for, and few activities have one of them.
async fn is_rare_name(db: &impl ConnectionTrait, names: &ActivityFilter) -> anyhow::Result<bool> {
    if names.target.is_empty() && names.proposal.is_empty() {
        return Ok(false);
    }
    let mut condition = Condition::default();
    condition.filter(names, DateTime::<Utc>::UNIX_EPOCH);
    let (condition, values) = condition.finish();
    let text = format!(
        "select count(*) as n from (select 1 as one from activities a where {condition} limit {}) x",
        RARE + 1
    );
    let row = db.query_one_raw(sql(db, text, values)).await?;
    let count: i64 = row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or(0);
    Ok(count <= RARE)
}

/// Whether there are words to look for, and each alternative has one that few activities have.
async fn is_rare(db: &impl ConnectionTrait, wanted: &[Vec<Pattern>]) -> anyhow::Result<bool> {
    for words in wanted {
        let mut least = RARE + 1;
        for word in words {
            least = least.min(count(db, word).await?);
        }
        if least > RARE {
            return Ok(false);
        }
    }
    Ok(!wanted.is_empty())
}

/// How many activities have a word; no more than is needed to know that they are many.
async fn count(db: &impl ConnectionTrait, word: &Pattern) -> anyhow::Result<i64> {
    // A beginning is as rare as the words that have it, which nobody has counted.
    let Pattern::Is(word) = word else {
        return Ok(RARE + 1);
    };
    let text = format!(
        "select count(*) as n from (select 1 as one from activity_words where word = $1 limit {}) w",
        RARE + 1
    );
    let row = db
        .query_one_raw(sql(db, text, vec![shortened(word).into()]))
        .await?;
    Ok(row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or(0))
}
