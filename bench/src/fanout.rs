//! How long an event takes to 500 readers, and what one that never reads costs the others.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Options;
use crate::bed::Bed;
use crate::leash::Leashed;
use crate::measure::{Figure, Goal, quantile};
use crate::postgres::free_port;
use crate::publish::{EVENTS, FRAME, What};
use crate::start::resident;

/// Readers.
const CLIENTS: usize = 500;
/// Longest run.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a run measured.
struct Run {
    /// Of every delivery, milliseconds.
    latencies: Vec<f64>,
    /// Resident memory of the server at the end, less than at the beginning, MiB.
    grown: f64,
}

/// 500 sockets, 20 events a second for 20 seconds, with and without one that never reads.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let bed = Bed::new("fanout")?;
    let parts = |run: &Run| [0.5, 0.99].map(|part| quantile(&run.latencies, part));
    let (mut alone, mut beside, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let mut grown = Vec::new();
    for _ in 0..options.repeats {
        bare.push(parts(&once(&bed, What::Bare, false).await?));
        let without = once(&bed, What::Hub, false).await?;
        let with = once(&bed, What::Hub, true).await?;
        alone.push(parts(&without));
        beside.push(parts(&with));
        grown.push(with.grown - without.grown);
    }
    let part =
        |runs: &[[f64; 2]], index: usize| runs.iter().map(|run| run[index]).collect::<Vec<_>>();
    let ratios = alone
        .iter()
        .zip(&beside)
        .map(|(without, with)| with[1] / without[1])
        .collect();
    const BARE: &str = "bare TCP: a time and as many bytes to each socket in turn";
    Ok(vec![
        Figure::new("fanout: p50", "ms", part(&alone, 0)).floor(BARE, part(&bare, 0)),
        Figure::new("fanout: p99", "ms", part(&alone, 1)).floor(BARE, part(&bare, 1)),
        Figure::new(
            "fanout: p50 beside one that never reads",
            "ms",
            part(&beside, 0),
        ),
        Figure::new(
            "fanout: p99 beside one that never reads",
            "ms",
            part(&beside, 1),
        ),
        Figure::new("fanout: p99 with it over p99 without", "times", ratios).goal(Goal::Below(1.1)),
        Figure::new("fanout: memory it adds to the server", "MiB", grown).goal(Goal::Below(2.0)),
    ])
}

async fn once(bed: &Bed, what: What, one_is_deaf: bool) -> anyhow::Result<Run> {
    let port = free_port()?;
    let joined = CLIENTS + usize::from(one_is_deaf);
    let mut command = Command::new(std::env::current_exe()?);
    command.args([
        "publish",
        what.word(),
        "--port",
        &port.to_string(),
        "--clients",
        &joined.to_string(),
    ]);
    command
        .arg("--file")
        .arg(bed.file(&format!("{port}.db")))
        .stdout(Stdio::null());
    let mut server = Leashed::spawn(&mut command)?;
    listening(&mut server, port).await?;
    let deaf = match one_is_deaf {
        true => Some(deaf(port).await?),
        false => None,
    };
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        match what {
            What::Hub => {
                let url = format!("ws://127.0.0.1:{port}/api/activities/live");
                clients.spawn(follow(connect_async(url).await?.0));
            }
            What::Bare => {
                clients.spawn(follow_bare(TcpStream::connect(("127.0.0.1", port)).await?));
            }
        }
    }
    let before = resident(server.id())?;
    let mut latencies = Vec::with_capacity(CLIENTS * EVENTS);
    while let Some(client) = tokio::time::timeout(PATIENCE, clients.join_next()).await? {
        latencies.extend(client??);
    }
    let grown = resident(server.id())? - before;
    drop((deaf, server));
    ensure!(
        latencies.len() == CLIENTS * EVENTS,
        "{} deliveries",
        latencies.len()
    );
    Ok(Run { latencies, grown })
}

/// Waits until the server has taken its port, by trying to take it.
async fn listening(server: &mut Leashed, port: u16) -> anyhow::Result<()> {
    for _ in 0..1_000 {
        if let Some(status) = server.ended()? {
            anyhow::bail!("the publisher: {status}");
        }
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_err() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    anyhow::bail!("the publisher does not listen")
}

/// A client that asks for everything and reads nothing.
async fn deaf(port: u16) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await?;
    let request = "GET /api/activities/live HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// The latency of every event, milliseconds from the log's time of it.
async fn follow(
    mut stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
) -> anyhow::Result<Vec<f64>> {
    let mut latencies = Vec::with_capacity(EVENTS);
    while latencies.len() < EVENTS {
        let message = stream.next().await.context("the server hung up")??;
        let text = message.to_text()?;
        if let Some((_, rest)) = text.split_once("\"logged\":\"") {
            let logged: DateTime<Utc> = rest.split('"').next().context("a time")?.parse()?;
            latencies.push((Utc::now() - logged).as_seconds_f64() * 1000.0);
        }
    }
    Ok(latencies)
}

async fn follow_bare(mut stream: TcpStream) -> anyhow::Result<Vec<f64>> {
    let mut latencies = Vec::with_capacity(EVENTS);
    let mut frame = vec![0; FRAME];
    while latencies.len() < EVENTS {
        stream.read_exact(&mut frame).await?;
        let sent = i64::from_le_bytes(frame[..8].try_into()?);
        #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
        latencies.push((Utc::now().timestamp_micros() - sent) as f64 / 1000.0);
    }
    Ok(latencies)
}
