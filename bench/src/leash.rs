//! Programs that end with the value that started them, also when this process is killed: a small
//! shell holds the other end of a pipe, and ends the program once the pipe is closed.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A polite signal, ten seconds, an impolite one to the program and what it started (nginx's workers
/// live on without their master); then the folder, if one is named, is removed.
const WATCH: &str = r#"
read -r _
kill -INT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
"#;

/// A running program.
pub(crate) struct Leashed {
    program: Child,
    shell: Child,
}

impl Leashed {
    /// Starts a program.
    pub(crate) fn spawn(command: &mut Command) -> anyhow::Result<Leashed> {
        Leashed::with_folder(command, "")
    }

    /// Starts a program whose folder is removed when this process is killed.
    pub(crate) fn with_folder(command: &mut Command, folder: &str) -> anyhow::Result<Leashed> {
        let name = command.get_program().to_string_lossy().into_owned();
        let program = command.process_group(0).stdin(Stdio::null()).spawn();
        let program = program.with_context(|| format!("starting {name}"))?;
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "leash", &program.id().to_string(), folder]);
        watch
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let shell = watch.process_group(0).spawn().context("starting sh")?;
        Ok(Leashed { program, shell })
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.program.try_wait()?)
    }

    /// Asks it to end (`INT`, `TERM`) and waits for that.
    pub(crate) fn stop(&mut self, signal: &str) -> anyhow::Result<()> {
        let kill = format!("-{signal}");
        Command::new("kill")
            .args([kill, self.id().to_string()])
            .status()?;
        let begun = Instant::now();
        while self.ended()?.is_none() {
            if begun.elapsed() > Duration::from_secs(20) {
                bail!("a program does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        // The shell first: it must not end whoever gets the number of the program next.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
        // Its group, and so what it started too.
        let group = format!("-{}", self.id());
        let mut kill = Command::new("kill");
        kill.args(["-KILL", "--", &group]).stderr(Stdio::null());
        let _ = kill.status();
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
