//! What was measured, beside its floor: medians of repeats, and the table they make.

use std::fmt::Write as _;

use serde::Serialize;

/// What a figure has to reach.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// Less than this.
    Below(f64),
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Goal {
    fn met(self, value: f64) -> bool {
        match self {
            Goal::Below(most) => value < most,
            Goal::AtMost(most) => value <= most,
            Goal::AtLeast(least) => value >= least,
        }
    }

    /// As people write it.
    pub(crate) fn text(self) -> String {
        match self {
            Goal::Below(most) => format!("< {most}"),
            Goal::AtMost(most) => format!("<= {most}"),
            Goal::AtLeast(least) => format!(">= {least}"),
        }
    }
}

/// What ours is compared with, measured in the same run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Beside {
    /// What it does.
    pub(crate) what: &'static str,
    /// One value a repeat.
    pub(crate) values: Vec<f64>,
}

/// One thing measured, one value a repeat.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    /// The goal it belongs to (`F1`), for the table in `docs/performance.md`.
    pub(crate) of: Option<&'static str>,
    /// What.
    pub(crate) measure: String,
    /// Of the values.
    pub(crate) unit: &'static str,
    /// What is asked for: without it no release.
    pub(crate) goal: Option<Goal>,
    /// What is aimed at.
    pub(crate) reach: Option<Goal>,
    /// Ours.
    pub(crate) ours: Vec<f64>,
    /// The least anybody could do.
    pub(crate) floor: Option<Beside>,
    /// What one would write first.
    pub(crate) naive: Option<Beside>,
    /// What the value was made of, or stands beside, in words.
    pub(crate) aside: Option<String>,
}

impl Figure {
    /// A figure with nothing beside it yet.
    pub(crate) fn new(measure: impl Into<String>, unit: &'static str, ours: Vec<f64>) -> Figure {
        Figure {
            of: None,
            measure: measure.into(),
            unit,
            goal: None,
            reach: None,
            ours,
            floor: None,
            naive: None,
            aside: None,
        }
    }

    /// As a figure of a goal (`F1`).
    pub(crate) fn of(mut self, goal: &'static str) -> Figure {
        self.of = Some(goal);
        self
    }

    /// With what is asked for.
    pub(crate) fn goal(mut self, goal: Goal) -> Figure {
        self.goal = Some(goal);
        self
    }

    /// With what is aimed at.
    pub(crate) fn reach(mut self, reach: Goal) -> Figure {
        self.reach = Some(reach);
        self
    }

    /// With what the value was made of, or stands beside, in words.
    pub(crate) fn aside(mut self, aside: impl Into<String>) -> Figure {
        self.aside = Some(aside.into());
        self
    }

    /// With its floor.
    pub(crate) fn floor(mut self, what: &'static str, values: Vec<f64>) -> Figure {
        self.floor = Some(Beside { what, values });
        self
    }

    /// With what one would write first.
    pub(crate) fn naive(mut self, what: &'static str, values: Vec<f64>) -> Figure {
        self.naive = Some(Beside { what, values });
        self
    }

    /// Whether the goal, if there is one, is met.
    pub(crate) fn met(&self) -> Option<bool> {
        self.goal.map(|goal| goal.met(median(&self.ours)))
    }

    /// Whether what is aimed at, if anything, is reached.
    pub(crate) fn reached(&self) -> Option<bool> {
        self.reach.map(|goal| goal.met(median(&self.ours)))
    }

    /// The middle of the values with its unit, and what they range over when there are several.
    pub(crate) fn value(&self) -> String {
        let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| short(quantile(&self.ours, part)));
        match low == high {
            true => format!("{middle} {}", self.unit),
            false => format!("{middle} {} ({low}-{high})", self.unit),
        }
    }

    /// How many times as good as ours the other is: above 1, the other is better.
    pub(crate) fn times(&self, other: &Beside) -> f64 {
        let (ours, theirs) = (median(&self.ours), median(&other.values));
        match self.unit.ends_with("/s") {
            true => theirs / ours,
            false => ours / theirs,
        }
    }
}

/// The middle value.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value that this part of all stay at or below.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index among a few thousand values"
)]
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .or(sorted.last())
        .copied()
        .unwrap_or(f64::NAN)
}

/// How busy the machine was, of all who use it: runnable tasks over the last minute.
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Cores, processor and kernel.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = model
        .and_then(|line| line.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = kernel.split(['-', '\n']).next().unwrap_or_default();
    format!("{cores} cores of {model}, Linux {kernel}")
}

/// The figures as a table for people.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut rows = vec![
        [
            "",
            "measure",
            "must",
            "reach",
            "figure",
            "spread",
            "floor",
            "x floor",
            "naive",
            "naive/ours",
            "",
        ]
        .map(str::to_owned),
    ];
    for figure in figures {
        let beside = |other: &Option<Beside>| {
            other
                .as_ref()
                .map_or((String::new(), String::new()), |other| {
                    (short(median(&other.values)), short(figure.times(other)))
                })
        };
        let ((floor, times), (naive, gain)) = (beside(&figure.floor), beside(&figure.naive));
        let gain = figure
            .naive
            .as_ref()
            .map_or(gain, |other| short(1.0 / figure.times(other)));
        rows.push([
            figure.of.unwrap_or_default().to_owned(),
            figure.measure.clone(),
            figure.goal.map(Goal::text).unwrap_or_default(),
            figure.reach.map(Goal::text).unwrap_or_default(),
            format!("{} {}", short(median(&figure.ours)), figure.unit),
            format!(
                "{}-{}",
                short(quantile(&figure.ours, 0.0)),
                short(quantile(&figure.ours, 1.0))
            ),
            floor,
            times,
            naive,
            gain,
            match (figure.met(), figure.reached()) {
                (Some(false), _) => "MISSED".to_owned(),
                (_, Some(true)) => "reached".to_owned(),
                (Some(true), _) => "met".to_owned(),
                (None, _) => String::new(),
            },
        ]);
    }
    laid_out(&rows)
}

fn laid_out<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = if index == 0 { "" } else { "  " };
            let _ = match index {
                0 | 1 => write!(text, "{gap}{cell:<width$}"),
                _ => write!(text, "{gap}{cell:>width$}"),
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Three digits that count, or the whole number.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        x if x >= 100.0 || x == x.trunc() => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        x if x >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_the_99th_of_100_is_p99() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!((median(&values), quantile(&values, 0.99)), (50.0, 99.0));
    }

    #[test]
    fn a_rate_twice_the_floors_time_is_half_its_rate() {
        let figure = Figure::new("x", "rows/s", vec![50.0]).floor("y", vec![100.0]);
        assert!(
            figure
                .floor
                .as_ref()
                .is_some_and(|floor| (figure.times(floor) - 2.0).abs() < 1e-9)
        );
    }
}
