//! A Redis server that a test may stop and start.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use super::leash::Leashed;
use super::{eventually, free_port, programs};

/// A Redis server of one test's own. It keeps nothing.
#[derive(Debug)]
pub(crate) struct Redis {
    port: u16,
    process: Option<Leashed>,
}

impl Redis {
    /// Starts one.
    pub(crate) async fn start() -> Redis {
        let mut redis = Redis {
            port: free_port(),
            process: None,
        };
        redis.start_again().await;
        redis
    }

    /// Its `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it (SIGKILL). Its port stays its own.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again on the same port, as a new server that knows nothing.
    pub(crate) async fn start_again(&mut self) {
        let program = programs::redis_server().expect("no Redis server: run `cargo xtask test`");
        let mut command = Command::new(program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        command
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Leashed::spawn(&mut command);
        eventually("Redis", async || {
            if let Some(status) = process.ended() {
                panic!("redis-server on port {}: {status}", self.port);
            }
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        })
        .await;
        self.process = Some(process);
    }
}

#[tokio::test]
async fn a_killed_redis_comes_back_on_its_port() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    let reachable = || TcpStream::connect(url.trim_start_matches("redis://")).is_ok();

    redis.kill();
    assert!(!reachable());

    redis.start_again().await;
    assert!(reachable());
}
