//! How long a week of JWST takes to read.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use chrono::{TimeDelta, TimeZone, Utc};
use jwst::Jwst;
use upstream::Connector;

use crate::Options;
use crate::measure::{Figure, Goal, median};
use crate::random::Random;

/// Readings of one repeat.
const READINGS: usize = 200;
/// The recorded week, if the folder of samples is set.
const RECORDED: &str = "jwst/20250804_report_20250802.txt";

/// A composed week, and the recorded one if `STARBOARD_SAMPLES` names the folder it is in.
pub(crate) fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![week("composed, 160 visits", &composed(160), 160, options)?];
    if let Some(folder) = std::env::var_os("STARBOARD_SAMPLES").filter(|folder| !folder.is_empty())
    {
        let file = Path::new(&folder).join(RECORDED);
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        figures.push(week("recorded", &text, 1, options)?);
    }
    Ok(figures)
}

fn week(what: &str, text: &str, least: usize, options: &Options) -> anyhow::Result<Figure> {
    let harvest = Jwst.read("20260817_report_20260814.txt", text.as_bytes(), Utc::now())?;
    ensure!(harvest.readable().count() >= least, "the week was not read");
    if let Some(lost) = harvest.unreadable().next() {
        bail!("the week holds lines that are not read, the first: {lost}");
    }
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..options.repeats {
        let (mut reading, mut splitting) = (Vec::new(), Vec::new());
        for _ in 0..READINGS {
            let begun = Instant::now();
            black_box(Jwst.read(
                "20260817_report_20260814.txt",
                black_box(text.as_bytes()),
                Utc::now(),
            )?);
            reading.push(begun.elapsed().as_secs_f64() * 1000.0);
            let begun = Instant::now();
            black_box(split(black_box(text)));
            splitting.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        ours.push(median(&reading));
        floor.push(median(&splitting));
    }
    Ok(Figure::new(format!("parse: JWST week, {what}"), "ms", ours)
        .goal(Goal::Below(5.0))
        .floor("the text cut into lines and columns, nothing read", floor))
}

/// The columns of every line, as texts.
fn split(text: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines();
    let ruler = lines
        .find(|line| line.starts_with("---"))
        .unwrap_or_default();
    let widths: Vec<usize> = ruler.split("  ").map(str::len).collect();
    let cut = |line: &str| {
        let mut at = 0;
        let cut = widths.iter().map(|width| {
            let column = line
                .get(at..(at + width).min(line.len()))
                .unwrap_or_default();
            at += width + 2;
            column.trim().to_owned()
        });
        cut.collect()
    };
    lines.map(cut).collect()
}

/// A week in the columns of a report: so many visits, one in eight with a second line, one in ten
/// attached to the visit above.
pub(crate) fn composed(visits: usize) -> String {
    const WIDTHS: [usize; 9] = [13, 10, 29, 20, 11, 48, 31, 30, 32];
    const HEADS: [&str; 9] = [
        "VISIT ID",
        "PCS MODE",
        "VISIT TYPE",
        "SCHEDULED START TIME",
        "DURATION",
        "SCIENCE INSTRUMENT AND MODE",
        "TARGET NAME",
        "CATEGORY",
        "KEYWORDS",
    ];
    const MODES: [&str; 4] = [
        "NIRSpec IFU Spectroscopy",
        "NIRCam Imaging",
        "MIRI Medium Resolution Spectroscopy",
        "NIRISS Single-Object Slitless Spectroscopy",
    ];
    let mut random = Random::new(3);
    let mut text = String::from("Visit Information for OP Package 2622907f02\n\n");
    line(&mut text, WIDTHS, HEADS);
    line(
        &mut text,
        WIDTHS,
        WIDTHS
            .map(|width| "-".repeat(width))
            .each_ref()
            .map(String::as_str),
    );
    let mut start = Utc
        .with_ymd_and_hms(2026, 8, 17, 0, 10, 0)
        .single()
        .unwrap_or_default();
    for number in 0..visits {
        let attached = number % 10 == 9;
        // No programme has more than 999 observations: every 999 visits are of other programmes.
        let programme = 5000 + random.below(160) * 25 + number / 999 % 25;
        let id = format!("{programme}:{}:1", number % 999 + 1);
        let lasting = 1200 + random.below(4200);
        let time = match attached {
            true => "^ATTACHED TO PRIME^".to_owned(),
            false => start.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        let duration = format!(
            "00/{:02}:{:02}:{:02}",
            lasting / 3600,
            lasting / 60 % 60,
            lasting % 60
        );
        let kind = if attached {
            "PARALLEL SLEW CALIBRATION"
        } else {
            "PRIME TARGETED FIXED"
        };
        let target = format!("NGC-{}", 1 + random.below(7840));
        let mode = random.pick(&MODES);
        let columns = match attached {
            true => [
                id.as_str(),
                "NONE",
                kind,
                &time,
                "",
                "MIRI Anneal",
                "",
                "",
                "",
            ],
            false => [
                id.as_str(),
                "FINEGUIDE",
                kind,
                &time,
                &duration,
                mode,
                &target,
                "Galaxy",
                "Spiral galaxies",
            ],
        };
        line(&mut text, WIDTHS, columns);
        if number % 8 == 7 {
            let more = [
                "",
                "",
                "COORDINATED PARALLEL",
                "",
                "",
                "NIRCam Imaging",
                "",
                "",
                "",
            ];
            line(&mut text, WIDTHS, more);
        }
        if !attached {
            start += TimeDelta::seconds(i64::try_from(lasting).unwrap_or(0) + 120);
        }
    }
    text
}

fn line(text: &mut String, widths: [usize; 9], columns: [&str; 9]) {
    let mut line = String::new();
    for (width, column) in widths.into_iter().zip(columns) {
        let _ = write!(line, "{column:<width$}  ");
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_long_report_holds_as_many_visits_as_were_asked_for() {
        let name = "20260817_report_20260814.txt";
        let harvest = Jwst
            .read(name, composed(2_500).as_bytes(), Utc::now())
            .unwrap();
        let visits: BTreeSet<_> = harvest.readable().map(|record| &record.obs_id).collect();
        assert!(visits.len() >= 2_500, "{}", visits.len());
        assert_eq!(harvest.unreadable().count(), 0);
    }
}
