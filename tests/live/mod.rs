//! The live streams: order, completeness and resumption, whatever happens meanwhile.

mod bus;
mod chaos;
mod clock;
mod crowd;
pub(crate) mod follower;
mod keepalive;
mod protocol;
mod reader;
mod replay;
mod restored;
mod slow;
mod soak;
pub(crate) mod sse;

use app::areas::activities::event_log;
use app::db::sql;
use app::hub::Hub;
use domain::Record;
use sea_orm::{ConnectionTrait, Value as SqlValue};

use crate::harness::records::planned;

/// A plan so far ahead that nothing of it is ever due.
const FAR: (&str, &str) = ("2126-01-01T00:00:00Z", "2126-01-01T01:00:00Z");

/// As many visits, of this programme, far ahead.
pub(crate) fn visits(programme: &str, count: usize) -> Vec<Record> {
    (1..=count)
        .map(|visit| planned(&format!("{programme}:{visit}:1"), FAR.0, FAR.1))
        .collect()
}

/// A visit by another telescope.
pub(crate) fn by(facility: &str, mut record: Record) -> Record {
    record.facts.facility_name = facility.to_owned();
    record.facts.obs_collection = facility.to_owned();
    record
}

/// The end of the log.
pub(crate) async fn end_of_log(hub: &Hub) -> i64 {
    event_log::end(hub.db.read()).await.unwrap().seq
}

/// Changes the database behind the hub's back.
async fn execute(hub: &Hub, statement: &str, values: Vec<SqlValue>) {
    let write = hub.db.begin().await.unwrap();
    let done = write.tx().execute_raw(sql(write.tx(), statement, values));
    done.await.unwrap();
    write.commit().await.unwrap();
}
