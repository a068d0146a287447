//! nginx with the configuration that is shipped.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::leash::Leashed;
use super::scratch::Scratch;
use super::{eventually, free_port, programs};

/// The shipped configuration.
const CONFIGURATION: &str = include_str!("../../deploy/nginx.conf");
/// The web processes it names.
const WEBS: [&str; 2] = ["127.0.0.1:8081", "127.0.0.1:8082"];

/// A running nginx. Its ports and folders are its own; all else is as shipped.
#[derive(Debug)]
pub(crate) struct Nginx {
    port: u16,
    process: Leashed,
    _folder: Scratch,
}

impl Nginx {
    /// Starts one in front of two web processes.
    pub(crate) async fn before(webs: [u16; 2]) -> Nginx {
        let program = programs::nginx().expect("no nginx here: run `cargo xtask test`");
        let (folder, port) = (Scratch::new(), free_port());
        let name = |name: &str| folder.file(name).display().to_string();
        let mut text = put(
            CONFIGURATION,
            "listen 80 ",
            &format!("listen 127.0.0.1:{port} "),
        );
        for (shipped, ours) in WEBS.iter().zip(webs) {
            text = put(&text, shipped, &format!("127.0.0.1:{ours}"));
        }
        text = put(&text, "/run/nginx.pid", &name("pid"));
        let kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths = kept.map(|kind| format!("{kind}_temp_path {};", name(kind)));
        let own = format!("http {{\naccess_log off;\n{}", paths.join("\n"));
        text = put(&text, "http {", &own);
        let file = folder.file("nginx.conf");
        std::fs::write(&file, text).unwrap();

        let said = folder.file("said");
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file);
        command.args(["-g", "daemon off; error_log stderr warn;"]);
        command
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).unwrap());
        let mut process = Leashed::spawn(&mut command);
        eventually("nginx", async || {
            if let Some(status) = process.ended() {
                panic!(
                    "nginx: {status}: {}",
                    std::fs::read_to_string(&said).unwrap()
                );
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        })
        .await;
        Nginx {
            port,
            process,
            _folder: folder,
        }
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path behind it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // In order: nginx that is killed leaves its own workers behind.
        self.process.signal("INT");
        for _ in 0..500 {
            if self.process.ended().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The text with something else in one place; that place has to be there, and once.
fn put(text: &str, shipped: &str, ours: &str) -> String {
    assert_eq!(
        text.matches(shipped).count(),
        1,
        "{shipped:?} in nginx.conf"
    );
    text.replace(shipped, ours)
}
