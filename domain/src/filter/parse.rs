//! From query pairs and JSON to a filter.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::key::LATER;
use super::{
    ActivityFilter, Aliases, Context, FilterError, Key, MAX_BYTES, MAX_VALUES, Pattern, TimeSpec,
    pattern,
};
use crate::activity::{Basis, Category, Intent, Role, Status, TrackingType};
use crate::event::EventKind;
use crate::fold::fold;
use crate::sky::Region;

/// Bands of the spectrum, as upstreams' records name them here.
pub(super) const BANDS: &[&str] = &[
    "Radio",
    "Millimeter",
    "Infrared",
    "Optical",
    "UV",
    "EUV",
    "X-ray",
    "Gamma-ray",
];

/// Bytes of one value that is not a region.
const LONGEST: usize = 500;

type Result<T> = std::result::Result<T, FilterError>;

/// The filter without keys.
pub(super) fn everything() -> ActivityFilter {
    let mut filter = ActivityFilter {
        source: Vec::new(),
        status: Vec::new(),
        basis: Vec::new(),
        intent: Vec::new(),
        role: Vec::new(),
        tracking: Vec::new(),
        category: Vec::new(),
        target_class: Vec::new(),
        band: Vec::new(),
        site: Vec::new(),
        class: Vec::new(),
        facility: Vec::new(),
        instrument: Vec::new(),
        proposal: Vec::new(),
        target: Vec::new(),
        pi: Vec::new(),
        text: Vec::new(),
        pos: Vec::new(),
        from: Vec::new(),
        to: Vec::new(),
        at: Vec::new(),
        min_exptime: Vec::new(),
        event: Vec::new(),
        given: BTreeMap::new(),
        canonical: String::new(),
    };
    filter.canonical = canonical(&filter);
    filter
}

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
            return Err(FilterError::new("filter", &json.to_string(), takes));
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
            Err(FilterError::new(key.as_str(), &other.to_string(), takes))
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
        if LATER.contains(&name) {
            let takes = "nothing yet: it is not available yet";
            return Err(FilterError::new(name, name, takes));
        }
        let Ok(key) = Key::from_str(name) else {
            let known: Vec<&str> = self.keys().map(Key::as_str).collect();
            let takes = format!("the keys {}", known.join(", "));
            return Err(FilterError::new("filter", name, takes).likely(known));
        };
        if self.keys().any(|allowed| allowed == key) {
            return Ok(key);
        }
        let takes = match self.context {
            Context::Subscription => {
                "no place in a subscription's filter: name its `events` beside it"
            }
            _ => "a place on live streams, lists of events and `watch` only",
        };
        Err(FilterError::new(name, name, takes))
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
            return Err(FilterError::new(key.as_str(), value, takes));
        }
        self.bytes = self.bytes.saturating_add(value.len());
        if self.bytes > MAX_BYTES {
            let takes = format!("values of at most {MAX_BYTES} bytes altogether");
            return Err(FilterError::new("filter", value, takes));
        }
        let values = self.given.entry(key).or_default();
        if values.iter().any(|known| known == value) {
            return Ok(());
        }
        if values.len() >= MAX_VALUES {
            let takes = format!("at most {MAX_VALUES} values");
            return Err(FilterError::new(key.as_str(), value, takes));
        }
        values.push(value.to_owned());
        Ok(())
    }

    fn finish(self, aliases: &dyn Aliases) -> Result<ActivityFilter> {
        let mut filter = everything();
        for (key, values) in &self.given {
            for value in values {
                compile(&mut filter, *key, value, aliases)?;
            }
        }
        filter.given = self.given;
        filter.canonical = canonical(&filter);
        Ok(filter)
    }
}

fn compile(
    filter: &mut ActivityFilter,
    key: Key,
    value: &str,
    aliases: &dyn Aliases,
) -> Result<()> {
    match key {
        Key::Source => filter
            .source
            .push(free(key, value, "the name of a source")?),
        Key::TargetClass => filter
            .target_class
            .push(free(key, value, "a class of target")?),
        Key::Site => filter.site.push(free(key, value, "the key of a site")?),
        Key::Status => filter
            .status
            .push(word(key, value, spelled(Status::ALL, Status::as_str))?),
        Key::Basis => filter
            .basis
            .push(word(key, value, spelled(Basis::ALL, Basis::as_str))?),
        Key::Intent => {
            let mut known = spelled(Intent::ALL, Intent::as_str);
            known.push("null");
            filter.intent.push(word(key, value, known)?);
        }
        Key::Role => filter
            .role
            .push(word(key, value, spelled(Role::ALL, Role::as_str))?),
        Key::Tracking => {
            let known = spelled(TrackingType::ALL, TrackingType::as_str);
            filter.tracking.push(word(key, value, known)?);
        }
        Key::Category => {
            let known = spelled(Category::ALL, Category::as_str);
            filter.category.push(word(key, value, known)?);
        }
        Key::Band => filter.band.push(word(key, value, BANDS.to_vec())?),
        Key::Class => {
            let class = word(key, value, vec!["ground", "space"])?;
            filter.class.push(class == "ground");
        }
        Key::Event => {
            let known = spelled(EventKind::ALL, EventKind::as_str);
            let event = word(key, value, known.clone())?;
            let parsed = EventKind::from_str(&event);
            filter
                .event
                .push(parsed.map_err(|_| FilterError::new(key.as_str(), value, known.join(", ")))?);
        }
        Key::Facility => filter.facility.extend(facilities(value, aliases)?),
        Key::Instrument => {
            let takes = "the name or mode of an instrument, its beginning with `*`";
            filter
                .instrument
                .extend(some(key, value, takes, pattern::names(value))?);
        }
        Key::Proposal => {
            let takes =
                "a programme (4501), with its collection (JWST/4501), or its beginning with `*`";
            filter
                .proposal
                .extend(some(key, value, takes, pattern::proposals(value))?);
        }
        Key::Target => {
            let takes = "the name of a target, or its beginning with `*`";
            filter
                .target
                .extend(some(key, value, takes, pattern::targets(value))?);
        }
        Key::Pi => {
            let words = pattern::all_words(value).into_iter().collect();
            filter.pi.extend(some(
                key,
                value,
                "words of a name, their beginnings with `*`",
                words,
            )?);
        }
        Key::Text => {
            let takes = "words, their beginnings with `*`";
            filter
                .text
                .extend(some(key, value, takes, pattern::texts(value))?);
        }
        Key::Pos => filter.pos.push(region(value)?),
        Key::From => filter.from.push(time(key, value)?),
        Key::To => filter.to.push(time(key, value)?),
        Key::At => filter.at.push(time(key, value)?),
        Key::MinExptime => filter.min_exptime.push(seconds(key, value)?),
    }
    Ok(())
}

