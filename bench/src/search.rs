//! How long a page of activities near a place takes, among millions, by HTTP.

mod asked;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use app::hub::Hub;
use app::server;
use domain::Clock;
use sea_orm::sqlx::PgPool;
use tokio::net::TcpListener;

pub(crate) use self::asked::{Asked, PAGE};
use self::asked::{RADII, ids, looked_through, queries, singles};
use crate::Options;
use crate::activities::now;
use crate::bed::{self, Kind};
use crate::dataset;
use crate::http::{self, Line};
use crate::measure::{Figure, Goal, median, quantile};
use crate::rivals::{self, Way};
use crate::rtree::{Of, RTree};
use crate::sky::Sky;

/// Queries that are checked against every activity, one by one.
const CHECKED: usize = 50;
/// The radius at which several ask at once.
const AT_ONCE: usize = 1;
/// How many do.
const CLIENTS: usize = 4;
/// For how long.
const LASTING: Duration = Duration::from_secs(4);

/// Who is asked.
enum Who {
    Ours(Kind, Hub, u16),
    Tree(RTree),
    Peer(Way, PgPool),
}

/// What was found: a value a repeat.
#[derive(Default)]
struct Times {
    /// The least by HTTP: one activity, by its id.
    one: Vec<f64>,
    p50: [Vec<f64>; RADII.len()],
    p99: [Vec<f64>; RADII.len()],
    rate: Vec<f64>,
}

/// Pages of 50 by region and 30 days out of five years.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let (sky, rows) = (Sky::new(), options.rows);
    let mut all = Vec::new();
    let mut servers = Vec::new();
    for kind in Kind::BOTH {
        let set = dataset::open(kind, rows, &sky).await?;
        if kind == Kind::Sqlite {
            for tree in RTree::both(rows, &sky).await? {
                all.push((Who::Tree(tree), Times::default()));
            }
        } else if options.peers {
            let pool = rivals::postgres(&set, rows, &sky).await?;
            for way in Way::BOTH {
                all.push((Who::Peer(way, pool.clone()), Times::default()));
            }
        }
        let hub = bed::hub(&set.url, Clock::fixed(now())).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(server::serve(listener, hub.clone()));
        all.push((Who::Ours(set.kind, hub, port), Times::default()));
        servers.push(set.server);
    }
    let queries = queries(rows, &sky)?;
    let singles = singles(rows, &sky)?;
    check(&all, &queries, rows, &sky).await?;
    for _ in 0..options.repeats {
        for (who, times) in &mut all {
            measure(who, &queries, &singles, times).await?;
        }
    }
    let figures = figures(&all);
    for (who, _) in all {
        match who {
            Who::Ours(_, hub, _) => bed::close(hub).await,
            Who::Peer(_, pool) => pool.close().await,
            Who::Tree(_) => {}
        }
    }
    Ok(figures)
}

