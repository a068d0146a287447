//! Reading JSON bodies field by field, so that what is wrong is named by its path
//! (`channels[1].url`) and what is unknown by the likely meant one.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use domain::filter::nearest;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Longest piece of somebody's text repeated in a message, characters.
const SHOWN: usize = 60;

/// A request's body as JSON of any shape.
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let bytes: Result<Bytes, BytesRejection> = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Error::invalid("body", error.body_text()))?;
        let json = serde_json::from_slice(&bytes)
            .map_err(|error| Error::invalid("body", format!("it takes JSON ({error})")))?;
        Ok(Body(json))
    }
}

/// The fields of one JSON object, none of them unknown.
pub(super) struct Fields {
    at: String,
    fields: Map<String, Value>,
}

impl Fields {
    /// The fields of the object at a path; the path of a whole body is empty.
    ///
    /// # Errors
    /// When it is no object, or has a field that is none of `known`.
    pub(super) fn of(json: Value, at: &str, known: &[&str]) -> Result<Fields> {
        let Value::Object(fields) = json else {
            let field = if at.is_empty() { "body" } else { at };
            return Err(wrong(field, &json, "an object"));
        };
        let fields = Fields {
            at: at.to_owned(),
            fields,
        };
        let stranger = fields
            .fields
            .keys()
            .find(|name| !known.contains(&name.as_str()));
        match stranger {
            None => Ok(fields),
            Some(name) => Err(Error::meant(
                fields.path(&shown(name)),
                format!("unknown; it takes {}", known.join(", ")),
                nearest(name, known.iter().copied()),
            )),
        }
    }

    /// The path of one of the fields.
    pub(super) fn path(&self, name: &str) -> String {
        match self.at.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.at),
        }
    }

    /// A field's value; none when it is not there. A null is there.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    /// A field that has to be there.
    ///
    /// # Errors
    /// Naming it and what it takes.
    pub(super) fn need(&mut self, name: &str, takes: &str) -> Result<Value> {
        let missing = || Error::invalid(self.path(name), format!("missing; it takes {takes}"));
        self.fields.get(name).cloned().ok_or_else(missing)
    }
}

/// An error about a value that was not understood.
pub(super) fn wrong(field: &str, got: &Value, takes: &str) -> Error {
    let got = shown(&got.to_string());
    Error::invalid(field, format!("{got} is not what it takes: {takes}"))
}

/// Text.
pub(super) fn text(field: &str, json: &Value, takes: &str) -> Result<String> {
    let text = json.as_str().ok_or_else(|| wrong(field, json, takes))?;
    Ok(text.to_owned())
}

/// A whole number in bounds.
pub(super) fn number(field: &str, json: &Value, least: u32, most: u32) -> Result<u32> {
    let number = json.as_u64().and_then(|number| u32::try_from(number).ok());
    let takes = || {
        wrong(
            field,
            json,
            &format!("a whole number from {least} to {most}"),
        )
    };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(takes)
}

/// True or false.
pub(super) fn flag(field: &str, json: &Value) -> Result<bool> {
    json.as_bool()
        .ok_or_else(|| wrong(field, json, "true or false"))
}

/// One word of a list, named by what it stands for.
pub(super) fn word<T: Copy>(field: &str, json: &Value, known: &[(&str, T)]) -> Result<T> {
    let found = json
        .as_str()
        .and_then(|word| known.iter().find(|(name, _)| *name == word));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let meant = json
            .as_str()
            .and_then(|word| nearest(word, names.iter().copied()));
        let got = shown(&json.to_string());
        let reason = format!("{got} is none of what it takes: {}", names.join(", "));
        Error::meant(field, reason, meant)
    })
}

/// The members of a list, with their paths.
pub(super) fn list(field: &str, json: Value, takes: &str) -> Result<Vec<(String, Value)>> {
    let Value::Array(members) = json else {
        return Err(wrong(field, &json, takes));
    };
    let with_path = |(at, member)| (format!("{field}[{at}]"), member);
    Ok(members.into_iter().enumerate().map(with_path).collect())
}

fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}
