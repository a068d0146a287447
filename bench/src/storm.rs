//! Everybody comes at once, is dropped, and comes back at once.

use crate::Options;
use crate::arena::Arena;
use crate::ask::{Ask, Server};
use crate::load::plan::{Arrival, Report};
use crate::measure::{Figure, Goal, median};
use crate::peers::Peer;
use crate::results::{Results, Side, ratio};

/// How often all come back.
const STORMS: u32 = 5;
/// Those who come one after another, and those who come at once.
const PACED: &str = "paced";
const STORM: &str = "storm";

/// Storms on all servers in turn.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut arena = Arena::new("storm", options).await?;
    let clients = options.most_clients();
    let mut results = Results::default();
    for round in 0..options.repeats {
        let mut servers = vec![Server::Floor, Server::Ours, Server::Peer(Peer::Nchan)];
        if round % 2 == 1 {
            servers.reverse();
        }
        if round == 0 {
            servers.extend([Peer::Node, Peer::FastApi].map(Server::Peer));
        }
        let storm = Ask {
            at_once: true,
            storms: STORMS,
            ..Ask::of(clients)
        };
        for server in servers {
            if arena.has(server) {
                let report = arena.measure(server, &storm).await?;
                results.add(server, clients, STORM, report);
            }
        }
        // Daphne's line of 50 does not stand a storm: beside it, ours come one after another too.
        let daphne = Server::Peer(Peer::Daphne);
        if arena.has(daphne) {
            let report = arena.measure(Server::Ours, &Ask::of(clients)).await?;
            results.add(Server::Ours, clients, PACED, report);
        }
        if round == 0 && arena.has(daphne) {
            let report = arena.measure(daphne, &Ask::of(clients)).await?;
            results.add(daphne, clients, PACED, report);
        }
    }
    Ok(figures(clients, &results))
}

fn figures(clients: usize, results: &Results) -> Vec<Figure> {
    let side = |server, value: fn(&Report) -> Option<f64>| {
        Side::new(server, results.each(server, clients, STORM, value))
    };
    let [nchan, node, fastapi, daphne] = Peer::ALL.map(Server::Peer);
    let ours = side(Server::Ours, back);
    let what = |beside: &str| format!("until {clients} are back at once: ours / {beside}");
    let over = |server: Server| ratio(what(server.name()), "s", &ours, &side(server, back));
    let mut figures = Vec::new();
    let goals = |figure: Figure| figure.of("C1").goal(Goal::AtMost(1.5));
    let floor = over(Server::Floor).map(|figure| goals(figure).reach(Goal::AtMost(1.2)));
    figures.extend(floor);
    figures.extend(over(nchan).map(|figure| figure.of("C1").goal(Goal::AtMost(1.0))));
    for server in [node, fastapi] {
        figures.extend(over(server).map(|figure| figure.of("C1")));
    }
    let failed = results.each(Server::Ours, clients, STORM, |report| {
        Some(
            report
                .arrivals
                .iter()
                .map(|arrival| missing(arrival, clients))
                .sum(),
        )
    });
    figures.push(
        Figure::new("handshakes that failed", "handshakes", failed)
            .of("C1")
            .goal(Goal::AtMost(0.0)),
    );
    let ours = side(Server::Ours, first);
    let floor = side(Server::Floor, first);
    let beside = ratio("CPU of a handshake: ours / floor", "µs", &ours, &floor);
    let goals = |figure: Figure| {
        let figure = figure.of("C2").goal(Goal::AtMost(2.0));
        figure.reach(Goal::AtMost(1.5))
    };
    figures.extend(beside.map(goals));
    for (server, least) in [(nchan, None), (node, None), (fastapi, Some(15.0))] {
        let what = format!("CPU of a handshake: {} / ours", server.name());
        let beside = ratio(what, "µs", &side(server, first), &ours);
        figures.extend(beside.map(|mut figure| {
            figure.goal = least.map(Goal::AtLeast);
            figure.of("C2")
        }));
    }
    let paced = |server| Side::new(server, results.each(server, clients, PACED, first));
    let what = "CPU of a handshake, one after another: Daphne / ours";
    let beside = ratio(what, "µs", &paced(daphne), &paced(Server::Ours));
    figures.extend(beside.map(|figure| figure.of("C2").goal(Goal::AtLeast(35.0))));
    figures
}

/// Seconds until all are back, of the middle one of the storms: one in which somebody has to knock
/// again takes a second more, whoever is knocked at.
fn back(report: &Report) -> Option<f64> {
    let storms = report
        .arrivals
        .get(1..)
        .filter(|storms| !storms.is_empty())?;
    let seconds: Vec<f64> = storms.iter().map(|arrival| arrival.seconds).collect();
    Some(median(&seconds))
}

/// CPU of a handshake when all come for the first time.
fn first(report: &Report) -> Option<f64> {
    report.arrivals.first().map(|arrival| arrival.cpu)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand clients")]
fn missing(arrival: &Arrival, clients: usize) -> f64 {
    (arrival.failed + clients.saturating_sub(arrival.there)) as f64
}
