//! The answers that are damaged: our own cassettes, and recorded ones where there are any.

use serde_json::Value;
use upstream::{Connector, visits};

use crate::harness::{cassette, samples};
use crate::samples::{eso, swift};

/// An answer and the name it has.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) name: String,
    pub(super) body: Vec<u8>,
}

/// The connector of this name.
pub(super) fn connector(name: &str) -> &'static dyn Connector {
    registry::find(name).unwrap()
}

/// The bodies of our cassettes that the connector reads on their own.
pub(super) fn composed(source: &str) -> Vec<Answer> {
    let cassettes = match source {
        "eso" => &["eso/galactic-centre.json"][..],
        "hst" => &["hst/week.json"],
        "jwst" => &["jwst/one-week.json"],
        _ => &["swift/plan-and-as-flown.json", "swift/not-pointing.json"],
    };
    let mut answers: Vec<Answer> = cassettes.iter().flat_map(|path| bodies(path)).collect();
    let now = "2026-11-21T06:00:00Z".parse().unwrap();
    answers.retain(|answer| {
        let read = connector(source).read(&answer.name, &answer.body, now);
        read.is_ok()
    });
    assert!(!answers.is_empty(), "{source}");
    answers
}

/// The visit status reports in a cassette of ours.
pub(super) fn statuses(path: &str) -> Vec<Answer> {
    let mut answers = bodies(path);
    answers.retain(|answer| visits::read(&answer.body).is_ok());
    assert!(!answers.is_empty(), "{path}");
    answers
}

/// The bodies of one of our cassettes.
fn bodies(path: &str) -> Vec<Answer> {
    let tape = cassette(path);
    let scenes = tape["http_interactions"].as_array().unwrap();
    let body = |scene: &Value| {
        let address = scene["request"]["uri"].as_str().unwrap();
        let body = scene["response"]["body"]["string"].as_str().unwrap();
        Answer {
            name: address.rsplit('/').next().unwrap().to_owned(),
            body: body.as_bytes().to_vec(),
        }
    };
    scenes.iter().map(body).collect()
}

/// Every recorded answer of a source as it stands, and printed tables in the wire's shape as well.
#[track_caller]
pub(super) fn recorded(source: &str) -> Option<Vec<Answer>> {
    let mut answers = Vec::new();
    for path in samples::files(source)? {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let body = std::fs::read(&path).unwrap();
        let wire = match source {
            "eso" if name.ends_with("_rendered.csv") => Some(eso::on_the_wire(&body)),
            "swift" => swift::on_the_wire(&name),
            _ => None,
        };
        let copy = name.clone();
        answers.extend(wire.map(|body| Answer { name: copy, body }));
        answers.push(Answer { name, body });
    }
    Some(answers)
}
