//! The serving side of `fanout`, a process of its own so that its memory is its own.

use std::path::PathBuf;
use std::time::Duration;

use app::areas::activities::{Telling, apply};
use app::server;
use chrono::Utc;
use clap::Args;
use domain::Clock;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::activities::record;
use crate::bed::{self, sqlite_url};
use crate::sky::Sky;

/// Bytes of a frame of the floor: about those of an envelope.
pub(crate) const FRAME: usize = 1_400;
/// Events of a run.
pub(crate) const EVENTS: usize = 400;
/// Between two events.
const PAUSE: Duration = Duration::from_millis(50);

/// What publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// A hub on SQLite.
    Hub,
    /// Plain sockets.
    Bare,
}

impl What {
    /// As the command line has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            What::Hub => "hub",
            What::Bare => "bare",
        }
    }
}

/// Waits for readers, then publishes
#[derive(Debug, Args)]
pub(crate) struct Publish {
    what: What,
    #[arg(long)]
    port: u16,
    /// Readers to wait for
    #[arg(long)]
    clients: usize,
    /// The hub's database
    #[arg(long)]
    file: PathBuf,
}

impl Publish {
    /// Publishes, and stays until it is ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::Hub => self.hub().await?,
            What::Bare => self.bare().await?,
        }
        std::future::pending().await
    }

    async fn hub(&self) -> anyhow::Result<()> {
        let hub = bed::hub(&sqlite_url(&self.file), Clock::system()).await?;
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        tokio::spawn(server::serve(listener, hub.clone()));
        while usize::try_from(hub.feed.clients())? < self.clients {
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let sky = Sky::new();
        let telling = Telling {
            source: "bench",
            backfill: false,
            demo: false,
            lease: None,
        };
        let mut beat = tokio::time::interval(PAUSE);
        for number in 0..EVENTS as u64 {
            beat.tick().await;
            apply(&hub, telling, &[&record(number, &sky)]).await?;
        }
        Ok(())
    }

    async fn bare(&self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        let mut sockets = Vec::new();
        while sockets.len() < self.clients {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            sockets.push(socket);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut beat = tokio::time::interval(PAUSE);
        let mut frame = vec![0; FRAME];
        for _ in 0..EVENTS {
            beat.tick().await;
            frame[..8].copy_from_slice(&Utc::now().timestamp_micros().to_le_bytes());
            for socket in &mut sockets {
                socket.write_all(&frame).await?;
            }
        }
        Ok(())
    }
}
