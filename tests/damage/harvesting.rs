//! Whole harvests of our cassettes, one answer of each damaged on its way.

use domain::Clock;
use serde_json::{Value, json};
use upstream::{Ask, Cassette, Harvest, Upstream};

use super::answers::connector;
use super::dice::Dice;
use super::mangle::damaged;
use super::taking_in::Victim;
use crate::harness::records::at;
use crate::harness::{cassette, seed};

/// Variants of one cassette.
const VARIANTS: usize = 200;

async fn nothing_is_withdrawn(source: &'static str, path: &str, now: &str) {
    let seed = seed();
    let tape = cassette(path);
    let scenes = tape["http_interactions"].as_array().unwrap().len();
    let whole = harvest(source, &tape, now).await.unwrap();
    let victim = Victim::of(source, at(now), &whole).await;
    let (mut heard, mut doubted) = (0, 0);
    for variant in 0..VARIANTS {
        let mut dice = Dice::of(seed, variant);
        let mut tape = tape.clone();
        spoil(
            &mut tape["http_interactions"][dice.below(scenes)],
            &mut dice,
        );
        // Refused as a whole changes nothing: the next harvest is tried as if it had not been.
        let Ok(harvest) = harvest(source, &tape, now).await else {
            continue;
        };
        heard += 1;
        doubted += usize::from(victim.hears(&harvest).await.doubtful);
        victim.hears(&whole).await;
        let withdrawn = victim.withdrawn().await;
        assert!(
            withdrawn.is_empty(),
            "variant {variant}, seed {seed}: {withdrawn:#?}"
        );
    }
    println!("{heard} were read, {doubted} doubted");
    assert!(heard > VARIANTS / 10, "only {heard} were read");
    // Lines of text are often lost one by one; JSON is mostly lost as a whole.
    assert!(source != "jwst" || doubted > 0, "nothing was ever missing");
}

/// Damages a recorded answer. Its stated length stays, or is that of the damaged body, as when the
/// damage was done before it was sent.
fn spoil(scene: &mut Value, dice: &mut Dice) {
    let response = &mut scene["response"];
    let body = response["body"]["string"].as_str().unwrap();
    let body = damaged(body.as_bytes(), dice);
    if dice.below(2) == 0 {
        response["headers"]["content-length"] = json!([body.len().to_string()]);
    }
    response["body"] = match String::from_utf8(body) {
        Ok(text) => json!({ "encoding": null, "string": text }),
        Err(bytes) => json!({ "encoding": "base64", "string": base64(bytes.as_bytes()) }),
    };
}

async fn harvest(source: &str, tape: &Value, now: &str) -> upstream::Result<Harvest> {
    let tape = Cassette::parse(tape.to_string().as_bytes()).unwrap();
    let (clock, now) = (Clock::fixed(at(now)), at(now));
    let upstream = Upstream::playing(vec![tape], move || clock.now());
    let ask = Ask {
        now,
        cursor: None,
        window: None,
    };
    connector(source).harvest(&upstream, &ask).await
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = [0; 3];
        bits[..three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for place in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            let padded = place > three.len();
            text.push(if padded {
                '='
            } else {
                char::from(DIGITS[digit])
            });
        }
    }
    text
}

#[test]
fn bytes_are_written_as_the_format_has_them() {
    let written: Vec<String> = ["f", "fo", "foo"]
        .map(|text| base64(text.as_bytes()))
        .into();
    assert_eq!(written, ["Zg==", "Zm8=", "Zm9v"]);
}

#[tokio::test]
async fn nothing_is_withdrawn_by_a_damaged_harvest_of_eso() {
    let (path, now) = ("eso/galactic-centre.json", "2013-08-31T04:00:00Z");
    nothing_is_withdrawn("eso", path, now).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_a_damaged_harvest_of_hst() {
    nothing_is_withdrawn("hst", "hst/week.json", "2025-07-30T12:00:00Z").await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_a_damaged_harvest_of_jwst() {
    nothing_is_withdrawn("jwst", "jwst/one-week.json", "2025-08-06T12:00:00Z").await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_a_damaged_harvest_of_swift() {
    let (path, now) = ("swift/plan-and-as-flown.json", "2022-09-24T12:00:00Z");
    nothing_is_withdrawn("swift", path, now).await;
}
