use upstream::Connector;

use super::index::page;
use super::*;
use crate::index;

/// A small deterministic generator (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % n.max(1)
    }
}

fn week() -> Vec<u8> {
    let rows = [
        prime("7814:2:17", "2025-08-06T22:59:15Z", "MIRI Imaging", "UDS-2"),
        coordinated("NIRCam Imaging"),
        attached("3383:282:1", "PARALLEL PURE", "NIRISS Imaging"),
        prime(
            "9254:8:1",
            "2025-08-07T21:58:06Z",
            "NIRSpec Fixed Slit Spectroscopy",
            "GRB250706B",
        ),
        further_target("GRB250706B_acq_star"),
    ];
    (HEAD.to_owned() + &rows.concat()).into_bytes()
}

fn damaged(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut body = whole.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(body.len());
        match dice.below(6) {
            0 => body.truncate(at),
            1 => drop(body.drain(at..body.len().min(at + dice.below(40)))),
            2 => body.insert(at, u8::try_from(dice.below(256)).unwrap()),
            3 => {
                let other = dice.below(body.len());
                if !body.is_empty() {
                    body.swap(at, other);
                }
            }
            4 => body
                .splice(at..at, "\u{1f52d}\u{feff}\u{130}".bytes())
                .for_each(drop),
            _ => {
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    body
}

#[test]
fn no_damage_panics_or_makes_a_visit_that_ends_before_it_starts() {
    let whole = week();
    let mut dice = Dice(7);
    for _ in 0..3000 {
        let body = damaged(&whole, &mut dice);
        let Ok(harvest) = Jwst.read(
            "20250804_report_20250802.txt",
            &body,
            at("2025-08-03T00:00:00Z"),
        ) else {
            continue;
        };
        for record in harvest.readable() {
            let facts = &record.facts;
            assert!(facts.t_max.is_none() || facts.t_max >= facts.t_min);
            assert!(!record.obs_id.is_empty() && !record.raw.is_empty());
        }
    }
}

#[test]
fn no_damage_to_the_index_panics_or_makes_a_week_that_ends_before_it_starts() {
    let names = [
        "20250804_report_20250802.txt",
        "2225601f02_report_20220914.txt",
    ];
    let whole = page(&names).into_bytes();
    let mut dice = Dice(11);
    for _ in 0..1000 {
        let body = damaged(&whole, &mut dice);
        if let Ok(weeks) = index::read(&String::from_utf8_lossy(&body)) {
            assert!(weeks.iter().all(|week| week.start < week.end));
        }
    }
}

#[test]
fn a_cut_report_keeps_the_rows_before_the_cut() {
    let whole = week();
    let cut = &whole[..whole.len() - 360];
    let harvest = Jwst.read("x", cut, at("2025-08-03T00:00:00Z")).unwrap();

    assert_eq!(records(&harvest).len(), 2);
    assert_eq!(records(&harvest)[0].facts.instruments.len(), 2);
}

#[test]
fn a_visit_of_twenty_thousand_lines_takes_no_quadratic_time() {
    let mut text = HEAD.to_owned() + &prime("1:1:1", "2025-08-04T01:00:00Z", "MIRI Imaging", "M31");
    for n in 0..20_000 {
        text += &coordinated(&format!("NIRCam Mode {n}"));
    }
    let harvest = Jwst
        .read("x", text.as_bytes(), at("2025-08-03T00:00:00Z"))
        .unwrap();

    assert_eq!(harvest.read, 20_001);
    assert_eq!(records(&harvest)[0].facts.instruments.len(), 8);
}
