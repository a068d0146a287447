//! Damaged answers: whatever comes, reading ends without a panic.

use upstream::Connector;

use super::{csv, exposure, noon, with};
use crate::Eso;
use crate::query::COLUMNS;

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit.max(1) as u64)).unwrap()
    }
}

fn answer() -> Vec<u8> {
    let rows: Vec<_> = (0..12)
        .map(|minute| with(exposure(&format!("2013-08-27T01:{minute:02}:24.0684")), &[]))
        .collect();
    csv(COLUMNS, &rows).into_bytes()
}

fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    match dice.below(5) {
        0 => body.truncate(dice.below(body.len())),
        1 => {
            for _ in 0..=dice.below(20) {
                let at = dice.below(body.len());
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
        2 => {
            let at = dice.below(body.len());
            body.splice(at..at, [b'"', 0xff, b',', b'\n', b'-', b'9', b'9', 0xc3]);
        }
        3 => {
            let mut fields: Vec<Vec<u8>> = body.split(|b| *b == b',').map(<[u8]>::to_vec).collect();
            let (a, b) = (dice.below(fields.len()), dice.below(fields.len()));
            fields.swap(a, b);
            *body = fields.join(&b',');
        }
        _ => {
            let (from, length) = (dice.below(body.len()), dice.below(400));
            body.drain(from..(from + length).min(body.len()));
        }
    }
}

#[test]
fn a_damaged_answer_is_read_or_refused_but_never_stops_us() {
    let whole = answer();
    let mut dice = Dice(0x5eed_0001);
    for _ in 0..600 {
        let mut body = whole.clone();
        for _ in 0..=dice.below(3) {
            damage(&mut body, &mut dice);
        }

        if let Ok(harvest) = Eso.read("damaged.csv", &body, noon()) {
            for record in harvest.readable() {
                assert!(record.facts.t_min <= record.facts.t_max);
                assert!(!record.obs_id.is_empty());
                assert!(!record.raw.contains("GENZEL/"), "{}", record.raw);
            }
        }
    }
}

#[test]
fn ten_thousand_broken_lines_are_ten_thousand_errors() {
    let mut body = csv(COLUMNS, &[]);
    for line in 0..10_000 {
        body.push_str(&format!("{line},\"\n"));
    }

    let harvest = Eso.read("broken.csv", body.as_bytes(), noon());

    let harvest = harvest.unwrap();
    assert_eq!(harvest.records.len() + harvest.skipped.len(), 10_000);
    assert_eq!(harvest.readable().count(), 0);
}
