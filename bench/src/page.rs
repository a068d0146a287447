//! The table of figures in `docs/performance.md`: rows of a bench are replaced when it has run, all
//! others stay as they are.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};

use crate::measure::{Figure, Goal, median, short};
use crate::{About, NAMES};

/// The table begins after this line.
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --write-table` -->";
/// And ends before this one.
const END: &str = "<!-- figures end -->";
const HEAD: &str = "\
| Bench | Goal | Measure | Figure | Must | Reach | Beside |
| --- | --- | --- | --- | --- | --- | --- |
";

/// Puts the figures of one bench into the page.
pub(crate) fn write(about: &About, figures: &[Figure]) -> anyhow::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let name = file.display().to_string();
    let page = std::fs::read_to_string(&file).with_context(|| name.clone())?;
    let page = with(
        &page,
        &about.bench,
        &rows(&about.bench, figures),
        &about.line(),
    );
    let page = page.with_context(|| name.clone())?;
    std::fs::write(&file, page).context(name)
}

/// The page with these rows and this line of one bench.
fn with(page: &str, bench: &str, rows: &[String], line: &str) -> anyhow::Result<String> {
    let parts = page
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let Some((before, (old, after))) = parts else {
        bail!("the page has no place for figures: {BEGIN} … {END}");
    };
    let mut text = format!("{before}{BEGIN}\n{HEAD}");
    let mut lines = String::new();
    for name in NAMES {
        let (row, about) = (format!("| `{name}` |"), format!("* `{name}`: "));
        let kept = |start: &str| old.lines().filter(|line| line.starts_with(start)).collect();
        let (of, by): (Vec<&str>, Vec<&str>) = match name == bench {
            true => (rows.iter().map(String::as_str).collect(), vec![line]),
            false => (kept(&row), kept(&about)),
        };
        for row in of {
            let _ = writeln!(text, "{row}");
        }
        for line in by {
            let line = line.trim_start_matches(&about);
            let _ = writeln!(lines, "{about}{line}");
        }
    }
    let _ = write!(text, "\n{lines}{END}{after}");
    Ok(text)
}

fn rows(bench: &str, figures: &[Figure]) -> Vec<String> {
    let goal = |goal: Option<Goal>, met: Option<bool>, yes: &str, no: &str| match (goal, met) {
        (Some(goal), Some(met)) => format!("{}, {}", written(goal), if met { yes } else { no }),
        _ => String::new(),
    };
    let rows = figures.iter().map(|figure| {
        let cells = [
            format!("`{bench}`"),
            figure.of.unwrap_or_default().to_owned(),
            figure.measure.clone(),
            figure.value(),
            goal(figure.goal, figure.met(), "met", "**missed**"),
            goal(figure.reach, figure.reached(), "reached", "not reached"),
            beside(figure),
        ];
        let mut row = "|".to_owned();
        for cell in cells {
            let cell = cell.replace('|', "\\|");
            let gap = if cell.is_empty() { "" } else { " " };
            let _ = write!(row, "{gap}{cell} |");
        }
        row
    });
    rows.collect()
}

fn written(goal: Goal) -> String {
    goal.text().replace("<=", "≤").replace(">=", "≥")
}

/// What it stands beside, in words.
fn beside(figure: &Figure) -> String {
    let mut parts = Vec::new();
    for (kind, other) in [("floor", &figure.floor), ("naive", &figure.naive)] {
        if let Some(other) = other {
            let value = short(median(&other.values));
            let times = short(figure.times(other));
            parts.push(format!("{kind} {value} {}, {times} times it", figure.unit));
        }
    }
    parts.extend(figure.aside.clone());
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_replaces_its_own_rows_and_keeps_those_of_others() {
        let page = format!("Above\n{BEGIN}\n{END}\nBelow\n");
        let page = with(&page, "start", &["| `start` | old |".into()], "then").unwrap();
        let page = with(&page, "parse", &["| `parse` | 1 |".into()], "now").unwrap();
        let page = with(&page, "start", &["| `start` | new |".into()], "now").unwrap();

        let table = "| `start` | new |\n| `parse` | 1 |\n\n* `start`: now\n* `parse`: now\n";
        assert_eq!(page, format!("Above\n{BEGIN}\n{HEAD}{table}{END}\nBelow\n"));
    }

    #[test]
    fn a_row_says_what_was_asked_and_whether_it_was_met() {
        let figure = Figure::new("a ratio", "times", vec![0.6, 0.5, 0.7])
            .of("F1")
            .goal(Goal::AtMost(1.15))
            .reach(Goal::AtMost(0.5))
            .aside("3 beside 5 µs");

        assert_eq!(
            rows("fanout", &[figure]),
            [
                "| `fanout` | F1 | a ratio | 0.600 times (0.500-0.700) | ≤ 1.15, met | \
              ≤ 0.5, not reached | 3 beside 5 µs |"
            ]
        );
    }

    #[test]
    fn a_page_without_a_place_for_figures_is_refused() {
        assert!(with("# Performance", "start", &[], "now").is_err());
    }
}
