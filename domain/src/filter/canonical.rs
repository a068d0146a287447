//! The meaning of a filter as one text.

use std::collections::BTreeMap;

use super::{ActivityFilter, Key};

/// The parts, each sorted and without repeats, as JSON: no value can pass for two.
pub(super) fn canonical(filter: &ActivityFilter) -> String {
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
    if let Some(visible) = &filter.visible {
        put(Key::VisibleFrom, texts(&visible.places));
        put(Key::MinAlt, texts(&[visible.min_alt]));
        put(
            Key::SunBelow,
            visible.sun_below.iter().map(f64::to_string).collect(),
        );
        put(Key::VisibleWhen, texts(&visible.when));
    }
    put(Key::Event, texts(&filter.event));
    if parts.is_empty() {
        return String::new();
    }
    serde_json::json!(parts).to_string()
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}
