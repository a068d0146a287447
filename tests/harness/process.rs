//! The real `starboard` binary.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;

use super::http::{self, Answer};
use super::leash::Leashed;
use super::scratch::Scratch;
use super::{eventually, free_port};

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

/// How a program ended.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to stdout.
    pub(crate) stdout: String,
    /// What it wrote to stderr.
    pub(crate) stderr: String,
}

impl Ran {
    /// What it wrote to stdout, as JSON.
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error} in {:?} ({})", self.stdout, self.stderr))
    }
}

/// Runs `starboard` to its end.
pub(crate) async fn run(args: &[&str], folder: &Path, settings: &Settings) -> Ran {
    Program::start(args, folder, settings).end().await
}

/// A running program and what it wrote so far.
#[derive(Debug)]
pub(crate) struct Program {
    process: Leashed,
    readers: Vec<JoinHandle<()>>,
    /// Its stdout.
    pub(crate) stdout: Log,
    /// Its stderr.
    pub(crate) stderr: Log,
}

impl Program {
    /// Starts `starboard` with these arguments.
    pub(crate) fn start(args: &[&str], folder: &Path, settings: &Settings) -> Program {
        Program::spawn(command(STARBOARD, folder, settings).args(args))
    }

    /// Starts a program.
    pub(crate) fn spawn(command: &mut Command) -> Program {
        let mut process = Leashed::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let (stdout, stderr) = (Log::default(), Log::default());
        let child = process.program();
        let readers = vec![
            stdout.follow(child.stdout.take().unwrap()),
            stderr.follow(child.stderr.take().unwrap()),
        ];
        Program {
            process,
            readers,
            stdout,
            stderr,
        }
    }

    /// Waits until `/readyz` on this port answers 200. Panics when the program ends before.
    pub(crate) async fn ready(&mut self, port: u16) {
        let url = format!("http://127.0.0.1:{port}/readyz");
        eventually("a ready process", async || {
            if let Some(status) = self.process.ended() {
                panic!("{status}: {}", self.stderr.text());
            }
            http::get(&url).await.filter(|answer| answer.status == 200)
        })
        .await;
    }

    /// Sends a signal by its name (`TERM`, `STOP`).
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        self.process.wait().await
    }

    /// Waits for its end and for all of its output.
    pub(crate) async fn end(mut self) -> Ran {
        let status = self.wait().await;
        for reader in self.readers {
            reader.join().unwrap();
        }
        Ran {
            code: status.code(),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The memory it holds, in KiB.
    pub(crate) fn resident_kib(&self) -> usize {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim_end_matches("kB").trim().parse().unwrap()
    }
}

/// What a process wrote, while it runs and afterwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    /// Reads everything from `from` until its end.
    pub(crate) fn follow(&self, from: impl Read + Send + 'static) -> JoinHandle<()> {
        let log = Arc::clone(&self.0);
        std::thread::spawn(move || {
            for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&String::from_utf8_lossy(&line));
                log.push('\n');
            }
        })
    }

    /// Everything so far, in whole lines.
    pub(crate) fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }
}

/// A serving process. It keeps its port, folder and settings when it is killed and started again.
#[derive(Debug)]
pub(crate) struct Serving {
    args: Vec<String>,
    settings: Vec<(&'static str, String)>,
    port: u16,
    folder: Scratch,
    program: Option<Program>,
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
            program: None,
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
        let mut program = Program::spawn(&mut command);
        program.ready(self.port).await;
        self.program = Some(program);
    }

    /// The running program. Panics between a kill and the next start.
    pub(crate) fn program(&self) -> &Program {
        self.program.as_ref().expect("it runs")
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

    /// Asks by GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let answer = http::get(&self.url(path)).await;
        answer.unwrap_or_else(|| panic!("no answer to {path}: {}", self.program().stderr.text()))
    }

    /// Waits until its bus is in this state (`connected`, `degraded`). It is ready all the while.
    pub(crate) async fn has_bus(&self, state: &str) {
        eventually(&format!("a bus that is {state}"), async || {
            let ready = self.get("/readyz").await;
            assert_eq!(ready.status, 200, "{}", ready.body);
            (ready.json()["bus"] == state).then_some(())
        })
        .await;
    }

    /// Kills it (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub(crate) async fn stop(&mut self) -> Ran {
        let program = self.program.take().expect("it runs");
        program.signal("TERM");
        program.end().await
    }
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
    let ran = serving.stop().await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[tokio::test]
async fn what_a_program_prints_is_kept_to_its_last_line() {
    let folder = Scratch::new();

    let ran = run(&["openapi"], folder.path(), &[]).await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()["openapi"], "3.1.0");
}