fn spelled<T: Copy>(all: &[T], as_str: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|word| as_str(*word)).collect()
}

fn free(key: Key, value: &str, takes: &str) -> Result<String> {
    let folded = fold(value);
    if folded.is_empty() {
        return Err(FilterError::new(key.as_str(), value, takes));
    }
    Ok(folded)
}

fn word(key: Key, value: &str, known: Vec<&'static str>) -> Result<String> {
    let folded = fold(value);
    if known.iter().any(|word| fold(word) == folded) {
        return Ok(folded);
    }
    Err(FilterError::new(key.as_str(), value, known.join(", ")).likely(known))
}

fn some<T>(key: Key, value: &str, takes: &str, found: Vec<T>) -> Result<Vec<T>> {
    if found.is_empty() {
        return Err(FilterError::new(key.as_str(), value, takes));
    }
    Ok(found)
}

fn facilities(value: &str, aliases: &dyn Aliases) -> Result<Vec<Pattern>> {
    let takes = "a telescope or spacecraft, or the beginning of its name with `*`";
    let mut found = some(Key::Facility, value, takes, pattern::names(value))?;
    let mut others: Vec<Pattern> = Vec::new();
    for pattern in &found {
        let names = match pattern {
            Pattern::Is(name) => aliases.facility(name),
            Pattern::Starts(beginning) => aliases.facility_prefix(beginning),
        };
        others.extend(names.into_iter().map(Pattern::Is));
    }
    if let ([Pattern::Is(name)], true) = (found.as_slice(), others.is_empty()) {
        let known = aliases.known_facilities();
        if !known.is_empty() && !known.contains(name) {
            let error = FilterError::new(Key::Facility.as_str(), value, takes);
            return Err(error.likely(known.iter().map(String::as_str)));
        }
    }
    found.append(&mut others);
    found.sort();
    found.dedup();
    Ok(found)
}

fn region(value: &str) -> Result<Region> {
    Region::parse(value).map_err(|reason| {
        let takes = format!(
            "CIRCLE ra dec r, POLYGON ra1 dec1 ra2 dec2 ra3 dec3 … or RANGE ra1 ra2 dec1 dec2, ICRS degrees ({reason})"
        );
        let error = FilterError::new(Key::Pos.as_str(), value, takes);
        let shape = value.split_whitespace().next().unwrap_or_default();
        let meant = super::suggest::nearest(shape, ["CIRCLE", "POLYGON", "RANGE"]);
        let slip = meant.filter(|meant| !meant.eq_ignore_ascii_case(shape));
        FilterError { meant: slip, ..error }
    })
}

fn time(key: Key, value: &str) -> Result<TimeSpec> {
    TimeSpec::parse(value).ok_or_else(|| FilterError::new(key.as_str(), value, TimeSpec::TAKES))
}

fn seconds(key: Key, value: &str) -> Result<f64> {
    let parsed: Option<f64> = value.parse().ok();
    parsed
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        .map(f64::abs)
        .ok_or_else(|| FilterError::new(key.as_str(), value, "seconds, such as 300"))
}

/// The parts, each sorted and without repeats, as JSON: no value can pass for two.
fn canonical(filter: &ActivityFilter) -> String {
    let mut parts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut put = |key: Key, mut values: Vec<String>| {
        values.sort();
        values.dedup();
        if !values.is_empty() {
            parts.insert(key.as_str(), values);
        }
    };
    put(Key::Source, filter.source.clone());
    put(Key::Status, filter.status.clone());
    put(Key::Basis, filter.basis.clone());
    put(Key::Intent, filter.intent.clone());
    put(Key::Role, filter.role.clone());
    put(Key::Tracking, filter.tracking.clone());
    put(Key::Category, filter.category.clone());
    put(Key::TargetClass, filter.target_class.clone());
    put(Key::Band, filter.band.clone());
    put(Key::Site, filter.site.clone());
    put(Key::Class, texts(&filter.class));
    put(Key::Facility, texts(&filter.facility));
    put(Key::Instrument, texts(&filter.instrument));
    put(Key::Proposal, texts(&filter.proposal));
    put(Key::Target, texts(&filter.target));
    put(
        Key::Pi,
        filter
            .pi
            .iter()
            .map(|words| texts(words).join(" "))
            .collect(),
    );
    put(
        Key::Text,
        filter
            .text
            .iter()
            .map(|words| texts(words).join(" "))
            .collect(),
    );
    put(Key::Pos, texts(&filter.pos));
    put(Key::From, texts(&filter.from));
    put(Key::To, texts(&filter.to));
    put(Key::At, texts(&filter.at));
    put(Key::MinExptime, texts(&filter.min_exptime));
    put(Key::Event, texts(&filter.event));
    serde_json::json!(parts).to_string()
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}
