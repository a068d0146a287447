//! ESO: a night's exposures on ten telescopes, each in the archive some ten minutes after its end,
//! the beginning of the next night, and a block of an earlier one whose rows change.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use upstream::table::Row;
use upstream::{Cassette, Line, Take};

use super::*;

const SYNC: &str = "https://archive.eso.org/tap_obs/sync";

/// Columns of `dbo.raw`, in the order in which they are asked for.
const COLUMNS: [&str; 29] = [
    "dp_id",
    "dp_cat",
    "dp_type",
    "dp_tech",
    "instrument",
    "telescope",
    "ins_mode",
    "filter_path",
    "object",
    "target",
    "ra",
    "dec",
    "exp_start",
    "date_obs",
    "exposure",
    "lambda_min",
    "lambda_max",
    "ob_id",
    "ob_name",
    "tpl_id",
    "tpl_start",
    "tpl_expno",
    "tpl_nexp",
    "prog_id",
    "prog_title",
    "pi_coi",
    "obs_mode",
    "release_date",
    "last_mod_date",
];

/// Block of an earlier night, whose title the archive gives only later.
const CHANGED: &str = "200282283";

pub(super) fn compose() -> Cassette {
    let facts = facts(include_str!("../../../../fixtures/demo/eso.csv"));
    let night = at("2026-08-17T23:40:00Z");
    let (next, later) = (night + TimeDelta::days(1), at("2026-08-19T01:40:00Z"));
    let mut exposures = nightly(&facts, night, at("2026-08-18T09:50:00Z"));
    exposures.extend(nightly(&facts, next, later));
    exposures.extend(by_telescope(&facts, "APEX-12m", night, later));
    exposures.sort_by(|a, b| (a.start, &a.dp_id).cmp(&(b.start, &b.dp_id)));
    let border = at("2026-08-18T16:00:00Z");
    let (tonight, tomorrow): (Vec<_>, Vec<_>) =
        exposures.into_iter().partition(|one| one.start < border);

    let sinfoni = facts
        .iter()
        .find(|fact| text(fact, "instrument") == "SINFONI");
    let mut earlier = Vec::new();
    block(
        sinfoni.unwrap(),
        at("2026-08-16T01:05:10Z"),
        0,
        &mut earlier,
    );
    let changed = at("2026-08-18T01:25:00Z");
    let mut revised = earlier.clone();
    for exposure in &mut earlier {
        exposure.ob_id = CHANGED;
        exposure.title = String::new();
    }
    for exposure in &mut revised {
        exposure.ob_id = CHANGED;
        exposure.appears = changed;
    }
    let keys = vec![
        Line::new("dp_id,ob_id,tpl_start,exp_start,last_mod_date"),
        revised[0].keys().since(changed),
    ];
    tape([
        asked(&[], rows(&[], false)),
        asked(
            &["exp_start >= '2026-08-15T16:00:00'"],
            rows(&earlier, true),
        ),
        asked(
            &["exp_start >= '2026-08-17T16:00:00'"],
            rows(&tonight, true),
        ),
        asked(
            &["exp_start >= '2026-08-18T16:00:00'"],
            rows(&tomorrow, true),
        ),
        asked(&["WHERE last_mod_date >= '"], keys),
        asked(&[&format!("ob_id IN ({CHANGED})")], rows(&revised, false)),
    ])
}

fn asked(texts: &[&str], lines: Vec<Line>) -> Take {
    let form = [("REQUEST", "doQuery"), ("LANG", "ADQL"), ("FORMAT", "csv")];
    Take::post(SYNC, &form)
        .answers_lines("text/csv", &lines)
        .matching(texts)
}

/// Rows under their header, each from its arrival on or always.
fn rows(exposures: &[Exposure], arriving: bool) -> Vec<Line> {
    let header = Line::new(COLUMNS.join(","));
    let row = |exposure: &Exposure| match arriving {
        true => exposure.line().since(exposure.appears),
        false => exposure.line(),
    };
    std::iter::once(header)
        .chain(exposures.iter().map(row))
        .collect()
}

/// What every telescope but APEX, which needs no night, does from dusk to dawn.
fn nightly(facts: &[Row], dusk: DateTime<Utc>, dawn: DateTime<Utc>) -> Vec<Exposure> {
    let mut telescopes: Vec<&str> = facts.iter().map(|fact| text(fact, "telescope")).collect();
    telescopes.dedup();
    let optical = telescopes.iter().filter(|name| **name != "APEX-12m");
    optical
        .zip(0..)
        .flat_map(|(telescope, n)| {
            let dusk = dusk + seconds(67 * n);
            by_telescope(facts, telescope, dusk, dawn)
        })
        .collect()
}

