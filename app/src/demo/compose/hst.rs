//! HST: two weekly timelines of an orbit's length after the other, what MAST holds of them, and the
//! status reports of their visits.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use upstream::table::Row;
use upstream::{Cassette, Take};

use super::visits::Visit;
use super::*;

const DIRECTORY: &str = "https://www.stsci.edu/ftp/observing/weekly_timeline/";

const RULER: &str = "-------- -------- --------  -------  ---------- ------ ----------                     -------- ------ ------------ ------------ --------- -- -- -- --";

/// One prime visit an orbit; fifteen orbits of 96 minutes are a day.
const ORBIT: i64 = 96;

/// Orbits from a day before the opening to a few hours after the end of the round.
const ORBITS: RangeInclusive<i64> = -16..=18;

pub(super) fn compose() -> Cassette {
    let facts = facts(include_str!("../../../../fixtures/demo/hst.csv"));
    let border = at("2026-08-17T00:00:00Z");
    let (before, week): (Vec<i64>, Vec<i64>) = ORBITS.partition(|n| begin(*n) < border);
    let names = ["timeline_08_10_26", "timeline_08_17_26"];
    let links = names.map(|name| format!("<a href=\"{name}\">{name}</a>\n"));
    let index = format!(
        "<html><body><pre>\n{}</pre></body></html>\n",
        links.concat()
    );
    let timeline = |name: &str, text: String| {
        Take::get(&format!("{DIRECTORY}{name}"), &[]).answers("text/plain", text)
    };
    let (planned, performed) = archive(&facts);
    let takes = [
        Take::get(DIRECTORY, &[]).answers("text/html", index),
        timeline(
            names[0],
            report(&facts, "262222D1", border - TimeDelta::days(7), &before),
        ),
        timeline(names[1], report(&facts, "262229D1", border, &week)),
        mast::take("HST", "calib_level", planned),
        mast::take("HST", "t_min", performed),
    ];
    tape(
        takes
            .into_iter()
            .chain(visits::takes("HST", visits(&facts))),
    )
}

/// Begin of the `n`th orbit's visit; the first one begins 20 s after the opening.
fn begin(n: i64) -> DateTime<Utc> {
    at("2026-08-18T00:39:20Z") + minutes(ORBIT * n)
}

fn end(n: i64) -> DateTime<Utc> {
    begin(n) + minutes(40 + 3 * n.rem_euclid(5)) + seconds(7 * n.rem_euclid(4))
}

/// The visit: one further each time its programme comes round.
fn visit(facts: &[Row], n: i64) -> String {
    base36(turn(facts, n).1 + 3)
}

/// Begin and end of the parallel beside the `n`th orbit's visit, where there is one.
fn beside(facts: &[Row], n: i64) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (fact, _) = turn(facts, n);
    let alone = text(fact, "instrument").starts_with("WFC3");
    (!alone).then(|| (begin(n) + minutes(7), end(n) - minutes(3)))
}

/// Begin and end of the lamp's exposure while the Earth is in the way.
fn lamp(n: i64) -> (DateTime<Utc>, DateTime<Utc>) {
    let shut = begin(n) + minutes(57);
    (shut, shut + minutes(27 + n.rem_euclid(3)))
}

/// All visits, some seconds later than planned.
fn visits(facts: &[Row]) -> Vec<Visit> {
    let mut visits = Vec::new();
    for n in ORBITS {
        let counted = base36(n + 17);
        let program = text(turn(facts, n).0, "program");
        let prime = (program, visit(facts, n), (begin(n), end(n)));
        let lamp = ("16405", counted.clone(), lamp(n));
        let beside = beside(facts, n).map(|times| ("11696", counted, times));
        let ids = [prime, lamp].into_iter().chain(beside);
        visits.extend(ids.map(|(program, visit, (begin, end))| Visit {
            program: program.to_owned(),
            observation: None,
            visit,
            begin: begin + seconds(5 + n.rem_euclid(7) * 3),
            end: end - seconds(8 + n.rem_euclid(5) * 2),
            fails: false,
        }));
    }
    visits
}

/// What stands in a line besides its times.
struct Printed<'f> {
    unit: String,
    pi: &'f str,
    target: &'f str,
    instrument: &'f str,
    mode: &'f str,
    element: &'f str,
    seconds: &'f str,
}

impl Printed<'_> {
    fn line(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
        format!(
            "{} {} {}  {:<7}  {:<10.10} {:<6} {:<30.30} {:<8.8} {:<6.6} {:<12} {:<12} {:>9}  01 01 01",
            from.format("%Y.%j"),
            from.format("%H:%M:%S"),
            to.format("%H:%M:%S"),
            self.unit,
            self.pi,
            "01-001",
            self.target,
            self.instrument,
            self.mode,
            "",
            self.element,
            self.seconds,
        )
    }
}

