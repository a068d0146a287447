//! Clients that never read: what they cost the others, and the server.

use crate::Options;
use crate::arena::Arena;
use crate::ask::{Ask, Server};
use crate::load::plan::{Phase, Report};
use crate::measure::{Figure, Goal, median};
use crate::peers::Peer;
use crate::results::Results;

/// Clients that read.
const READERS: usize = 130;
/// Clients that do not.
const DEAF: usize = 20;
/// Bytes of a message.
const SIZE: usize = 16 << 10;
/// Messages a second, and all of them: 6 MiB for each client.
const RATE: f64 = 25.0;
const MESSAGES: usize = 400;
/// What our server lets the kernel hold for a client: 256 KiB, which Linux doubles.
const SEND_BUFFER: f64 = 512.0;
const WITH: &str = "with";
const WITHOUT: &str = "without";

/// 150 clients of which 20 never read, and the same without those.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut arena = Arena::new("slow", options).await?;
    let mut results = Results::default();
    for round in 0..options.repeats {
        let peers = Peer::ALL.map(|peer| (Server::Peer(peer), WITH));
        // Twice, as the slowest four of 400 messages are what is compared.
        let mut runs = vec![
            (Server::Floor, WITH),
            (Server::Ours, WITHOUT),
            (Server::Ours, WITH),
            (Server::Ours, WITH),
            (Server::Ours, WITHOUT),
        ];
        if round % 2 == 1 {
            runs.reverse();
        }
        let peers = peers.into_iter().filter(|_| round == 0);
        for (server, what) in runs.into_iter().chain(peers) {
            if !arena.has(server) {
                continue;
            }
            let ask = Ask {
                deaf: if what == WITH { DEAF } else { 0 },
                size: Some(SIZE),
                ..Ask::of(READERS).send([Phase::open(RATE, MESSAGES)])
            };
            let report = arena.measure(server, &ask).await?;
            results.add(server, READERS, what, report);
        }
    }
    Ok(figures(&results))
}

fn figures(results: &Results) -> Vec<Figure> {
    let ours =
        |what, value: fn(&Report) -> Option<f64>| results.each(Server::Ours, READERS, what, value);
    let (with, without) = (ours(WITH, logged_p99), ours(WITHOUT, logged_p99));
    let aside = format!("{:.1} and {:.1} ms", median(&with), median(&without));
    let mut figures = vec![
        Figure::new(
            "p99 of the others over that without slow readers, from the commit on",
            "times",
            with.iter()
                .zip(&without)
                .map(|(with, without)| with / without)
                .collect(),
        )
        .of("S1")
        .goal(Goal::AtMost(1.1))
        .reach(Goal::AtMost(1.05))
        .aside(aside),
        Figure::new("lost by the others", "deliveries", ours(WITH, lost))
            .of("S1")
            .goal(Goal::AtMost(0.0)),
    ];
    // The server's memory grows with what it keeps for all; a slow reader costs what is beyond.
    let (grown, usual) = (ours(WITH, grown), ours(WITHOUT, grown));
    let kept = grown
        .iter()
        .zip(&usual)
        .map(|(with, without)| (with - without).max(0.0) / DEAF as f64);
    let kernel = ours(WITH, kernel);
    let all = kept
        .clone()
        .zip(&kernel)
        .map(|(kept, kernel)| kept + kernel);
    let kept: Vec<f64> = kept.collect();
    let aside = format!(
        "{:.0} in the server, {:.0} in the kernel",
        median(&kept),
        median(&kernel)
    );
    figures.push(
        Figure::new("memory for a slow reader", "KiB", all.collect())
            .of("S2")
            .goal(Goal::AtMost(512.0 + SEND_BUFFER))
            .reach(Goal::AtMost(256.0))
            .aside(aside),
    );
    let told = ours(WITH, |report| Some(report.deaf.as_ref()?.told as f64));
    figures.push(
        Figure::new("until slow readers are let go", "s", ours(WITH, until))
            .of("S2")
            .goal(Goal::AtMost(10.0))
            .aside(format!("{:.0} of {DEAF} find the reason", median(&told))),
    );
    let others = [Server::Floor]
        .into_iter()
        .chain(Peer::ALL.map(Server::Peer));
    figures.extend(others.filter_map(|server| beside(results, server)));
    figures
}

/// What another server does with slow readers.
fn beside(results: &Results, server: Server) -> Option<Figure> {
    let each = |value: fn(&Report) -> Option<f64>| results.each(server, READERS, WITH, value);
    let values = each(p99);
    let deaf = DEAF as f64;
    (!values.is_empty()).then(|| {
        let let_go = median(&each(|report| Some(report.deaf.as_ref()?.closed as f64)));
        let aside = format!(
            "{:.0} deliveries lost; for a slow reader {:.0} KiB in the server, {:.0} in the kernel; \
             {let_go:.0} of {DEAF} let go",
            median(&each(lost)),
            median(&each(grown)) / deaf,
            median(&each(kernel)),
        );
        let what = format!("p99 beside slow readers: {}", server.name());
        Figure::new(what, "ms", values).of("S1").aside(aside)
    })
}

fn p99(report: &Report) -> Option<f64> {
    report.phases.first().map(|sent| sent.p99)
}

fn logged_p99(report: &Report) -> Option<f64> {
    report.phases.first().map(|sent| sent.logged_p99)
}

fn lost(report: &Report) -> Option<f64> {
    report.phases.first().map(|sent| sent.lost() as f64)
}

/// KiB the server took beyond what it had.
fn grown(report: &Report) -> Option<f64> {
    Some(report.grown / 1024.0)
}

/// KiB in the kernel, of the one it held most for.
fn kernel(report: &Report) -> Option<f64> {
    report.deaf.as_ref().map(|deaf| deaf.kernel / 1024.0)
}

/// Seconds; without end if one never was.
fn until(report: &Report) -> Option<f64> {
    let deaf = report.deaf.as_ref()?;
    Some(deaf.until.unwrap_or(f64::INFINITY))
}
