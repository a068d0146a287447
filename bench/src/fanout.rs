//! What handing an event to thousands of clients takes, beside the least anybody could take and
//! beside other servers.

use std::time::Duration;

use crate::Options;
use crate::arena::Arena;
use crate::ask::{Ask, Server};
use crate::load::plan::{Phase, Report, Sent};
use crate::measure::{Figure, Goal};
use crate::peers::Peer;
use crate::results::{Entry, Results, Side, ratio};

/// Once a second and ten times a second, whatever becomes of it.
const ONE: &str = "1/s";
const TEN: &str = "10/s";
/// At most 4 and 64 messages that not everybody has yet.
const FOUR: &str = "w4";
const MANY: &str = "w64";
/// The same as [`FOUR`], each client with a filter of its own.
const FILTERED: &str = "w4, filtered";
/// 20 a second while everybody is dropped and comes back with `since`.
const RETURNING: &str = "20/s, coming back";
/// How long a window is kept full.
const SPELL: Duration = Duration::from_millis(2_000);
/// Clients beyond which Daphne takes minutes to connect them.
const DAPHNE: usize = 5_000;
/// Those that are measured in each round.
const RUNNERS: [Server; 5] = [
    Server::Floor,
    Server::Together,
    Server::Ours,
    Server::Peer(Peer::Nchan),
    Server::Peer(Peer::Node),
];

/// How many clients what is measured with.
struct Widths {
    /// Of an idle day.
    calm: usize,
    /// Of a busy one, from few to many.
    busy: Vec<usize>,
    most: usize,
}

impl Widths {
    fn new(options: &Options) -> Widths {
        let all = options.clients();
        let calm = all.first().copied().unwrap_or(1_000);
        let busy = match all.as_slice() {
            [only] => vec![*only],
            all => all.iter().skip(1).copied().collect(),
        };
        Widths {
            calm,
            busy,
            most: options.most_clients(),
        }
    }

    /// Where Daphne's throughput is measured.
    fn daphne(&self) -> Option<usize> {
        let few = self.busy.iter().copied().filter(|busy| *busy <= DAPHNE);
        few.max()
    }

    fn all(&self) -> Vec<usize> {
        let mut all = vec![self.calm];
        all.extend(self.busy.iter().filter(|busy| **busy != self.calm));
        all
    }

    /// What a server is asked with so many clients.
    fn phases(&self, server: Server, clients: usize) -> Vec<(&'static str, Phase)> {
        let mut phases = Vec::new();
        let measured = matches!(server, Server::Floor | Server::Ours);
        if clients == self.calm && measured {
            phases.push((ONE, Phase::open(1.0, 20)));
            phases.push((TEN, Phase::open(10.0, 20)));
        }
        if clients == self.most && (measured || server == Server::Peer(Peer::Nchan)) {
            phases.retain(|(name, _)| *name != TEN);
            phases.push((TEN, Phase::open(10.0, 100)));
        }
        if self.busy.contains(&clients) {
            phases.push((FOUR, Phase::window(4, 100_000, SPELL)));
            if server != Server::Peer(Peer::Node) {
                phases.push((MANY, Phase::window(64, 100_000, SPELL)));
            }
        }
        phases
    }
}

/// All servers in turn, forth and back.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut arena = Arena::new("fanout", options).await?;
    let widths = Widths::new(options);
    let mut results = Results::default();
    for round in 0..options.repeats {
        for clients in widths.all() {
            let mut runners = RUNNERS.to_vec();
            if round % 2 == 1 {
                runners.reverse();
            }
            for server in runners {
                let phases = widths.phases(server, clients);
                measure(&mut arena, &mut results, server, clients, phases).await?;
            }
        }
        let ask = Ask {
            filtered: true,
            ..Ask::of(widths.most).send([Phase::window(4, 100_000, SPELL)])
        };
        let report = arena.measure(Server::Ours, &ask).await?;
        results.add(Server::Ours, widths.most, FILTERED, report);
        let ask = Ask {
            returns: true,
            ..Ask::of(widths.calm).send([Phase::open(20.0, 120)])
        };
        let report = arena.measure(Server::Ours, &ask).await?;
        results.add(Server::Ours, widths.calm, RETURNING, report);
    }
    // Once: they are slow, and so far from the others that noise does not matter.
    let (daphne, fastapi) = (Server::Peer(Peer::Daphne), Server::Peer(Peer::FastApi));
    let ten = vec![(TEN, Phase::open(10.0, 10))];
    measure(&mut arena, &mut results, daphne, widths.calm, ten).await?;
    if let Some(clients) = widths.daphne() {
        let few = vec![(FOUR, Phase::window(4, 6, SPELL))];
        measure(&mut arena, &mut results, daphne, clients, few).await?;
        let window = vec![(FOUR, Phase::window(4, 100_000, SPELL))];
        measure(&mut arena, &mut results, fastapi, clients, window).await?;
    }
    Ok(figures(&widths, &results))
}