/// The lines of one orbit: a visit, a lamp while the Earth is in the way, sometimes a parallel.
fn lines(facts: &[Row], n: i64) -> Vec<String> {
    let (fact, _) = turn(facts, n);
    let counted = base36(n + 17);
    let prime = Printed {
        unit: format!("{:0>5}{}", text(fact, "program"), visit(facts, n)),
        pi: text(fact, "pi"),
        target: text(fact, "target"),
        instrument: text(fact, "instrument"),
        mode: text(fact, "mode"),
        element: text(fact, "element"),
        seconds: text(fact, "seconds"),
    };
    let tungsten = Printed {
        unit: format!("16405{counted}"),
        pi: "Khandrika",
        target: "TUNGSTEN",
        instrument: "WFC3/IR",
        mode: "MULTIA",
        element: "F127M",
        seconds: "50.00",
    };
    let parallel = Printed {
        unit: format!("11696{counted}"),
        pi: "Malkan",
        target: "PARALLEL-FIELD",
        instrument: "WFC3/IR",
        mode: "MULTIA",
        element: "G141",
        seconds: "1206.00",
    };
    let mut lines = vec![prime.line(begin(n), end(n))];
    if let Some((from, to)) = beside(facts, n) {
        lines.push(parallel.line(from, to));
    }
    let (from, to) = lamp(n);
    lines.push(tungsten.line(from, to));
    lines
}

fn report(facts: &[Row], sms: &str, monday: DateTime<Utc>, orbits: &[i64]) -> String {
    let issued = (monday - TimeDelta::days(17)).format("%d-%b-%Y 22:51:44");
    let day = |at: DateTime<Utc>| at.format("%Y.%j:%H:%M:%S (%d-%b-%Y %H:%M:%S)");
    let mut text = format!(
        "\n{issued}             ---   HST  Observing  Timeline  Report  for  SMS:   {sms}   ---                           Page 1\n\
         \x20                SMS Start: {}, End: {}\n\n\
         \x20        Observation  Set            Principal                                        Science                      Spectral     Exposure\n\
         \x20        Begin UT End  UT   SU Id    Investigat Exp #  Target                         Instrume Mode   Apertures    Elements     Time(sec) OB AL EX O#\n\
         {RULER}\n",
        day(monday),
        day(monday + TimeDelta::days(7)),
    );
    for line in orbits.iter().flat_map(|n| lines(facts, *n)) {
        text += &line;
        text.push('\n');
    }
    text += &format!(
        "\n{issued}                         ---  HST  Observing  Timeline  Report  ---                                       Page 1\n\
         \x20                                             Proposal  Titles    for  SMS:   {sms}\n\n\
         \x20    Prop  Prog    Principal\n     Id    Id      Investigator       Proposal Title\n\
         \x20    ----- ----    ---------------    {}\n",
        "-".repeat(70),
    );
    let mut title = |program: &str, code: &str, pi: &str, title: &str| {
        let line = format!("     {program:<5} {code:<4}    {pi:<15.15}    {title:.70}");
        text += line.trim_end();
        text.push('\n');
    };
    for fact in facts {
        let cell = |column| super::text(fact, column);
        title(cell("program"), cell("code"), cell("pi"), cell("title"));
    }
    title("16405", "EGM", "Khandrika", "WFC3 IR Gain Monitor");
    title("11696", "BCW", "Malkan", "");
    text
}

/// The planned rows of all visits, latest first, and the performed ones. Data are in the archive
/// fifty minutes after the end of a visit.
fn archive(facts: &[Row]) -> (Vec<Element>, Vec<Element>) {
    let (mut planned, mut performed) = (Vec::new(), Vec::new());
    for n in ORBITS.rev() {
        let row = row(facts, n);
        let arrival = end(n) + minutes(50);
        planned.push(Element::new(mast::planned(row.clone())).until(arrival));
        let row = mast::performed(row, begin(n) + minutes(5), end(n) - minutes(2));
        performed.push(Element::new(row).since(arrival));
    }
    performed.reverse();
    (planned, performed)
}

fn row(facts: &[Row], n: i64) -> Value {
    let (fact, _) = turn(facts, n);
    let (letter, instrument) = match text(fact, "instrument") {
        "WFC3/UV" => ("i", "WFC3/UVIS"),
        "STIS/CC" => ("o", "STIS/CCD"),
        "ACS/WFC" => ("j", "ACS/WFC"),
        other => ("i", other),
    };
    let name = format!("{letter}{}{}01q", text(fact, "code"), visit(facts, n));
    json!({
        "obs_id": name.to_lowercase(), "obs_collection": "HST", "project": "HST",
        "instrument_name": instrument, "filters": text(fact, "element"),
        "target_name": text(fact, "target"), "target_classification": text(fact, "class"),
        "s_ra": number(fact, "ra"), "s_dec": number(fact, "dec"), "intentType": "science",
        "proposal_id": text(fact, "program").trim_start_matches('0'),
        "proposal_pi": fact.get("pi"), "mtFlag": fact.get("moving").is_some(),
        "em_min": null, "em_max": null, "t_min": null, "t_max": null, "t_exptime": null,
    })
}