/// The telescope's blocks in turn.
fn by_telescope(
    facts: &[Row],
    telescope: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Exposure> {
    let own = facts
        .iter()
        .filter(|fact| text(fact, "telescope") == telescope);
    let mut exposures = Vec::new();
    let mut start = from;
    for (fact, n) in own.cycle().zip(0..) {
        if start >= to {
            break;
        }
        start = block(fact, start, n, &mut exposures) + minutes(3);
    }
    exposures
}

/// One block: finding the target, then exposures with a readout between. Answers its end.
fn block(fact: &Row, from: DateTime<Utc>, n: i64, into: &mut Vec<Exposure>) -> DateTime<Utc> {
    let (length, count) = (number(fact, "seconds").unwrap(), text(fact, "exposures"));
    let count: i64 = count.parse().unwrap();
    let mut start = from + seconds(14);
    for at in 0..=count {
        let seconds_long = if at == 0 { 20.0 } else { length };
        let fraction = TimeDelta::milliseconds((at * 137 + n * 61).rem_euclid(1000));
        let begin = start + fraction;
        let end = begin + TimeDelta::milliseconds((seconds_long * 1000.0) as i64);
        let sky = at == 2 && text(fact, "instrument") == "SINFONI";
        let is_first_of_sinfoni = n == 0 && text(fact, "instrument") == "SINFONI";
        into.push(Exposure {
            fact: fact.clone(),
            dp_id: format!(
                "{}.{}",
                text(fact, "prefix"),
                begin.format("%Y-%m-%dT%H:%M:%S%.3f")
            ),
            start: begin,
            seconds: seconds_long,
            number: at,
            count,
            sky,
            begun: from,
            ob_id: if is_first_of_sinfoni { "200282039" } else { "" },
            title: text(fact, "prog_title").to_owned(),
            appears: (end + minutes(8) + seconds((at + n) % 5 * 31)).trunc_subsecs(0),
        });
        start = (end + seconds(35)).trunc_subsecs(0);
    }
    start
}

/// One row, and when it came to the archive.
#[derive(Clone)]
struct Exposure {
    fact: Row,
    dp_id: String,
    start: DateTime<Utc>,
    seconds: f64,
    /// 0 is the acquisition.
    number: i64,
    count: i64,
    /// Beside the target.
    sky: bool,
    /// Start of its template.
    begun: DateTime<Utc>,
    ob_id: &'static str,
    title: String,
    appears: DateTime<Utc>,
}

impl Exposure {
    fn line(&self) -> Line {
        let cells = COLUMNS.map(|column| quoted(&self.cell(column)));
        Line::new(cells.join(","))
    }

    fn keys(&self) -> Line {
        let keys = ["dp_id", "ob_id", "tpl_start", "exp_start", "last_mod_date"];
        Line::new(keys.map(|column| self.cell(column)).join(","))
    }

    fn cell(&self, column: &str) -> String {
        let (acquiring, start) = (self.number == 0, self.start);
        let of_science = |text: String| if acquiring { String::new() } else { text };
        match column {
            "dp_id" => self.dp_id.clone(),
            "dp_cat" if acquiring => "ACQUISITION".to_owned(),
            "dp_cat" => "SCIENCE".to_owned(),
            "dp_type" if self.sky => "SKY".to_owned(),
            "dp_type" => "OBJECT".to_owned(),
            "ra" if self.sky => "266.19052388".to_owned(),
            "dec" if self.sky => "-28.89525".to_owned(),
            "filter_path" => text(&self.fact, "filter").to_owned(),
            "object" => text(&self.fact, "target").to_owned(),
            "exp_start" => start.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "date_obs" => start.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
            "exposure" => format!("{:?}", self.seconds),
            "ob_id" => self.ob_id.to_owned(),
            "tpl_start" => self.begun.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "tpl_expno" => of_science(self.number.to_string()),
            "tpl_nexp" => of_science(self.count.to_string()),
            "prog_title" => self.title.clone(),
            "pi_coi" => text(&self.fact, "pi").to_owned(),
            "last_mod_date" => self.appears.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "ins_mode" | "instrument" | "telescope" | "target" | "ra" | "dec" | "prog_id" => {
                text(&self.fact, column).to_owned()
            }
            _ => String::new(),
        }
    }
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
