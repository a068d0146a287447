//! What several servers showed in the same rounds, and ratios of that.

use std::fmt::Write as _;

use crate::ask::Server;
use crate::load::plan::Report;
use crate::measure::{Figure, median, short};

/// Reports of all rounds.
#[derive(Default)]
pub(crate) struct Results(Vec<Entry>);

/// A report, and of what.
pub(crate) struct Entry {
    server: Server,
    clients: usize,
    /// What was asked.
    pub(crate) what: &'static str,
    /// What came of it.
    pub(crate) report: Report,
}

impl Results {
    /// Notes a report.
    pub(crate) fn add(
        &mut self,
        server: Server,
        clients: usize,
        what: &'static str,
        report: Report,
    ) {
        self.0.push(Entry {
            server,
            clients,
            what,
            report,
        });
    }

    /// One value a run, of which a round has one, sometimes two; none where it was not measured.
    pub(crate) fn each(
        &self,
        server: Server,
        clients: usize,
        what: &str,
        value: impl Fn(&Report) -> Option<f64>,
    ) -> Vec<f64> {
        let of = |entry: &&Entry| {
            entry.server == server && entry.clients == clients && entry.what == what
        };
        let reports = self.0.iter().filter(of);
        reports.filter_map(|entry| value(&entry.report)).collect()
    }

    /// All reports of a server.
    pub(crate) fn of(&self, server: Server) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.server == server)
    }

    /// All reports.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}

/// Values of one server, with their name.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    name: &'static str,
    values: Vec<f64>,
}

impl Side {
    /// Values of a server.
    pub(crate) fn new(server: Server, values: Vec<f64>) -> Side {
        Side {
            name: server.name(),
            values,
        }
    }
}

impl Side {
    /// Under another name.
    pub(crate) fn named(mut self, name: &'static str) -> Side {
        self.name = name;
        self
    }
}

/// How many times the second the first is, round by round; none when either was not measured. What
/// was measured in one round only stands beside all rounds of the other.
pub(crate) fn ratio(
    measure: impl Into<String>,
    unit: &str,
    over: &Side,
    under: &Side,
) -> Option<Figure> {
    let rounds = over.values.len().max(under.values.len());
    if over.values.is_empty() || under.values.is_empty() {
        return None;
    }
    let value = |side: &Side, round: usize| match side.values.len() == rounds {
        true => side.values.get(round).copied().unwrap_or(f64::NAN),
        false => median(&side.values),
    };
    let ratios = (0..rounds).map(|round| value(over, round) / value(under, round));
    let mut aside = String::new();
    for (side, gap) in [(over, ", "), (under, "")] {
        let _ = write!(
            aside,
            "{} {} {unit}{gap}",
            side.name,
            short(median(&side.values))
        );
    }
    Some(Figure::new(measure, "times", ratios.collect()).aside(aside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_round_by_round_and_what_was_measured_once_stands_beside_all() {
        let side = |name, values: &[f64]| Side {
            name,
            values: values.to_vec(),
        };
        let (ours, floor) = (
            side("ours", &[2.0, 9.0, 4.0]),
            side("floor", &[1.0, 3.0, 4.0]),
        );

        let rounds = ratio("x", "us", &ours, &floor).unwrap();
        let once = ratio("x", "us", &ours, &side("peer", &[2.0])).unwrap();

        assert_eq!(rounds.ours, [2.0, 3.0, 1.0]);
        assert_eq!(rounds.aside.as_deref(), Some("ours 4 us, floor 3 us"));
        assert_eq!(once.ours, [1.0, 4.5, 2.0]);
        assert!(ratio("x", "us", &ours, &side("peer", &[])).is_none());
    }
}
