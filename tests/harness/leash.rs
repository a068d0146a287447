//! Programs that never outlive the tests, not even tests that are killed.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::eventually;

/// A running program. It ends with its value, and also with the test process: a small shell holds
/// the other end of a pipe, which the system closes when the process is gone, and then ends the
/// program.
#[derive(Debug)]
pub(crate) struct Leashed {
    program: Child,
    shell: Child,
}

/// What the shell does once its input ends: a polite signal, some patience, an impolite one, and
/// the folder (if any) is removed.
const WATCH: &str = r#"
read -r _
kill -INT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
"#;

impl Leashed {
    /// Starts a program.
    pub(crate) fn spawn(command: &mut Command) -> Leashed {
        Leashed::spawn_with_folder(command, "")
    }

    /// Starts a program whose folder is to be removed when the test process ends.
    pub(crate) fn spawn_with_folder(command: &mut Command, folder: &str) -> Leashed {
        let name = command.get_program().to_string_lossy().into_owned();
        // A group of its own: Ctrl-C is for the tests, which then end it in order.
        let program = command.process_group(0).stdin(Stdio::null()).spawn();
        let program = program.unwrap_or_else(|error| panic!("starting {name}: {error}"));
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "leash", &program.id().to_string(), folder]);
        watch
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let shell = watch.process_group(0).spawn().unwrap();
        Leashed { program, shell }
    }

    /// The program's number.
    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    /// The program, for its output.
    pub(crate) fn program(&mut self) -> &mut Child {
        &mut self.program
    }

    /// Sends a signal by its name (`TERM`, `STOP`).
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.program.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -{name} {pid}"
        );
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.program.try_wait().unwrap()
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        eventually("the end of a program", async || self.ended()).await
    }

    /// Ends it at once (SIGKILL): it gets no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        // The shell first: it must not end whoever gets the number of the program next.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
        self.kill();
    }
}

#[tokio::test]
async fn a_leashed_program_ends_when_the_other_end_of_the_pipe_closes() {
    let mut leashed = Leashed::spawn(Command::new("sleep").arg("600"));

    drop(leashed.shell.stdin.take());

    assert!(!leashed.wait().await.success());
}
