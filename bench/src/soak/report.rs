//! What a soak says, each minute and at its end.

use std::sync::atomic::{AtomicU64, Ordering};

use super::crowd::process::Sample;
use super::crowd::{Crowd, Latencies, growth};
use super::{MEMORY_TELLS, Soak, stage};
use crate::About;
use crate::measure::{self, Figure, Goal};

/// How it goes.
pub(super) fn minute(
    minute: u64,
    crowd: &Crowd,
    sample: Sample,
    connections: i64,
    written: u64,
    latencies: &Latencies,
) {
    let counts = crowd.counts();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    eprintln!(
        "{minute:>3} min  {written} events written, {} read · RSS {:.1} MiB, PSS {:.1} MiB, \
         {} threads, {} files, {connections} database connections · p50 {:.1} ms, p99 {:.1} ms · \
         {} came back, {} cut off, {} broken · {} lost, {} repeated",
        crowd.deliveries(),
        sample.resident,
        sample.proportional,
        sample.threads,
        sample.files,
        latencies.quantile(0.5),
        latencies.quantile(0.99),
        count(&counts.back),
        count(&counts.cut_off),
        count(&counts.broken),
        count(&counts.lost),
        count(&counts.repeated),
    );
}

/// The end.
pub(super) struct Report<'a> {
    /// What was asked for.
    pub(super) asked: &'a Soak,
    /// The clients.
    pub(super) crowd: &'a Crowd,
    /// Seconds it ran.
    pub(super) took: f64,
    /// Events written besides the demo's.
    pub(super) written: u64,
    /// Events of the log, as far as anybody came.
    pub(super) events: usize,
    /// The server.
    pub(super) samples: &'a [Sample],
    /// Most connections to the database.
    pub(super) connections: i64,
    /// How long events took.
    pub(super) latencies: &'a Latencies,
    /// Clients that saw something else than the log says, or not all of it.
    pub(super) wrong: usize,
    /// One of them.
    pub(super) example: Option<String>,
}

impl Report<'_> {
    /// Prints the figures; answers whether every goal was met.
    pub(super) fn print(&self, load_before: String) -> anyhow::Result<bool> {
        let about = About::new("soak", load_before, 1, false);
        let figures = self.figures();
        if self.asked.json {
            let samples: Vec<_> = self.samples.iter().map(json).collect();
            let json = serde_json::json!({ "run": about, "figures": figures, "samples": samples });
            println!("{}", serde_json::to_string_pretty(&json)?);
        } else {
            println!("{} · {}", about.bench, about.line());
            println!(
                "{} minutes, {} clients, {} events a second; {} events in the log, {} read",
                self.asked.minutes,
                self.asked.clients,
                self.asked.rate,
                self.events,
                self.crowd.deliveries()
            );
            println!("{}", measure::table(&figures));
        }
        if let Some(example) = &self.example {
            eprintln!("For example, {example}");
        }
        if self.asked.minutes < MEMORY_TELLS {
            eprintln!(
                "Memory is not judged: a quarter of {} minutes is too short to tell a leak from \
                 settling (it takes {MEMORY_TELLS})",
                self.asked.minutes
            );
        }
        eprintln!("What the server wrote: {}", stage::log()?.display());
        let mut judged = figures.iter().filter_map(Figure::met);
        Ok(judged.all(|met| met))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of some hours")]
    fn figures(&self) -> Vec<Figure> {
        let counts = self.crowd.counts();
        let plain = |what: &str, value: f64| Figure::new(format!("soak: {what}"), "", vec![value]);
        let count =
            |what: &str, counter: &AtomicU64| plain(what, counter.load(Ordering::Relaxed) as f64);
        let mebibytes =
            |what: &str, value: f64| Figure::new(format!("soak: {what}"), "MiB", vec![value]);
        let millis =
            |what: &str, value: f64| Figure::new(format!("soak: {what}"), "ms", vec![value]);
        let none = Goal::Below(1.0);
        let mut figures = Vec::new();
        if let Some((second, last)) = growth(self.samples) {
            figures.push(mebibytes("median memory of the second quarter", second));
            figures.push(mebibytes("median memory of the last quarter", last));
            let ratio = plain("last quarter over second", last / second);
            figures.push(match self.asked.minutes < MEMORY_TELLS {
                true => ratio,
                false => ratio.goal(Goal::Below(1.05)),
            });
        }
        let rate = self.written as f64 / self.took;
        let wanted = f64::from(self.asked.rate) * 0.95;
        let most = |of: fn(&Sample) -> f64| self.samples.iter().map(of).fold(0.0, f64::max);
        figures.extend([
            Figure::new("soak: events written", "events/s", vec![rate]).goal(Goal::AtLeast(wanted)),
            plain("clients that saw other than the log", self.wrong as f64).goal(none),
            count("events lost", &counts.lost).goal(none),
            count("events repeated", &counts.repeated).goal(none),
            count("told to begin anew", &counts.resets).goal(none),
            count("handshakes that failed", &counts.refused).goal(none),
            count("frames nobody understood", &counts.strange).goal(none),
            count("clients cut off and told so", &counts.cut_off),
            count("connections that broke off", &counts.broken),
            count("of both, clients that are not slow", &counts.sent_away),
            count("reconnects with since", &counts.back),
            millis("p50 latency", self.latencies.quantile(0.5)),
            millis("p99 latency", self.latencies.quantile(0.99)),
            plain("most threads", most(|sample| f64::from(sample.threads))),
            plain("most open files", most(|sample| sample.files as f64)),
            plain("most database connections", self.connections as f64),
        ]);
        figures
    }
}

fn json(sample: &Sample) -> serde_json::Value {
    serde_json::json!({
        "at_s": sample.at,
        "rss_mib": sample.resident,
        "pss_mib": sample.proportional,
        "threads": sample.threads,
        "files": sample.files,
    })
}