async fn measure(
    arena: &mut Arena,
    results: &mut Results,
    server: Server,
    clients: usize,
    phases: Vec<(&'static str, Phase)>,
) -> anyhow::Result<()> {
    if phases.is_empty() || !arena.has(server) {
        return Ok(());
    }
    let ask = Ask::of(clients).send(phases.iter().map(|(_, phase)| phase.clone()));
    let report = match (arena.measure(server, &ask).await, server) {
        (Ok(report), _) => report,
        (Err(error), Server::Peer(_)) => {
            eprintln!("  left out: {error:#}");
            return Ok(());
        }
        (Err(error), _) => return Err(error),
    };
    // A phase is a result of its own; what is true of all of them stays with each.
    for ((name, _), sent) in phases.iter().zip(&report.phases) {
        let report = Report {
            phases: vec![sent.clone()],
            ..report.clone()
        };
        results.add(server, clients, name, report);
    }
    Ok(())
}

fn figures(widths: &Widths, results: &Results) -> Vec<Figure> {
    let side = |server, clients, what, value: fn(&Sent) -> f64| {
        let values = results.each(server, clients, what, |report| {
            report.phases.first().map(value)
        });
        Side::new(server, values)
    };
    let cpu = |server, clients, what| side(server, clients, what, |sent| sent.cpu);
    let rate = |server, clients, what| side(server, clients, what, |sent| sent.rate);
    let p99 = |server, clients, what| side(server, clients, what, |sent| sent.p99);
    let p50 = |server, clients, what| side(server, clients, what, |sent| sent.p50);
    let (floor, together, ours) = (Server::Floor, Server::Together, Server::Ours);
    let [nchan, node, fastapi, daphne] = Peer::ALL.map(Server::Peer);
    let mut figures = Vec::new();
    let mut add = |figure: Option<Figure>, id, must: Option<Goal>, reach: Option<Goal>| {
        if let Some(mut figure) = figure {
            figure = figure.of(id);
            figure.goal = must;
            figure.reach = reach;
            figures.push(figure);
        }
    };
    let (most, least) = (|x| Some(Goal::AtMost(x)), |x| Some(Goal::AtLeast(x)));
    for &clients in &widths.busy {
        let what = |beside: &str| format!("CPU a delivery, {clients} clients, w4: ours / {beside}");
        let over = |server: Server| {
            let (ours, other) = (cpu(ours, clients, FOUR), cpu(server, clients, FOUR));
            ratio(what(server.name()), "µs", &ours, &other)
        };
        add(over(floor), "F1", most(1.15), most(0.5));
        add(over(together), "F1", None, None);
        add(over(nchan), "F1", most(0.8), None);
        add(over(node), "F1", most(0.7), None);
        add(over(fastapi), "F1", None, None);
    }
    for &clients in &widths.busy {
        let ours = rate(ours, clients, MANY);
        let what = |over: &str| format!("deliveries a second, {clients} clients, w64: {over}");
        let peer = ratio(
            what("ours / nchan"),
            "/s",
            &ours,
            &rate(nchan, clients, MANY),
        );
        add(peer, "F2", least(5.0), least(10.0));
        let bare = rate(together, clients, MANY);
        let bare = ratio(what("floor, 16 together / ours"), "/s", &bare, &ours);
        add(bare, "F2", None, most(1.3));
        let founders = rate(daphne, clients, FOUR);
        let founders = ratio(what("ours / Daphne (w4)"), "/s", &ours, &founders);
        add(founders, "F2", least(400.0), None);
    }
    let calm = widths.calm;
    let what = format!("CPU a delivery, {calm} clients, 10/s: Daphne / ours");
    let beside = ratio(what, "µs", &cpu(daphne, calm, TEN), &cpu(ours, calm, TEN));
    add(beside, "F3", least(35.0), least(45.0));
    // What nobody could pass.
    let what = format!("CPU a delivery, {calm} clients, 10/s: Daphne / floor");
    let beside = ratio(what, "µs", &cpu(daphne, calm, TEN), &cpu(floor, calm, TEN));
    add(beside, "F3", None, None);
    if let Some(clients) = widths.daphne() {
        let what = format!("CPU a delivery, {clients} clients, w4: Daphne / ours");
        let (daphne, ours) = (cpu(daphne, clients, FOUR), cpu(ours, clients, FOUR));
        add(
            ratio(what, "µs", &daphne, &ours),
            "F3",
            least(80.0),
            least(250.0),
        );
    }
    let wide = widths.most;
    let what = |beside: &str| format!("p99, {wide} clients, 10/s: ours / {beside}");
    let late = p99(ours, wide, TEN);
    let beside = ratio(what("floor"), "ms", &late, &p99(floor, wide, TEN));
    add(beside, "F4", most(1.25), most(1.05));
    let logged = |server| side(server, wide, TEN, |sent| sent.logged_p99);
    let beside = ratio(
        what("floor, from the commit on"),
        "ms",
        &logged(ours),
        &logged(floor),
    );
    add(beside, "F4", most(1.25), most(1.05));
    let beside = ratio(what("nchan"), "ms", &late, &p99(nchan, wide, TEN));
    add(beside, "F4", most(1.0), None);
    let what = format!("p50, {calm} clients, 1/s: ours / floor");
    let beside = ratio(
        what.clone(),
        "ms",
        &p50(ours, calm, ONE),
        &p50(floor, calm, ONE),
    );
    add(beside, "F5", most(1.2), most(1.0));
    let logged = |server| side(server, calm, ONE, |sent| sent.logged_p50);
    let what = what + ", from the commit on";
    let beside = ratio(what, "ms", &logged(ours), &logged(floor));
    add(beside, "F5", most(1.2), most(1.0));
    let what = |how: &str| format!("lost, twice or out of order{how}");
    let all = results.of(Server::Ours);
    add(Some(wrong(what(""), all)), "F6", most(0.0), None);
    let back = results
        .of(Server::Ours)
        .filter(|report| report.what == RETURNING);
    let how = format!(", {calm} clients that come back with `since` every three seconds");
    add(Some(wrong(what(&how), back)), "F6", None, most(0.0));
    let what =
        format!("CPU a delivery, {wide} clients, w4: each its own filter, a tenth passes / all");
    let own = cpu(ours, wide, FILTERED).named("filtered");
    let all = cpu(ours, wide, FOUR).named("all");
    add(ratio(what, "µs", &own, &all), "F7", most(1.3), most(1.1));
    // Who gets every tenth message has seldom two that wait for one write, which is what makes F1:
    // so it stands beside what goes out alone, too.
    let alone = cpu(ours, wide, TEN).named("all, 10/s");
    let what = format!(
        "CPU a delivery, {wide} clients: w4, each its own filter, a tenth passes / 10/s, all"
    );
    add(ratio(what, "µs", &own, &alone), "F7", None, None);
    let what = format!("CPU a delivery, {wide} clients, w4: each its own filter / floor");
    add(
        ratio(what, "µs", &own, &cpu(floor, wide, FOUR)),
        "F7",
        None,
        None,
    );
    figures.push(others(results));
    figures
}

/// Deliveries that were lost, came twice or out of order, in all rounds.
#[expect(clippy::cast_precision_loss, reason = "counts of a run")]
fn wrong<'a>(measure: String, entries: impl Iterator<Item = &'a Entry>) -> Figure {
    let (mut wrong, mut all) = (0, 0);
    for sent in entries.flat_map(|entry| &entry.report.phases) {
        wrong += sent.lost() + sent.disordered;
        all += sent.expected;
    }
    Figure::new(measure, "deliveries", vec![wrong as f64]).aside(format!("of {all}"))
}

/// What the rest of the machine did meanwhile: above 0.3, run it again.
fn others(results: &Results) -> Figure {
    let phases = results.all().flat_map(|entry| &entry.report.phases);
    let cores = phases.map(|sent| sent.others).collect();
    Figure::new("the rest of the machine meanwhile", "cores", cores)
}
