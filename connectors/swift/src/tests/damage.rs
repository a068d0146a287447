use upstream::Error;

use super::*;

/// A small generator of the same numbers in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// One damaged copy of an answer: cut, with bytes changed, or with two pieces exchanged.
fn damaged(answer: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut copy = answer.to_vec();
    match numbers.below(4) {
        0 => copy.truncate(numbers.below(answer.len())),
        1 => {
            for _ in 0..=numbers.below(8) {
                let at = numbers.below(copy.len());
                copy[at] = numbers.below(256) as u8;
            }
        }
        2 => {
            for _ in 0..=numbers.below(4) {
                let (a, b) = (numbers.below(copy.len()), numbers.below(copy.len()));
                let digits = b"0123456789-.:Te\"";
                copy[a] = digits[numbers.below(digits.len())];
                copy[b] = digits[numbers.below(digits.len())];
            }
        }
        _ => {
            let length = numbers.below(copy.len() / 4);
            let (a, b) = (
                numbers.below(copy.len() - length),
                numbers.below(copy.len() - length),
            );
            let piece = answer[a..a + length].to_vec();
            copy[b..b + length].copy_from_slice(&piece);
        }
    }
    copy
}

/// Every value of a row put under another field's name.
fn rotated(row: &Value, by: usize) -> Value {
    let row = row.as_object().unwrap();
    let values: Vec<_> = row
        .values()
        .cycle()
        .skip(by)
        .take(row.len())
        .cloned()
        .collect();
    row.keys()
        .cloned()
        .zip(values)
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Neither panics nor answers anything but records, unreadable rows or a reason.
fn survives(body: &[u8]) {
    match Swift.read("damaged.json", body, utc("2022-09-24T12:00:30Z")) {
        Ok(harvest) => assert!(harvest.records.len() <= harvest.read),
        Err(error) => assert!(matches!(error, Error::Unreadable(_)), "{error}"),
    }
    let _ = crate::clock::read(body);
    let _ = crate::too::read(body);
    let _ = crate::request::refusal(422, body);
}

/// The bodies of a cassette.
fn bodies(cassette: &str) -> Vec<String> {
    let tape: Value = serde_json::from_str(cassette).unwrap();
    let takes = tape["http_interactions"].as_array().unwrap();
    takes
        .iter()
        .map(|take| {
            take["response"]["body"]["string"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn damaged_answers_do_no_harm() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for body in bodies(include_str!(
        "../../../../fixtures/cassettes/swift/plan-and-as-flown.json"
    )) {
        for _ in 0..600 {
            survives(&damaged(body.as_bytes(), &mut numbers));
        }
    }
}

#[test]
fn exchanged_fields_do_no_harm() {
    let settled = entry_with(json!({ "settle": "2022-09-24T11:13:05", "exposure": 780 }));
    for by in 0..20 {
        survives(
            planned(&[rotated(&settled, by), entry()])
                .to_string()
                .as_bytes(),
        );
        survives(
            flown(&[rotated(&settled, by), settled.clone()], "x")
                .to_string()
                .as_bytes(),
        );
    }
}

#[test]
fn extreme_values_do_no_harm() {
    let extremes = [
        json!(u64::MAX),
        json!(i64::MIN),
        json!(f64::MAX),
        json!(-0.5),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
        json!({ "met": 1e300 }),
        json!("9999-12-31T23:59:60.999999999999"),
        json!("+262142-12-31T23:59:59"),
        json!("9".repeat(5000)),
    ];
    for name in entry().as_object().unwrap().keys() {
        for value in &extremes {
            survives(
                planned(&[entry_with(json!({ name: value })), entry()])
                    .to_string()
                    .as_bytes(),
            );
        }
    }
    for value in &extremes {
        survives(
            flown(&[entry_with(json!({ "settle": value })), entry()], "")
                .to_string()
                .as_bytes(),
        );
        survives(
            json!({ "ppstmax": value, "entries": [entry()], "status": value, "limit": value })
                .to_string()
                .as_bytes(),
        );
    }
    survives("[".repeat(100_000).as_bytes());
    survives(format!("[{}", "{\"a\":[".repeat(100_000)).as_bytes());
}
