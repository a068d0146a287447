//! Two web processes behind nginx, with the configuration that is shipped.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::killed::write;
use super::{WEB, WORKER, gauge, settings};
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::nginx::Nginx;
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;
use crate::harness::socket::Socket;
use crate::harness::{PATIENCE, eventually, http};
use crate::live::follower::{Follower, everybody_goes_on, whole_log};
use crate::live::sse::Stream;
use crate::live::{end_of_log, visits};

/// Sockets that follow the log.
const FOLLOWERS: usize = 6;
/// Events a client has to get before it counts as going on.
const SOME: i64 = 20;
/// Between two questions of somebody who asks by REST all the while.
const PAUSE: Duration = Duration::from_millis(50);
/// Mails that one network may ask for in an hour.
const MAILS: usize = 20;

/// Follows the stream as a browser does: when it ends, it comes back with the last id it saw.
async fn stream(port: u16, last: Arc<AtomicI64>) -> Vec<Value> {
    let (mut got, mut seen) = (Vec::new(), 0);
    while seen < last.load(Ordering::SeqCst) {
        let mut stream = Stream::open(port, "since=0", Some(&seen.to_string())).await;
        while let Some(sent) = stream.next().await {
            assert_ne!(sent.name.as_deref(), Some("reset"));
            if sent.name.is_some() {
                continue;
            }
            seen = sent.id.unwrap();
            got.push(sent.data);
            if seen >= last.load(Ordering::SeqCst) {
                break;
            }
        }
    }
    got
}

/// Asks for the newest activity again and again; answers how often, and what was no good answer.
async fn ask(url: String, stop: Arc<AtomicBool>) -> (usize, Vec<Option<u16>>) {
    let (mut asked, mut bad) = (0, Vec::new());
    while !stop.load(Ordering::SeqCst) {
        let status = http::get(&url).await.map(|answer| answer.status);
        asked += 1;
        bad.extend((status != Some(200)).then_some(status));
        tokio::time::sleep(PAUSE).await;
    }
    (asked, bad)
}

/// How many clients follow a process live.
async fn clients(web: &Serving) -> usize {
    gauge(web, "starboard_live_connections").await
}

async fn has_clients(web: &Serving) {
    eventually("a share of the clients", async || {
        (clients(web).await > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_behind_nginx_go_on_at_the_other_process_and_miss_nothing() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    hub.set_time(Utc::now());
    let settings = settings(&hub, &redis, &smtp);
    let start = async |args: &[&str]| Serving::start(args, &settings).await;
    let mut webs = [start(&WEB).await, start(&WEB).await];
    let worker = start(&WORKER).await;
    for process in webs.iter().chain([&worker]) {
        process.has_bus("connected").await;
    }
    let nginx = Nginx::before(webs.each_ref().map(Serving::port)).await;

    let last = Arc::new(AtomicI64::new(i64::MAX));
    let follow = |()| {
        let (ports, log) = (vec![nginx.port()], hub.hub.log.clone());
        Follower::start(ports, log, Arc::clone(&last), usize::MAX)
    };
    let followers = [(); FOLLOWERS].map(follow);
    let everybody: Vec<&Follower> = followers.iter().collect();
    let streaming = tokio::spawn(stream(nginx.port(), Arc::clone(&last)));
    let stop = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn(ask(nginx.url("/api/activities?limit=1"), Arc::clone(&stop)));
    let writer = hub.beside(Some(&redis.url())).await;
    let writing = tokio::spawn(write(writer.clone(), Arc::clone(&stop)));
    everybody_goes_on(&everybody, SOME, "events through nginx").await;
    for web in &webs {
        has_clients(web).await;
    }

    for web in &mut webs {
        web.kill();
        everybody_goes_on(&everybody, SOME, "events from the process that is left").await;
        web.start_again().await;
        // Who comes now is sent to the process that has fewest, as soon as nginx looks at it again.
        let mut newcomers = Vec::new();
        eventually("clients of the process that came back", async || {
            newcomers.push(Socket::open(nginx.port(), "").await);
            (clients(web).await > 0).then_some(())
        })
        .await;
    }

    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();
    let (asked, bad) = asking.await.unwrap();
    let end = end_of_log(&hub.hub).await;
    let (lines, mut log) = (whole_log(&hub.hub).await, hub.events().await);
    log.truncate(usize::try_from(end).unwrap());
    last.store(end, Ordering::SeqCst);
    // One more, so that whoever waits at the end looks up.
    tell(&writer, "jwst", &visits("over", 1)).await;
    let mut opened = 0;
    for follower in followers {
        opened += follower.opened();
        let got = follower.up_to(end).await;
        assert!(got[..] == lines[..log.len()], "a socket missed something");
    }
    let streamed = tokio::time::timeout(PATIENCE, streaming).await;
    let mut streamed = streamed.expect("the end in time").unwrap();
    streamed.truncate(log.len());
    assert!(streamed == log, "the stream missed something");
    assert_eq!(bad, [], "of {asked} questions");
    assert!(opened > FOLLOWERS, "nobody was cut off");
    assert_eq!(http::get(&nginx.url("/metrics")).await.unwrap().status, 404);
    eprintln!(
        "{end} events, {FOLLOWERS} sockets let in {opened} times, {asked} questions answered"
    );
    writer.shutdown.cancel();
}

#[tokio::test]
async fn limits_count_the_clients_behind_nginx_and_not_nginx() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    let mut settings = settings(&hub, &redis, &smtp);
    settings.push(("TRUSTED_PROXIES", "127.0.0.1".to_owned()));
    let start = async || Serving::start(&WEB, &settings).await;
    let webs = [start().await, start().await];
    let nginx = Nginx::before(webs.each_ref().map(Serving::port)).await;
    // Every address of this network is this machine's.
    let at = |last: u8| {
        let address = IpAddr::from(Ipv4Addr::new(127, 0, 0, last));
        let builder = reqwest::Client::builder().no_proxy();
        builder.local_address(address).build().unwrap()
    };
    let asks = async |client: &reqwest::Client, name: String| {
        let request = client
            .post(nginx.url("/api/auth/forgot"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json")
            // What a client says of itself counts for nothing.
            .header("x-forwarded-for", format!("198.51.100.{}", name.len()))
            .body(json!({ "email": format!("{name}@example.org") }).to_string());
        request.send().await.unwrap().status().as_u16()
    };

    let (one, other) = (at(2), at(3));
    let mut told = Vec::new();
    for nth in 0..=MAILS {
        told.push(asks(&one, "x".repeat(nth + 1)).await);
    }

    assert_eq!(told[..MAILS], [202; MAILS]);
    assert_eq!(told[MAILS], 429);
    assert_eq!(asks(&other, "other".to_owned()).await, 202);
}

/// How often web processes that hang up instead of answering are asked by one request.
async fn asked_by(method: reqwest::Method) -> usize {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut ports = [0; 2];
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        *port = listener.local_addr().unwrap().port();
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let read = stream.read(&mut [0; 4096]).await;
                asked.fetch_add(
                    usize::from(read.is_ok_and(|bytes| bytes > 0)),
                    Ordering::SeqCst,
                );
            }
        });
    }
    let nginx = Nginx::before(ports).await;
    let request = http::client().request(method, nginx.url("/api/subscriptions"));
    assert_eq!(request.body("{}").send().await.unwrap().status(), 502);
    asked.load(Ordering::SeqCst)
}

#[tokio::test]
async fn nginx_asks_another_process_but_never_sends_a_post_twice() {
    assert_eq!(asked_by(reqwest::Method::GET).await, 2);
    assert_eq!(asked_by(reqwest::Method::POST).await, 1);
}
