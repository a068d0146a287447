//! `starboard asyncapi`: the live protocol (`docs/contract.md` section 7) as an AsyncAPI 3.0
//! document. Shapes it shares with the API are the OpenAPI document's own.

use domain::EventKind;
use domain::filter::Key;
use serde_json::{Map, Value, json};
use url::Url;

use crate::openapi;

/// The shapes an event is made of.
const SHARED: [&str; 5] = [
    "ActivityOut",
    "EnvelopeOut",
    "InstrumentOut",
    "LinkOut",
    "Problem",
];

/// The document of this version, for a server with this public address.
pub(super) fn document(public_url: &str) -> Value {
    let sent = [
        "open",
        "activity",
        "keepalive",
        "filterTaken",
        "reset",
        "error",
    ];
    let to = |messages: &[&str]| -> Vec<Value> {
        let here = |name: &&str| json!({ "$ref": format!("#/channels/live/messages/{name}") });
        messages.iter().map(here).collect()
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Starboard, live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the world's telescopes do, as it happens: text frames over a \
                WebSocket, one JSON object each. The same events come as Server-Sent Events from \
                /api/activities/stream, with their `seq` as `id`.",
        },
        "defaultContentType": "application/json",
        "servers": servers(public_url),
        "channels": { "live": live() },
        "operations": {
            "follow": {
                "action": "send",
                "channel": { "$ref": "#/channels/live" },
                "summary": "The server sends every event that passes the filter, in the order of \
                    `seq`, each once. A client that does not read is cut off with close code 1013 \
                    and resumes by `since`; 1001 means that the server is going down, 1009 that a \
                    client's frame was too large, 1008 that there were too many of them.",
                "messages": to(&sent),
            },
            "refilter": {
                "action": "receive",
                "channel": { "$ref": "#/channels/live" },
                "summary": "A client may change its filter, and send nothing else.",
                "messages": to(&["filter"]),
            },
        },
        "components": { "messages": messages(), "schemas": schemas() },
    })
}

fn servers(public_url: &str) -> Value {
    let url = Url::parse(public_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let port = url
        .as_ref()
        .and_then(Url::port)
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let protocol = match url.as_ref().map(Url::scheme) {
        Some("https") => "wss",
        _ => "ws",
    };
    json!({ "public": { "host": format!("{host}{port}"), "protocol": protocol } })
}

fn live() -> Value {
    let names = [
        "open",
        "activity",
        "keepalive",
        "filterTaken",
        "reset",
        "error",
        "filter",
    ];
    let messages: Map<String, Value> = names
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                json!({ "$ref": format!("#/components/messages/{name}") }),
            )
        })
        .collect();
    json!({
        "address": "/api/activities/live",
        "servers": [{ "$ref": "#/servers/public" }],
        "messages": messages,
        "bindings": { "ws": { "method": "GET", "query": query() } },
    })
}

/// The parameters of the connection: the filter, and the place to go on from.
fn query() -> Value {
    let text = json!({ "type": "array", "items": { "type": "string" } });
    let mut properties: Map<String, Value> = Key::ALL
        .iter()
        .map(|key| (key.as_str().to_owned(), text.clone()))
        .collect();
    let events: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    properties.insert(
        "event".to_owned(),
        json!({ "type": "array", "items": { "type": "string", "enum": events } }),
    );
    properties.insert(
        "since".to_owned(),
        json!({ "type": "integer", "minimum": 0,
                "description": "The last `seq` seen: what follows it is sent first." }),
    );
    properties.insert(
        "log".to_owned(),
        json!({ "type": "string", "description": "The log `since` is a place of." }),
    );
    json!({
        "type": "object",
        "description": "Any keys of the filter; a key given twice means any of its values.",
        "properties": properties,
    })
}

fn messages() -> Value {
    let seq = |what: &str| json!({ "type": "integer", "minimum": 0, "description": what });
    let time = json!({ "type": "string", "format": "date-time" });
    let log = json!({ "type": "string", "description": "Tells one log from another." });
    json!({
        "open": frame("open", "The first frame.", json!({
            "log": log,
            "seq": seq("The log's end; a place to resume from only when no `since` was given."),
            "since": seq("Where this connection begins."),
            "time": time,
            "keepalive_s": { "type": "integer", "description": "Seconds between two keepalives." },
        })),
        "activity": {
            "name": "activity",
            "summary": "An event that passes the filter, with the activity as it stood right after.",
            "payload": { "$ref": "#/components/schemas/EnvelopeOut" },
        },
        "keepalive": frame("keepalive", "All that passes up to `seq` was sent before.", json!({
            "seq": seq("A place to resume from."),
            "time": time,
        })),
        "filterTaken": frame("filter", "The answer to a new filter.", json!({
            "seq": seq("Events after it are judged by the new filter."),
        })),
        "reset": frame("reset", "The place asked for cannot be resumed from: load anew.", json!({
            "log": log,
            "seq": seq("Where it goes on from."),
            "reason": { "type": "string" },
        })),
        "error": frame("error", "A client's frame was not understood; the line stays.", json!({
            "problem": { "$ref": "#/components/schemas/Problem" },
        })),
        "filter": frame("filter", "Judge what follows by another filter.", json!({
            "filter": {
                "type": "object",
                "description": "Keys of the filter, each with a value or a list of values.",
                "propertyNames": { "enum": Key::ALL.iter().map(|k| k.as_str()).collect::<Vec<_>>() },
            },
        })),
    })
}

fn frame(kind: &str, summary: &str, fields: Value) -> Value {
    let mut properties = Map::from_iter([("type".to_owned(), json!({ "const": kind }))]);
    if let Value::Object(fields) = fields {
        properties.extend(fields);
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({
        "name": kind,
        "summary": summary,
        "payload": { "type": "object", "required": required, "properties": properties },
    })
}

/// The shared shapes, as the OpenAPI document gives them.
fn schemas() -> Value {
    let api = serde_json::to_value(openapi::document()).unwrap_or_default();
    let known = &api["components"]["schemas"];
    SHARED
        .iter()
        .map(|name| ((*name).to_owned(), known[*name].clone()))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of a document.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn it_names_every_frame_of_the_protocol() {
        let text = format!("{:#}", document("https://starboard.example.org"));
        let document: Value = serde_json::from_str(&text).unwrap();

        assert_eq!(document["asyncapi"], "3.0.0");
        let messages = document["components"]["messages"].as_object().unwrap();
        let mut names: Vec<&str> = messages
            .values()
            .filter_map(|m| m["name"].as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(
            names,
            ["activity", "error", "filter", "keepalive", "open", "reset"]
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document("http://localhost:8080");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(
                document.pointer(pointer).is_some_and(|v| !v.is_null()),
                "{reference}"
            );
        }
    }

    #[test]
    fn the_server_is_the_public_one() {
        for (public, host, protocol) in [
            (
                "https://starboard.example.org",
                "starboard.example.org",
                "wss",
            ),
            ("http://localhost:8080", "localhost:8080", "ws"),
        ] {
            let server = &document(public)["servers"]["public"];
            assert_eq!(
                (&server["host"], &server["protocol"]),
                (&json!(host), &json!(protocol))
            );
        }
    }
}
