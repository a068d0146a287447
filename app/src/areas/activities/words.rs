//! The words an activity is found by: one row a word, its kinds as bits.

use std::collections::BTreeMap;

use domain::keys::Keys;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::row::Written;
use crate::db::{rows as rows_of, sql};

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
    let (mut fresh, mut added) = (Vec::new(), Vec::new());
    for written in rows {
        let id = written.row.activity.id;
        let words = of(written.keys);
        let Some(before) = written.before else {
            fresh.extend(words.into_iter().map(|(word, kinds)| (word, id, kinds)));
            continue;
        };
        // The clock changes no words.
        if before.facts == written.row.activity.facts {
            continue;
        }
        let old = of(&Keys::of(before));
        for word in old.keys().filter(|word| !words.contains_key(*word)) {
            let text = "delete from activity_words where word = $1 and activity_id = $2";
            db.execute_raw(sql(db, text, vec![word.as_str().into(), id.into()]))
                .await?;
        }
        let differing = words
            .into_iter()
            .filter(|(word, kinds)| old.get(word) != Some(kinds));
        added.extend(differing.map(|(word, kinds)| (word, id, kinds)));
    }
    insert(db, fresh, "").await?;
    let again = "on conflict (word, activity_id) do update set kinds = excluded.kinds";
    insert(db, added, again).await
}

async fn insert(
    db: &impl ConnectionTrait,
    mut words: Vec<(String, Uuid, i32)>,
    again: &str,
) -> Result<(), DbErr> {
    // In the order of the table: neighbours are written together, and all writers lock alike.
    words.sort_unstable();
    let columns = ["word", "activity_id", "kinds"];
    for chunk in words.chunks(CHUNK) {
        let values = chunk
            .iter()
            .flat_map(|(word, id, kinds)| [word.as_str().into(), (*id).into(), (*kinds).into()])
            .collect();
        let (rows, values) = rows_of(db, "activity_words", &columns, values);
        let text = format!(
            "insert into activity_words ({}) {rows} {again}",
            columns.join(", ")
        );
        db.execute_raw(sql(db, text, values)).await?;
    }
    Ok(())
}
