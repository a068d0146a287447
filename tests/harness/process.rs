//! The real `starboard` binary.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::http::{self, Answer};
use super::leash::Leashed;
use super::scratch::Scratch;
use super::{PATIENCE, eventually, free_port};

/// The binary under test.
pub(crate) const STARBOARD: &str = env!("CARGO_BIN_EXE_starboard");

/// Settings of a process, by the names of their variables.
pub(crate) type Settings = [(&'static str, String)];

/// A command in a folder, with these settings and nothing else of our environment: neither a
/// `DATABASE_URL` of the person who runs the tests nor a `.env` above the folder counts.
pub(crate) fn command(program: &str, folder: &Path, settings: &Settings) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

/// Runs `starboard` to its end.
pub(crate) fn run(args: &[&str], folder: &Path, settings: &Settings) -> Output {
    command(STARBOARD, folder, settings)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What a process wrote, line by line, while it runs and afterwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    /// Reads everything from `from` until its end.
    pub(crate) fn follow(&self, from: impl Read + Send + 'static) {
        let log = Arc::clone(&self.0);
        std::thread::spawn(move || {
            for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&String::from_utf8_lossy(&line));
                log.push('\n');
            }
        });
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A serving process. It keeps its port and settings when it is killed and started again.
#[derive(Debug)]
pub(crate) struct Serving {
    args: Vec<String>,
    settings: Vec<(&'static str, String)>,
    port: u16,
    folder: Scratch,
    process: Option<Leashed>,
    log: Log,
}

impl Serving {
    /// Starts `starboard` with these arguments (`serve`, …) and settings, on a free port of the
    /// loopback address, and waits until it is ready.
    pub(crate) async fn start(args: &[&str], settings: &Settings) -> Serving {
        let mut serving = Serving {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            settings: settings.to_vec(),
            port: free_port(),
            folder: Scratch::new(),
            process: None,
            log: Log::default(),
        };
        serving.start_again().await;
        serving
    }

    /// Starts it again after [`Serving::kill`] or [`Serving::stop`], and waits until it is ready.
    pub(crate) async fn start_again(&mut self) {
        let mut command = command(STARBOARD, self.folder.path(), &self.settings);
        command
            .args(&self.args)
            .env("BIND", "127.0.0.1")
            .env("PORT", self.port.to_string());
        let mut process = Leashed::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        self.log.follow(process.program().stdout.take().unwrap());
        self.log.follow(process.program().stderr.take().unwrap());
        ready(&mut process, &self.url("/readyz"), &self.log).await;
        self.process = Some(process);
    }

    /// The address of a path of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The folder it runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote so far, restarts included.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Asks by GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let answer = http::get(&self.url(path)).await;
        answer.unwrap_or_else(|| panic!("no answer to {path}: {}", self.log()))
    }

    /// Kills it (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        process.signal("TERM");
        process.wait(PATIENCE)
    }
}

/// Waits until `/readyz` answers 200. Panics with the log when the process ends before.
pub(crate) async fn ready(process: &mut Leashed, url: &str, log: &Log) {
    eventually("a ready process", async || {
        if let Some(status) = process.ended() {
            panic!("starboard: {status}: {}", log.text());
        }
        http::get(url).await.filter(|answer| answer.status == 200)
    })
    .await;
}

#[tokio::test]
async fn a_killed_process_comes_back_on_its_port_and_file_and_ends_when_told_to() {
    let settings = [("STARBOARD_SOURCES", ",".to_owned())];
    let mut serving = Serving::start(&["serve"], &settings).await;
    let log = serving.get("/readyz").await.json()["log"].clone();

    serving.kill();
    assert!(http::get(&serving.url("/readyz")).await.is_none());

    serving.start_again().await;
    assert_eq!(serving.get("/readyz").await.json()["log"], log);
    let socket = super::socket::Socket::open(serving.port(), "").await;
    assert_eq!(socket.open["log"], log);
    assert!(serving.stop().success());
}