async fn measure(
    who: &Who,
    queries: &[Vec<Asked>],
    singles: &[Vec<u8>],
    times: &mut Times,
) -> anyhow::Result<()> {
    let mut line = match who {
        Who::Ours(_, _, port) => Some(Line::to(*port).await?),
        _ => None,
    };
    if let Some(line) = &mut line {
        let mut took = Vec::with_capacity(singles.len());
        for request in singles {
            let begun = Instant::now();
            line.ask(request).await?;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        times.one.push(median(&took));
    }
    for (radius, queries) in queries.iter().enumerate() {
        let mut took = Vec::with_capacity(queries.len());
        for asked in queries {
            let begun = Instant::now();
            ask(who, line.as_mut(), asked).await?;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        times.p50[radius].push(median(&took));
        times.p99[radius].push(quantile(&took, 0.99));
        eprintln!(
            "{} {} deg: p50 {:.3} p99 {:.3} ms",
            name(who),
            RADII[radius],
            median(&took),
            quantile(&took, 0.99)
        );
    }
    let rate = at_once(who, &queries[AT_ONCE]).await?;
    eprintln!("{} {CLIENTS} at once: {rate:.0}/s", name(who));
    times.rate.push(rate);
    Ok(())
}

async fn ask(who: &Who, line: Option<&mut Line>, asked: &Asked) -> anyhow::Result<()> {
    match who {
        Who::Ours(..) => {
            line.context("a line")?.ask(&asked.request).await?;
        }
        Who::Tree(tree) => {
            tree.page(asked).await?;
        }
        Who::Peer(way, pool) => {
            rivals::page(pool, *way, asked).await?;
        }
    }
    Ok(())
}

/// Queries a second of several who ask at once.
async fn at_once(who: &Who, queries: &[Asked]) -> anyhow::Result<f64> {
    if let Who::Ours(_, _, port) = who {
        let requests = queries.iter().map(|asked| asked.request.clone()).collect();
        return Ok(http::load(*port, requests, CLIENTS, LASTING).await?.rate);
    }
    let begun = Instant::now();
    let asker = async |first: usize| {
        let (mut turn, mut count) = (first, 0_u32);
        while begun.elapsed() < LASTING {
            ask(who, None, &queries[turn % queries.len()]).await?;
            (turn, count) = (turn + CLIENTS, count + 1);
        }
        anyhow::Ok(count)
    };
    let counts = futures_util::future::try_join_all((0..CLIENTS).map(asker)).await?;
    Ok(f64::from(counts.iter().sum::<u32>()) / begun.elapsed().as_secs_f64())
}

fn name(who: &Who) -> &'static str {
    match who {
        Who::Ours(kind, ..) => kind.name(),
        Who::Tree(tree) => tree.name(),
        Who::Peer(way, _) => way.name(),
    }
}

fn figures(all: &[(Who, Times)]) -> Vec<Figure> {
    let of = |wanted: fn(&Who) -> bool| all.iter().filter(move |(who, _)| wanted(who));
    let ours: Vec<_> = of(|who| matches!(who, Who::Ours(..))).collect();
    let tree = |wanted| {
        let is = move |who: &Who| matches!(who, Who::Tree(tree) if tree.of == wanted);
        all.iter().find(|(who, _)| is(who))
    };
    let (tree, shapes) = (tree(Of::Centres), tree(Of::Shapes));
    let peers: Vec<_> = of(|who| matches!(who, Who::Peer(..))).collect();
    let mut figures = Vec::new();
    for (who, times) in &ours {
        for (radius, degrees) in RADII.iter().enumerate() {
            for (word, part) in [("p50", 0), ("p99", 1)] {
                let pick = |times: &Times| match part {
                    0 => times.p50[radius].clone(),
                    _ => times.p99[radius].clone(),
                };
                let what = format!("search: {degrees} deg, {word}, {}", name(who));
                let mine = pick(times);
                let mut figure = Figure::new(what.clone(), "ms", mine.clone()).of("Q1");
                if part == 1 {
                    figure = figure.goal(Goal::Below(10.0));
                } else {
                    figure = figure.floor("one activity by its id, by HTTP", times.one.clone());
                }
                if let Some((_, tree)) = tree {
                    figure = figure.naive("SQLite's R*Tree, asked in the process", pick(tree));
                }
                figures.push(figure);
                let mut over = |other: &[f64], of: &str, must: Option<f64>| {
                    let times = mine.iter().zip(other).map(|(a, b)| a / b).collect();
                    let figure = Figure::new(format!("{what}, over {of}'s"), "times", times);
                    let mut figure = figure.of("Q1");
                    figure.goal = must.map(Goal::AtMost);
                    figure.reach = must.map(|_| Goal::AtMost(0.1));
                    figures.push(figure);
                };
                if let Some((_, tree)) = tree {
                    over(&pick(tree), "the R*Tree", Some(0.5));
                }
                // Who answers nearly the same question: circles around polygons, ties in any order.
                if let Some((_, shapes)) = shapes {
                    over(&pick(shapes), "the R*Tree of shapes", None);
                }
                for (peer, times) in &peers {
                    over(&pick(times), name(peer), Some(0.2));
                }
            }
        }
        let what = format!("search: 1 deg, {CLIENTS} at once, {}", name(who));
        figures.push(Figure::new(what.clone(), "queries/s", times.rate.clone()).of("Q2"));
        for (peer, theirs) in &peers {
            let times = times.rate.iter().zip(&theirs.rate).map(|(a, b)| a / b);
            let figure = Figure::new(
                format!("{what}, over {}'s", name(peer)),
                "times",
                times.collect(),
            );
            let (must, reach) = (Goal::AtLeast(5.0), Goal::AtLeast(20.0));
            figures.push(figure.of("Q2").goal(must).reach(reach));
        }
    }
    for (who, times) in tree.iter().chain(&shapes).chain(&peers) {
        for (radius, degrees) in RADII.iter().enumerate() {
            let what = |word| format!("search: {degrees} deg, {word}, {}", name(who));
            figures.push(Figure::new(what("p50"), "ms", times.p50[radius].clone()));
            figures.push(Figure::new(what("p99"), "ms", times.p99[radius].clone()));
        }
        let what = format!("search: 1 deg, {CLIENTS} at once, {}", name(who));
        figures.push(Figure::new(what, "queries/s", times.rate.clone()));
    }
    figures
}

/// Both databases, and a look at every activity there is, answer the same.
async fn check(
    all: &[(Who, Times)],
    queries: &[Vec<Asked>],
    rows: u64,
    sky: &Sky,
) -> anyhow::Result<()> {
    let asked: Vec<&Asked> = queries.iter().flat_map(|of| &of[..CHECKED]).collect();
    let wanted = looked_through(&asked, rows, sky);
    for (who, _) in all {
        let Who::Ours(_, _, port) = who else { continue };
        let mut line = Line::to(*port).await?;
        for (asked, wanted) in asked.iter().zip(&wanted) {
            let found = ids(line.ask(&asked.request).await?)?;
            ensure!(
                &found == wanted,
                "{} answers {} rows, {} expected: {}",
                name(who),
                found.len(),
                wanted.len(),
                String::from_utf8_lossy(&asked.request)
            );
        }
    }
    Ok(())
}
