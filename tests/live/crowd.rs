//! Many events at once.

use std::time::Duration;

use tokio::task::JoinSet;

use super::reader::{Came, Reader};
use super::{execute, visits};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, listen};

/// Clients, each with a connection.
const CLIENTS: usize = 16;
/// Events that appear in the log at the same moment.
const BURST: i64 = 2_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_cuts_nobody_off_who_reads() {
    let hub = TestHub::on(Kind::Postgres).await;
    let count = usize::try_from(BURST).unwrap();
    hub.apply("jwst", &visits("1", count)).await;
    // Hidden until all of it is to be seen at once.
    let hide = "update event_counter set seq = 0 where id = 1";
    execute(&hub.hub, hide, vec![]).await;
    let busy = hub.beside(None).await;
    let port = listen(&busy).await;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let mut reader = Reader::open(port, "").await.unwrap();
        clients.spawn(async move {
            let mut last = 0;
            while last < BURST {
                match reader.next().await {
                    Came::Event(seq, _) if seq == last + 1 => last = seq,
                    Came::Note(false) => {}
                    other => panic!("{other:?} after {last}"),
                }
            }
        });
    }
    eventually("all to have joined", async || {
        (busy.feed.clients() == i64::try_from(CLIENTS).unwrap()).then_some(())
    })
    .await;

    let show = "update event_counter set seq = $1 where id = 1";
    execute(&hub.hub, show, vec![BURST.into()]).await;

    let all = tokio::time::timeout(Duration::from_secs(120), clients.join_all());
    all.await.expect("everything in time");
    busy.shutdown.cancel();
}
