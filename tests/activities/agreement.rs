//! SQL, memory and the index of subscriptions judge every activity alike, on both databases.

mod drawn;

use std::collections::BTreeSet;

use app::areas::activities::search::{Query, Sort, list};
use app::db::sql;
use chrono::{DateTime, Utc};
use domain::filter::{ActivityFilter, Context, NoAliases};
use domain::keys::Keys;
use domain::matching::Index;
use domain::{Activity, Record};
use migrations::Migrator;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use self::drawn::{filter, homes, record};
use crate::harness::hub::{NOW, TestHub, on_both};
use crate::harness::records::at;
use crate::harness::seed;

const ACTIVITIES: usize = 400;
const FILTERS: u32 = 400;

#[tokio::test]
async fn a_list_holds_what_the_filter_lets_pass_in_memory_and_so_does_the_index() {
    let seed = seed();
    on_both(async |hub: TestHub| {
        let mut rng = StdRng::seed_from_u64(seed);
        let records: Vec<Record> = (0..ACTIVITIES).map(|n| record(&mut rng, n)).collect();
        for source in ["jwst", "eso"] {
            let of_source = |(n, _): &(usize, &Record)| (n % 2 == 0) == (source == "jwst");
            let told: Vec<Record> = records
                .iter()
                .enumerate()
                .filter(of_source)
                .map(|(_, r)| r.clone())
                .collect();
            hub.apply(source, &told).await;
        }
        hub.tick().await;
        let all = everything(&hub).await;
        assert_eq!(all.len(), ACTIVITIES);
        let keys: Vec<Keys> = all.iter().map(Keys::of).collect();

        let mut matched = 0;
        let mut index = Index::default();
        let mut passing: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); ACTIVITIES];
        for slot in 0..FILTERS {
            if slot == FILTERS / 2 {
                use_older_keys(&hub).await;
            }
            if slot == FILTERS / 4 * 3 {
                forget_what_keys_tell(&hub).await;
            }
            let pairs = filter(&mut rng, &all);
            let sort = *[Sort::NewestStart, Sort::OldestStart, Sort::Seq]
                .choose(&mut rng)
                .unwrap();
            let limit = rng.random_range(1..=60);
            let filter = ActivityFilter::from_pairs(
                pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())),
                Context::Lists,
                &NoAliases,
            )
            .and_then(|filter| filter.resolve_sites(&homes()))
            .unwrap_or_else(|error| panic!("{pairs:?}: {error}"));

            let expected = in_memory(&all, &keys, &filter, sort, at(NOW));
            let got = in_pages(&hub, &filter, sort, limit).await;

            assert_eq!(
                got, expected,
                "seed {seed}: {pairs:?} {sort:?} pages of {limit}"
            );
            matched += expected.len();
            index.insert(slot, &filter);
            let of = all.iter().zip(&keys).zip(&mut passing);
            for ((activity, keys), passing) in of {
                if filter.matches(activity, keys, None, at(NOW)) {
                    passing.insert(slot);
                }
            }
        }
        for ((activity, keys), passing) in all.iter().zip(&keys).zip(passing) {
            let mut found = Vec::new();
            index.matching(activity, keys, at(NOW), &mut found);
            let found: BTreeSet<u32> = found.into_iter().collect();
            assert_eq!(found, passing, "seed {seed}: {activity:?}");
        }
        let filters = usize::try_from(FILTERS).unwrap();
        // A generator whose filters match nothing, or everything, would prove nothing.
        assert!(
            (filters..filters * ACTIVITIES / 2).contains(&matched),
            "{matched} matches"
        );
    })
    .await;
}

/// Leaves the keys as one who upgrades has them.
async fn use_older_keys(hub: &TestHub) {
    let db = hub.hub.db.own();
    Migrator::down(db, Some(2)).await.unwrap();
    Migrator::up(db, None).await.unwrap();
}

/// Leaves the keys of half the rows as those from before they told where in its cell a centre lies.
async fn forget_what_keys_tell(hub: &TestHub) {
    let write = hub.hub.db.begin().await.unwrap();
    let text = "update activities set sky_key = ((sky_key >> 18) << 18) | 254 where seq % 2 = 0";
    let statement = sql(write.tx(), text, vec![]);
    write.tx().execute_raw(statement).await.unwrap();
    write.commit().await.unwrap();
}

async fn everything(hub: &TestHub) -> Vec<Activity> {
    let everything = ActivityFilter::default();
    let page = list(
        hub.hub.db.read(),
        Query {
            filter: &everything,
            sort: Sort::Seq,
            after: None,
            limit: 10_000,
            now: at(NOW),
        },
    );
    let page = page.await.unwrap();
    page.items
        .iter()
        .map(|json| serde_json::from_str(json).unwrap())
        .collect()
}

fn in_memory(
    all: &[Activity],
    keys: &[Keys],
    filter: &ActivityFilter,
    sort: Sort,
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut passing: Vec<&Activity> = all
        .iter()
        .zip(keys)
        .filter(|(activity, keys)| filter.matches(activity, keys, None, now))
        .map(|(activity, _)| activity)
        .collect();
    match sort {
        Sort::Seq => passing.sort_by_key(|activity| activity.seq),
        Sort::OldestStart => passing.sort_by_key(|activity| {
            (
                activity.facts.t_min.is_none(),
                activity.facts.t_min,
                activity.id,
            )
        }),
        Sort::NewestStart => {
            passing.sort_by_key(|activity| (activity.facts.t_min, activity.id));
            passing.reverse();
        }
    }
    passing
        .iter()
        .map(|activity| activity.id.to_string())
        .collect()
}

async fn in_pages(hub: &TestHub, filter: &ActivityFilter, sort: Sort, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let query = Query {
            filter,
            sort,
            after,
            limit,
            now: at(NOW),
        };
        let page = list(hub.hub.db.read(), query).await.unwrap();
        assert!(page.items.len() <= limit);
        for json in &page.items {
            ids.push(
                serde_json::from_str::<Activity>(json)
                    .unwrap()
                    .id
                    .to_string(),
            );
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return ids,
        }
    }
}
