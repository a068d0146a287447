//! A client that stops reading is cut off, and nobody else notices.

use app::hub::Hub;
use domain::Record;

use super::{end_of_log, visits};
use crate::harness::eventually;
use crate::harness::hub::TestHub;
use crate::harness::seqs;
use crate::harness::socket::{Got, Socket};

mod five_hundred;

/// Visits whose events take up more than this many bytes each.
fn big(programme: &str, count: usize, bytes: usize) -> Vec<Record> {
    let mut records = visits(programme, count);
    for record in &mut records {
        record.facts.keywords = vec!["spiral galaxies ".repeat(bytes / 16)];
    }
    records
}

/// Waits until that many clients have joined the feed.
pub(super) async fn joined(hub: &Hub, clients: i64) {
    eventually("clients to join", async || {
        (hub.feed.clients() == clients).then_some(())
    })
    .await;
}

/// Makes big events until the only client has been cut off.
pub(super) async fn until_left(hub: &TestHub) {
    for programme in 1..200 {
        hub.apply("jwst", &big(&programme.to_string(), 50, 4_000))
            .await;
        hub.hub.feed.reached(end_of_log(&hub.hub).await).await;
        if hub.hub.feed.clients() == 0 {
            return;
        }
    }
    panic!("a client that does not read is still there after 10,000 events");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_told_where_to_resume_and_does() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let mut socket = Socket::open(port, "").await;
    joined(&hub.hub, 1).await;

    until_left(&hub).await;

    let mut last = 0;
    let (code, reason) = loop {
        match socket.next().await {
            Got::Frame(frame) => {
                last += i64::from(frame["type"] == "activity");
                assert_eq!(frame["seq"], last, "{}", frame["type"]);
            }
            Got::End(code, reason) => break (code, reason),
        }
    };
    let end = end_of_log(&hub.hub).await;
    assert!(last < end);
    match code {
        1013 => assert_eq!(reason, format!("too slow; reconnect with since={last}")),
        // A machine so busy that our second to say why was over.
        other => assert_eq!(other, 1006, "{reason}"),
    }
    let mut again = Socket::open(port, &format!("since={last}")).await;
    let rest = again.events_up_to(end).await;
    assert_eq!(seqs(&rest), (last + 1..=end).collect::<Vec<_>>());
}
