//! From query pairs and JSON to a filter.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::canonical::canonical;
use super::compile::compile;
use super::{ActivityFilter, Aliases, Context, FilterError, Key, MAX_BYTES, MAX_VALUES, visible};

/// Bytes of one value that is not a region.
const LONGEST: usize = 500;

type Result<T> = std::result::Result<T, FilterError>;

impl ActivityFilter {
    /// Reads the pairs of a query string. Pairs that are not of the filter (`limit`, `sort`) are
    /// the caller's to take out before: here they are unknown keys.
    pub fn from_pairs<K, V>(
        pairs: impl IntoIterator<Item = (K, V)>,
        context: Context,
        aliases: &dyn Aliases,
    ) -> Result<Self>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut reader = Reader::new(context);
        for (key, value) in pairs {
            let key = reader.key(key.as_ref())?;
            reader.take(key, value.as_ref())?;
        }
        reader.finish(aliases)
    }

    /// Reads a JSON object whose values are strings, numbers, or lists of them. An empty list asks
    /// nothing.
    pub fn from_json(json: &Value, context: Context, aliases: &dyn Aliases) -> Result<Self> {
        let Value::Object(entries) = json else {
            let takes = "a JSON object of keys and values";
            return Err(FilterError::whole(&json.to_string(), takes));
        };
        let mut reader = Reader::new(context);
        for (name, value) in entries {
            let key = reader.key(name)?;
            match value {
                Value::Array(values) => {
                    for value in values {
                        reader.take(key, &plain(key, value)?)?;
                    }
                }
                value => reader.take(key, &plain(key, value)?)?,
            }
        }
        reader.finish(aliases)
    }
}

fn plain(key: Key, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => {
            let takes = "text, or a list of texts";
            Err(FilterError::value(key, &other.to_string(), takes))
        }
    }
}

/// Collects the values of each key, within bounds.
struct Reader {
    context: Context,
    given: BTreeMap<Key, Vec<String>>,
    bytes: usize,
}

impl Reader {
    fn new(context: Context) -> Self {
        Reader {
            context,
            given: BTreeMap::new(),
            bytes: 0,
        }
    }

    fn key(&self, name: &str) -> Result<Key> {
        let Ok(key) = Key::from_str(name) else {
            let known: Vec<&str> = self.keys().map(Key::as_str).collect();
            return Err(FilterError::unknown(name, &known));
        };
        if self.keys().any(|allowed| allowed == key) {
            return Ok(key);
        }
        let why = match self.context {
            Context::Subscription => "has no place in a subscription's filter: name its `events`",
            _ => "is for live streams, lists of events and `watch` only",
        };
        Err(FilterError::misplaced(name, why))
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let events = self.context == Context::Live;
        Key::ALL
            .iter()
            .copied()
            .filter(move |key| events || *key != Key::Event)
    }

    fn take(&mut self, key: Key, value: &str) -> Result<()> {
        let value = value.trim();
        if key != Key::Pos && value.len() > LONGEST {
            let takes = format!("values of at most {LONGEST} bytes");
            return Err(FilterError::amount(key.as_str(), value, takes));
        }
        self.bytes = self.bytes.saturating_add(value.len());
        if self.bytes > MAX_BYTES {
            let takes = format!("values of at most {MAX_BYTES} bytes altogether");
            return Err(FilterError::amount("filter", value, takes));
        }
        let values = self.given.entry(key).or_default();
        if values.iter().any(|known| known == value) {
            return Ok(());
        }
        if values.len() >= MAX_VALUES {
            let takes = format!("at most {MAX_VALUES} values");
            return Err(FilterError::amount(key.as_str(), value, takes));
        }
        values.push(value.to_owned());
        Ok(())
    }

    fn finish(self, aliases: &dyn Aliases) -> Result<ActivityFilter> {
        let mut filter = ActivityFilter::default();
        for (key, values) in &self.given {
            for value in values {
                compile(&mut filter, *key, value, aliases)?;
            }
        }
        filter.visible = visible::read(&self.given)?;
        filter.given = self.given;
        filter.canonical = canonical(&filter);
        Ok(filter)
    }
}
