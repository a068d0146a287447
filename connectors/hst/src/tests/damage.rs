use super::*;

/// A small generator, the same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

/// The answer with some of its bytes changed, lines or halves exchanged, or its end missing.
fn damaged(sound: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut body = sound.to_vec();
    match dice.below(5) {
        0 => body.truncate(dice.below(sound.len())),
        1 => {
            for _ in 0..=dice.below(20) {
                let at = dice.below(body.len());
                body[at] = u8::try_from(dice.below(256)).unwrap();
            }
        }
        2 => {
            let mut lines: Vec<&[u8]> = sound.split(|byte| *byte == b'\n').collect();
            let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(one, other);
            body = lines.join(&b'\n');
        }
        3 => {
            let (from, to) = (dice.below(body.len()), dice.below(body.len()));
            body.drain(from.min(to)..from.max(to).min(from.min(to) + 40));
        }
        _ => {
            let from = dice.below(body.len());
            let piece: Vec<u8> = body.iter().skip(from).take(60).copied().collect();
            let at = dice.below(body.len());
            body.splice(at..at, piece);
        }
    }
    body
}

fn endures(sound: &[u8]) {
    let mut dice = Dice(7);
    for _ in 0..600 {
        let body = damaged(sound, &mut dice);
        let Ok(harvest) = Hst.read("timeline_07_28_25", &body, now()) else {
            continue;
        };
        for record in harvest.readable() {
            let facts = &record.facts;
            assert!(facts.t_min <= facts.t_max, "{record:#?}");
            assert!(!record.raw.contains('\0'));
        }
    }
}

#[test]
fn a_damaged_timeline_never_ends_in_a_panic() {
    let parallel = Row {
        unit: "05092E1",
        target: "PARALLEL-FIELD",
        end: "00:10:00",
        ..ROW
    };
    let more = format!("{:115}F435W", "");
    endures(report(&[&[ROW.line(), more], &[parallel.line(), ROW.line()]]).as_bytes());
}

#[test]
fn a_damaged_answer_of_the_archive_never_ends_in_a_panic() {
    endures(&mast(&[
        dataset("ifjw07aaq", json!({"s_region": "POLYGON GSC1 1 2 3 4 5 6"})),
        dataset("ifjw07010", json!({"calib_level": -1, "t_min": null})),
        dataset("ifjw08010", json!({"target_name": "PARALLEL-FIELD"})),
    ]));
}

#[test]
fn a_large_timeline_is_read_in_one_pass() {
    let mut lines = Vec::new();
    for n in 0..20_000_u32 {
        let mut line = ROW.line();
        line.replace_range(33..35, &format!("{:02}", n % 100));
        lines.push(line);
    }

    assert_eq!(read(report(&[&lines])).records.len(), 100);
}
