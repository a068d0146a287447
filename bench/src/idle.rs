//! What a client that is only there takes of a server's memory.

use crate::Options;
use crate::arena::Arena;
use crate::ask::{Ask, Server};
use crate::load::plan::Report;
use crate::measure::{Figure, Goal};
use crate::peers::Peer;
use crate::results::{Results, Side, ratio};

/// Seconds of silence.
const HOLD: f64 = 2.0;
/// Clients of Daphne, which takes a millisecond and more to let one in.
const DAPHNE: usize = 2_000;

/// Connects everybody, waits, reads the memory.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut arena = Arena::new("idle", options).await?;
    let clients = options.most_clients();
    let mut results = Results::default();
    for round in 0..options.repeats {
        let peers = Peer::ALL.map(Server::Peer);
        for server in [Server::Floor, Server::Ours].into_iter().chain(peers) {
            let often = matches!(server, Server::Ours | Server::Peer(Peer::Nchan));
            if !arena.has(server) || (round > 0 && !often) {
                continue;
            }
            let few = server == Server::Peer(Peer::Daphne);
            let ask = Ask {
                hold: HOLD,
                ..Ask::of(if few { clients.min(DAPHNE) } else { clients })
            };
            let report = arena.measure(server, &ask).await?;
            results.add(server, clients, "idle", report);
        }
    }
    let side = |server| Side::new(server, results.each(server, clients, "idle", each));
    let ours = side(Server::Ours);
    let mut figures = vec![
        Figure::new(
            format!("memory of an idle connection, {clients} clients"),
            "KiB",
            results.each(Server::Ours, clients, "idle", each),
        )
        .of("M1")
        .goal(Goal::AtMost(10.4))
        .reach(Goal::AtMost(2.6)),
    ];
    let nchan = side(Server::Peer(Peer::Nchan));
    let beside = ratio(
        "memory of an idle connection: ours / nchan",
        "KiB",
        &ours,
        &nchan,
    );
    let goals = |figure: Figure| {
        let figure = figure.of("M1").goal(Goal::AtMost(1.0));
        figure.reach(Goal::AtMost(0.25))
    };
    figures.extend(beside.map(goals));
    let daphne = side(Server::Peer(Peer::Daphne));
    let beside = ratio(
        "memory of an idle connection: Daphne / ours",
        "KiB",
        &daphne,
        &ours,
    );
    figures.extend(beside.map(|figure| figure.of("M1").goal(Goal::AtLeast(3.0))));
    for peer in [Peer::Node, Peer::FastApi] {
        let beside = side(Server::Peer(peer));
        let what = format!("memory of an idle connection: {} / ours", peer.name());
        figures.extend(ratio(what, "KiB", &beside, &ours).map(|figure| figure.of("M1")));
    }
    Ok(figures)
}

/// KiB of a connection.
#[expect(clippy::cast_precision_loss, reason = "a few thousand clients")]
fn each(report: &Report) -> Option<f64> {
    let there = report.arrivals.first()?.there.max(1);
    Some((report.full - report.empty) / there as f64 / 1024.0)
}
