//! What a visitor of the demo sees, hour after hour.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Basis, Claim, TrackingType};

use super::*;

/// Whenever a visitor starts it.
const STARTS: [&str; 3] = [
    "2026-11-21T09:00:00Z",
    "2027-02-28T23:59:31.5Z",
    "2031-12-31T12:34:56.789Z",
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A demo, and what its sources have told so far.
struct Show {
    demo: Demo,
    upstream: Upstream,
    clock: Clock,
    began: DateTime<Utc>,
    cursors: HashMap<&'static str, Cursor>,
    /// The latest word on every activity, and when it was first heard.
    told: BTreeMap<(&'static str, String), Record>,
    /// When a source said something new: an arrival at the archive, an exposure more.
    arrivals: Vec<DateTime<Utc>>,
    /// Identifiers of plans that have gone from a stretch they were shown in.
    gone: BTreeSet<String>,
}

impl Show {
    fn start(text: &str) -> Show {
        let clock = Clock::fixed(at(text));
        let demo = Demo::load(clock.clone()).unwrap();
        Show {
            upstream: demo.upstream(),
            demo,
            began: clock.now(),
            clock,
            cursors: HashMap::new(),
            told: BTreeMap::new(),
            arrivals: Vec::new(),
            gone: BTreeSet::new(),
        }
    }

    /// Moves on to so long after the start, and asks every source.
    async fn go_to(&mut self, elapsed: TimeDelta) {
        let now = self.began + elapsed;
        self.clock.set(now);
        for connector in registry::ALL {
            let name = connector.profile().name;
            let cursor = self.cursors.get(name).cloned();
            let harvest = self
                .demo
                .harvest(*connector, &self.upstream, now, cursor)
                .await;
            self.take(name, now, harvest.unwrap());
        }
    }

    fn take(&mut self, name: &'static str, now: DateTime<Utc>, harvest: Harvest) {
        assert_eq!(harvest.unreadable().next(), None, "{name}");
        assert!(harvest.notes.is_empty(), "{name}: {:?}", harvest.notes);
        let mut held = BTreeSet::new();
        for record in harvest.readable() {
            let begin = record.facts.t_min;
            assert!(
                held.insert((record.obs_id.clone(), begin)),
                "{name}: {} twice",
                record.obs_id
            );
            let key = (name, record.obs_id.clone());
            let before = self.told.insert(key, record.clone());
            if record.claim != Claim::Plan {
                let known = before.filter(|before| before.claim == record.claim);
                let seen = |record: &Record| record.facts.n_exposures.unwrap_or(1).max(1);
                let news = seen(record).saturating_sub(known.as_ref().map_or(0, seen));
                self.arrivals.extend((0..news).map(|_| now));
            }
        }
        for ((source, id), record) in &self.told {
            let Some(begin) = record.facts.t_min.filter(|begin| *begin > now) else {
                continue;
            };
            let shown = harvest
                .covers
                .iter()
                .any(|s| s.from <= begin && begin < s.to);
            if *source == name && shown && !held.contains(&(id.clone(), Some(begin))) {
                self.gone.insert(id.clone());
            }
        }
        self.cursors
            .extend(harvest.cursor.map(|cursor| (name, cursor)));
    }

    /// Starts and ends of what is or was planned.
    fn planned(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        self.told
            .iter()
            .filter(|((source, _), _)| *source != "eso")
            .filter_map(|(_, record)| record.facts.t_min.zip(record.facts.t_max))
    }
}

/// The longest time between two neighbours.
fn longest_gap(mut instants: Vec<DateTime<Utc>>) -> TimeDelta {
    instants.sort();
    instants
        .windows(2)
        .map(|two| two[1] - two[0])
        .max()
        .unwrap()
}

fn between(
    instants: &[DateTime<Utc>],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let within = instants.iter().filter(|at| from <= **at && **at < to);
    within.copied().collect()
}

#[tokio::test]
async fn within_a_minute_something_runs_something_starts_and_something_ends() {
    for text in STARTS {
        for rounds in [0, 1, 7] {
            let mut show = Show::start(text);
            let opening = ROUND * rounds;
            show.go_to(opening + TimeDelta::seconds(3)).await;
            let (from, to) = (
                show.began + opening + TimeDelta::seconds(10),
                show.began + opening + TimeDelta::seconds(60),
            );

            let ends: Vec<_> = show
                .planned()
                .filter(|(_, end)| (from..to).contains(end))
                .collect();
            let starts = show
                .planned()
                .filter(|(start, _)| (from..to).contains(start))
                .count();
            let running = show
                .planned()
                .filter(|(start, end)| *start < from && from < *end)
                .count();

            assert!(starts >= 3, "{text}, round {rounds}: {starts} start");
            if rounds == 0 {
                assert!(
                    running >= 2 && ends.len() >= 2,
                    "{text}: {running} run, {ends:?} end"
                );
            }
        }
    }
}

#[tokio::test]
async fn for_a_whole_day_and_over_the_border_there_is_always_something() {
    let mut show = Show::start(STARTS[0]);
    let mut elapsed = TimeDelta::seconds(3);
    while elapsed < TimeDelta::hours(26) {
        show.go_to(elapsed).await;
        elapsed += TimeDelta::minutes(40);
    }
    let (from, to) = (show.began, show.began + TimeDelta::hours(25));
    let all: Vec<_> = show
        .planned()
        .flat_map(|(start, end)| [start, end])
        .collect();
    let plans = between(&all, from, to);
    let arrivals = between(&show.arrivals, from + TimeDelta::minutes(1), to);

    let gap = longest_gap(plans.clone());
    let first_hours = from + TimeDelta::hours(9);
    let told = |instants: &[DateTime<Utc>]| between(instants, from, first_hours).len();
    let early = told(&plans) + told(&arrivals);
    assert!(
        gap <= TimeDelta::minutes(6),
        "{gap} without a start or an end"
    );
    assert!(early >= 9 * 60, "{early} events in nine hours");
    assert!(
        plans.len() + arrivals.len() >= 25 * 40,
        "by day in Chile too"
    );
    // Only what the composed plans take back themselves: two snapshots of the first round. No border
    // withdraws anything, nor tells it twice.
    assert_eq!(show.gone.len(), 2, "{:?}", show.gone);
}

#[tokio::test]
async fn every_kind_of_activity_is_on_the_board() {
    let mut show = Show::start(STARTS[0]);
    show.go_to(TimeDelta::seconds(3)).await;
    show.go_to(TimeDelta::hours(2)).await;
    let count = |keep: &dyn Fn(&'static str, &Record) -> bool| {
        let kept = show
            .told
            .iter()
            .filter(|((source, _), record)| keep(source, record));
        kept.count()
    };

    assert!(show.told.len() > 500, "{}", show.told.len());
    assert!(count(&|_, record| record.claim == Claim::Failed) >= 1);
    assert!(count(&|_, record| record.claim == Claim::Happened(Basis::Reported)) >= 30);
    assert!(
        count(&|name, record| name != "eso" && record.claim == Claim::Happened(Basis::Archived))
            >= 30
    );
    assert!(count(&|_, record| record.facts.tracking_type == Some(TrackingType::SolarSystem)) >= 5);
    assert!(count(&|_, record| record.parallel_of.is_some()) >= 10);
    assert!(count(&|_, record| record.facts.s_ra.is_some()) >= 400);
}

#[tokio::test]
async fn a_changed_row_of_an_earlier_night_is_followed() {
    let mut show = Show::start(STARTS[0]);
    show.go_to(TimeDelta::seconds(3)).await;
    let id = ("eso", "ESO-VLT-U4:200282283:2026-08-15".to_owned());
    let title = |show: &Show| show.told[&id].facts.proposal_title.clone();

    assert_eq!(title(&show), None);
    show.go_to(TimeDelta::minutes(70)).await;
    assert!(title(&show).is_some());
}

#[tokio::test]
async fn rounds_have_names_of_their_own() {
    let mut show = Show::start(STARTS[0]);
    show.go_to(ROUND + TimeDelta::minutes(5)).await;
    let ids = |tag: &str| show.told.keys().filter(|(_, id)| id.ends_with(tag)).count();

    assert!(ids("~2") > 300, "the round that runs: {}", ids("~2"));
    assert!(ids("~3") > 300, "the one ahead: {}", ids("~3"));
    assert!(ids("~4") == 0);
    let beside = show
        .told
        .values()
        .find(|record| record.obs_id.ends_with("~2") && record.parallel_of.is_some());
    assert!(
        beside
            .unwrap()
            .parallel_of
            .as_ref()
            .unwrap()
            .ends_with("~2")
    );
}

#[test]
fn a_clock_set_back_plays_what_was_before_the_opening() {
    let began = at(STARTS[0]);
    let before = moment(began, began - TimeDelta::minutes(5));

    assert_eq!(before.loop_no, 0);
    assert_eq!(before.now, OPENING - TimeDelta::minutes(5));
    assert_eq!(
        moment(began, began + ROUND * 3),
        DemoAsk {
            now: OPENING,
            loop_no: 3
        }
    );
    assert_eq!(
        moment(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC).loop_no,
        0
    );
}
