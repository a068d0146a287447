//! The same events as Server-Sent Events.

use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

use super::{by, visits};
use crate::harness::hub::TestHub;
use crate::harness::{PATIENCE, http};

/// One event of a stream: its `id`, its name, and what it carries.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) id: Option<i64>,
    pub(crate) name: Option<String>,
    pub(crate) data: Value,
}

/// An open stream.
pub(crate) struct Stream {
    answer: Response,
    waiting: String,
}

impl Stream {
    pub(crate) async fn open(port: u16, query: &str, last_event_id: Option<&str>) -> Stream {
        let url = format!("http://127.0.0.1:{port}/api/activities/stream?{query}");
        let mut request = http::client().get(url);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Stream {
            answer,
            waiting: String::new(),
        }
    }

    /// The next event; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some((block, rest)) = self.waiting.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.waiting = rest;
                if let Some(sent) = read(&block) {
                    return Some(sent);
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("an event in time").ok().flatten()?;
            self.waiting.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event that is an activity's.
    async fn event(&mut self) -> Sent {
        loop {
            let sent = self.next().await.expect("an event before the end");
            if sent.data["type"] == "activity" {
                return sent;
            }
        }
    }
}

/// A block of lines; none for a comment.
fn read(block: &str) -> Option<Sent> {
    let field = |name: &str| {
        let mut lines = block.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(|value| value.trim_start().to_owned())
    };
    Some(Sent {
        id: field("id").map(|id| id.parse().unwrap()),
        name: field("event"),
        data: serde_json::from_str(&field("data")?).unwrap(),
    })
}

#[tokio::test]
async fn the_envelopes_are_those_of_the_socket_and_ids_are_places() {
    let hub = TestHub::start().await;
    let mut stream = Stream::open(hub.listen().await, "", None).await;
    let open = stream.next().await.unwrap();

    hub.apply("jwst", &visits("1", 3)).await;

    assert_eq!(open.name.as_deref(), Some("open"));
    for envelope in hub.events().await {
        let sent = stream.event().await;
        assert_eq!(sent.id, envelope["seq"].as_i64());
        assert_eq!((sent.name, sent.data), (None, envelope));
    }
}

#[tokio::test]
async fn a_browser_resumes_by_the_last_id_it_saw() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 4)).await;

    // The address still says where the page once began.
    let mut stream = Stream::open(hub.listen().await, "since=0", Some("2")).await;

    assert_eq!(stream.event().await.id, Some(3));
    assert_eq!(stream.event().await.id, Some(4));
    hub.apply("jwst", &visits("2", 1)).await;
    assert_eq!(stream.event().await.id, Some(5));
}

#[tokio::test]
async fn every_id_is_a_place_to_resume_from() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 4)).await;
    hub.hub.feed.reached(4).await;
    let port = hub.listen().await;

    let new = Stream::open(port, "", None).await.next().await.unwrap();
    let resumed = Stream::open(port, "since=2", None).await.next().await;
    let lost = Stream::open(port, "since=9", None).await;

    // One that breaks before anything happens must not lose what happens next.
    assert_eq!(new.id, Some(4));
    assert_eq!(resumed.unwrap().id, Some(2));
    let mut lost = lost;
    lost.next().await.unwrap();
    let reset = lost.next().await.unwrap();
    assert_eq!((reset.name.as_deref(), reset.id), (Some("reset"), Some(4)));
}

#[tokio::test]
async fn a_stream_is_filtered() {
    let hub = TestHub::start().await;
    let mut stream = Stream::open(hub.listen().await, "facility=HST&since=0", None).await;

    hub.apply("jwst", &visits("1", 2)).await;
    hub.apply("hst", &[by("HST", visits("2", 1).remove(0))])
        .await;

    assert_eq!(stream.event().await.id, Some(3));
}

#[tokio::test]
async fn going_down_ends_a_stream() {
    let hub = TestHub::start().await;
    let mut stream = Stream::open(hub.listen().await, "", None).await;
    stream.next().await.unwrap();

    hub.hub.shutdown.cancel();

    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_that_nobody_reads_leaves_the_feed() {
    let hub = TestHub::start().await;
    let mut stream = Stream::open(hub.listen().await, "", None).await;
    stream.next().await.unwrap();
    super::slow::joined(&hub.hub, 1).await;

    super::slow::until_left(&hub).await;

    // What it was sent has no hole, and the rest is there for whoever comes back.
    let mut last = 0;
    while let Some(sent) = stream.next().await {
        assert_eq!(sent.id, Some(last + 1));
        last += 1;
    }
    let end = super::end_of_log(&hub.hub).await;
    assert!(last < end);
    let mut again = Stream::open(hub.listen().await, "", Some(&last.to_string())).await;
    while last < end {
        assert_eq!(again.event().await.id, Some(last + 1));
        last += 1;
    }
}
