//! Other servers: what of them is here, installing what a person need not be asked about, and how
//! they are started. Their configurations are in `bench/peers`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// Another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// nginx with nchan.
    Nchan,
    /// Node.js with `ws`.
    Node,
    /// FastAPI on uvicorn.
    FastApi,
    /// Django Channels on Daphne: what Starboard's founders ran.
    Daphne,
}

const FILES: [(&str, &str); 7] = [
    ("nginx.conf.in", include_str!("../peers/nginx.conf.in")),
    (
        "node/package.json",
        include_str!("../peers/node/package.json"),
    ),
    ("node/server.js", include_str!("../peers/node/server.js")),
    (
        "python/requirements.txt",
        include_str!("../peers/python/requirements.txt"),
    ),
    (
        "python/fastapi_feed.py",
        include_str!("../peers/python/fastapi_feed.py"),
    ),
    ("python/asgi.py", include_str!("../peers/python/asgi.py")),
    (
        "python/settings.py",
        include_str!("../peers/python/settings.py"),
    ),
];
const PUBLISH: (&str, &str) = (
    "python/publish.py",
    include_str!("../peers/python/publish.py"),
);

/// Where Debian, its kin and nginx's own packages put the module.
const MODULES: [&str; 3] = [
    "/usr/lib/nginx/modules/ngx_nchan_module.so",
    "/usr/lib64/nginx/modules/ngx_nchan_module.so",
    "/usr/share/nginx/modules/ngx_nchan_module.so",
];

impl Peer {
    /// All of them.
    pub(crate) const ALL: [Peer; 4] = [Peer::Nchan, Peer::Node, Peer::FastApi, Peer::Daphne];

    /// For tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::Nchan => "nchan",
            Peer::Node => "node ws",
            Peer::FastApi => "FastAPI",
            Peer::Daphne => "Daphne",
        }
    }
}

/// The servers that can be measured here.
pub(crate) struct Peers {
    folder: PathBuf,
    /// Who is here.
    pub(crate) present: Vec<Peer>,
}

impl Peers {
    /// Nobody.
    pub(crate) fn none() -> Peers {
        Peers {
            folder: PathBuf::new(),
            present: Vec::new(),
        }
    }

    /// Writes their configurations, installs their packages, and says who is left out and why.
    pub(crate) fn prepare() -> anyhow::Result<Peers> {
        let mut peers = Peers {
            folder: crate::bed::kept()?.join("peers"),
            present: Vec::new(),
        };
        for (name, text) in FILES.into_iter().chain([PUBLISH]) {
            let file = peers.folder.join(name);
            fs::create_dir_all(file.parent().unwrap_or(&file))?;
            fs::write(&file, text).with_context(|| file.display().to_string())?;
        }
        for peer in Peer::ALL {
            let ready = match peer {
                Peer::Nchan => module().and(program("nginx")).map(drop),
                Peer::Node => peers.node(),
                Peer::FastApi | Peer::Daphne => peers.python(),
            };
            match ready {
                Ok(()) => peers.present.push(peer),
                Err(error) => eprintln!("  {} is left out: {error:#}", peer.name()),
            }
        }
        Ok(peers)
    }

    fn node(&self) -> anyhow::Result<()> {
        let folder = self.folder.join("node");
        if folder.join("node_modules/ws").is_dir() && folder.join("node_modules/redis").is_dir() {
            return Ok(());
        }
        let npm = program("npm").context("run: apt-get install -y nodejs npm")?;
        let mut install = Command::new(npm);
        install.args(["install", "--no-audit", "--no-fund", "--silent"]);
        run(install.current_dir(folder))
    }

    fn python(&self) -> anyhow::Result<()> {
        let (folder, list) = (
            self.folder.join("venv"),
            PathBuf::from("python/requirements.txt"),
        );
        if folder.join("bin/daphne").exists() && folder.join("bin/uvicorn").exists() {
            return Ok(());
        }
        let advice = "run: apt-get install -y python3-venv";
        let python = program("python3").context(advice)?;
        run(Command::new(python).args(["-m", "venv"]).arg(&folder)).context(advice)?;
        let mut install = Command::new(folder.join("bin/pip"));
        install.args(["install", "--quiet", "--requirement"]);
        run(install.arg(self.folder.join(list)))
    }

    /// The program of a peer, to listen on `port` and to read from this Redis.
    pub(crate) fn command(&self, peer: Peer, port: u16, redis: u16) -> anyhow::Result<Command> {
        let (port, redis) = (port.to_string(), redis.to_string());
        let python = self.folder.join("python");
        let mut command = match peer {
            Peer::Nchan => {
                let mut command = Command::new(program("nginx")?);
                let file = self.nginx(&port)?;
                command.arg("-e").arg(self.folder.join("nginx/error.log"));
                command.arg("-c").arg(file);
                command
            }
            Peer::Node => {
                let mut command = Command::new(program("node")?);
                command.args(["server.js", &port, &redis]);
                command.current_dir(self.folder.join("node"));
                command
            }
            Peer::FastApi => {
                let mut command = Command::new(self.folder.join("venv/bin/uvicorn"));
                command.args(["fastapi_feed:app", "--host", "127.0.0.1", "--port", &port]);
                command.args(["--backlog", "4096", "--log-level", "error"]);
                command.args(["--ws-per-message-deflate", "false"]);
                command.current_dir(python);
                command
            }
            Peer::Daphne => {
                let mut command = Command::new(self.folder.join("venv/bin/daphne"));
                command.args([
                    "-b",
                    "127.0.0.1",
                    "-p",
                    &port,
                    "-v",
                    "0",
                    "asgi:application",
                ]);
                command.current_dir(python);
                command
            }
        };
        command.env("REDIS_PORT", redis);
        Ok(command)
    }

    /// The publisher that Daphne's group is told by.
    pub(crate) fn publisher(&self, redis: u16) -> Vec<String> {
        let python = self.folder.join("venv/bin/python");
        let script = self.folder.join(PUBLISH.0);
        let words = [python, script].map(|path| path.to_string_lossy().into_owned());
        words.into_iter().chain([redis.to_string()]).collect()
    }

    fn nginx(&self, port: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join("nginx");
        fs::create_dir_all(&folder)?;
        let user = Command::new("id").arg("-un").output()?.stdout;
        let text = fs::read_to_string(self.folder.join("nginx.conf.in"))?
            .replace("@MODULE@", module()?)
            .replace("@USER@", String::from_utf8_lossy(&user).trim())
            .replace("@FOLDER@", &folder.to_string_lossy())
            .replace("@PORT@", port);
        let file = folder.join("nginx.conf");
        fs::write(&file, text)?;
        Ok(file)
    }
}

fn module() -> anyhow::Result<&'static str> {
    let found = MODULES.into_iter().find(|file| Path::new(file).exists());
    found.context("run: apt-get install -y nginx libnginx-mod-nchan")
}

/// A program on the path, or where administrators' programs are.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let mut files = folders.map(|folder| folder.join(name));
    let found = files.find(|file| file.is_file());
    found.with_context(|| format!("{name} is not here"))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("starting {name}"))?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
