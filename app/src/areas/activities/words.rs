//! The words an activity is found by: one row a word, its kinds as bits.

use std::collections::BTreeMap;

use domain::keys::Keys;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::row::Written;
use crate::db::{placeholders, sql};

/// What a word is a word of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Kind {
    /// The principal investigator's name.
    Pi = 1,
    /// Anything `text` looks at.
    Text = 2,
    /// A telescope, whole.
    Facility = 4,
    /// An instrument or a mode, whole.
    Instrument = 8,
    /// A band, whole.
    Band = 16,
}

/// Words and their kinds.
pub type Words = BTreeMap<String, i32>;

/// Longest word kept. Longer ones cannot be told apart behind this.
const LONGEST: usize = 200;
/// Rows of one statement.
const CHUNK: usize = 2000;

/// The words of an activity.
#[must_use]
pub fn of(keys: &Keys) -> Words {
    let mut all = Words::new();
    let mut add = |kind: Kind, word: &str| {
        if !word.is_empty() {
            *all.entry(shortened(word)).or_default() |= kind as i32;
        }
    };
    keys.pi.iter().for_each(|word| add(Kind::Pi, word));
    keys.text.iter().for_each(|word| add(Kind::Text, word));
    keys.facility
        .iter()
        .for_each(|name| add(Kind::Facility, name));
    keys.instrument
        .iter()
        .for_each(|name| add(Kind::Instrument, name));
    keys.band.iter().for_each(|name| add(Kind::Band, name));
    all
}

/// A word as it is kept.
#[must_use]
pub fn shortened(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

/// Writes the words that differ from those a row had.
///
/// # Errors
/// Those of the database.
pub(super) async fn write(db: &impl ConnectionTrait, rows: &[Written<'_>]) -> Result<(), DbErr> {
    let mut added: Vec<(String, Uuid, i32)> = Vec::new();
    for written in rows {
        let activity = &written.row.activity;
        // The clock changes no words.
        if written
            .before
            .is_some_and(|before| before.facts == activity.facts)
        {
            continue;
        }
        let id = activity.id;
        let words = of(written.keys);
        let old = written.before.map(|before| of(&Keys::of(before)));
        let old = old.as_ref();
        for word in old
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|w| !words.contains_key(*w))
        {
            let text = "delete from activity_words where word = $1 and activity_id = $2";
            db.execute_raw(sql(db, text, vec![word.as_str().into(), id.into()]))
                .await?;
        }
        for (word, kinds) in words {
            if old.and_then(|old| old.get(&word)) != Some(&kinds) {
                added.push((word, id, kinds));
            }
        }
    }
    // In the order of the table: neighbours are written together, and all writers lock alike.
    added.sort_unstable();
    for chunk in added.chunks(CHUNK) {
        let text = format!(
            "insert into activity_words (word, activity_id, kinds) values {} \
             on conflict (word, activity_id) do update set kinds = excluded.kinds",
            placeholders(chunk.len(), 3, 1)
        );
        let values = chunk
            .iter()
            .flat_map(|(word, id, kinds)| [word.as_str().into(), (*id).into(), (*kinds).into()])
            .collect();
        db.execute_raw(sql(db, text, values)).await?;
    }
    Ok(())
}
