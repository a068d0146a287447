//! Settings: environment variables, read once.
//!
//! A bad value stops the start with one line naming the variable, what it got and what it takes.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail};

/// Everything that can be set. Its `Debug` keeps secrets to itself.
#[derive(Clone)]
pub struct Config {
    /// `DATABASE_URL`; `sqlite://starboard.db`.
    pub database_url: String,
    /// `REDIS_URL`: the bus between processes; none: in-process.
    pub redis_url: Option<String>,
    /// `BIND` and `PORT`; `127.0.0.1:8080`, or `0.0.0.0` when the platform sets `PORT`.
    pub listen: SocketAddr,
    /// `PUBLIC_URL`, without a slash at its end; `http://localhost:$PORT`.
    pub public_url: String,
    /// `SECRET_KEY`; beside an SQLite file one is made and kept.
    pub secret_key: Option<String>,
    /// `SENTRY_DSN`.
    pub sentry_dsn: Option<String>,
    /// `STARBOARD_SOURCES`: names of the sources to run; none: all.
    pub sources: Option<BTreeSet<String>>,
    /// `EVENT_DAYS`: how long events are kept; 30.
    pub event_days: u32,
    /// `LOG_FORMAT`: `text` or `json`.
    pub log_format: LogFormat,
    /// Cassettes played instead of the upstreams (the demo).
    pub demo: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Taken apart, so that nobody adds a field without deciding whether it is a secret.
        let Config {
            database_url: _,
            redis_url,
            listen,
            public_url,
            secret_key,
            sentry_dsn,
            sources,
            event_days,
            log_format,
            demo,
        } = self;
        let hidden = format_args!("***");
        f.debug_struct("Config")
            .field("database_url", &hidden)
            .field("redis_url", &redis_url.as_ref().map(|_| hidden))
            .field("listen", listen)
            .field("public_url", public_url)
            .field("secret_key", &secret_key.as_ref().map(|_| hidden))
            .field("sentry_dsn", &sentry_dsn.as_ref().map(|_| hidden))
            .field("sources", sources)
            .field("event_days", event_days)
            .field("log_format", log_format)
            .field("demo", demo)
            .finish()
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log drains.
    Json,
}

impl Config {
    /// Reads the settings from `get`, which answers the value of a variable.
    ///
    /// # Errors
    /// One line naming the variable, what it got and what it takes.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Config> {
        let value = |name: &str| {
            get(name)
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        let port =
            match value("PORT") {
                None => None,
                Some(text) => Some(text.parse::<u16>().ok().with_context(|| {
                    format!("PORT is {text:?}; it takes a number from 0 to 65535")
                })?),
            };
        let bind = match value("BIND") {
            Some(text) => text.parse::<IpAddr>().ok().with_context(|| {
                format!("BIND is {text:?}; it takes an IP address such as 127.0.0.1")
            })?,
            None if port.is_some() => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let listen = SocketAddr::new(bind, port.unwrap_or(8080));
        let public_url = match value("PUBLIC_URL") {
            Some(text) => checked_url("PUBLIC_URL", &text, &["http", "https"])?,
            None => format!("http://localhost:{}", listen.port()),
        };
        let database_url = value("DATABASE_URL").unwrap_or_else(|| "sqlite://starboard.db".into());
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|s| database_url.starts_with(s))
        {
            let scheme = database_url.split(':').next().unwrap_or_default();
            bail!("DATABASE_URL begins with {scheme:?}; it takes sqlite://FILE or postgres://…");
        }
        let redis_url = value("REDIS_URL")
            .map(|text| checked_url("REDIS_URL", &text, &["redis", "rediss"]))
            .transpose()?;
        let sentry_dsn = value("SENTRY_DSN")
            .map(|text| checked_url("SENTRY_DSN", &text, &["http", "https"]))
            .transpose()?;
        let event_days = match value("EVENT_DAYS") {
            None => 30,
            Some(text) => text
                .parse()
                .ok()
                .filter(|days| (1..=3650).contains(days))
                .with_context(|| {
                    format!("EVENT_DAYS is {text:?}; it takes a number of days from 1 to 3650")
                })?,
        };
        let log_format = match value("LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => bail!("LOG_FORMAT is {other:?}; it takes text or json"),
        };
        if let Some(key) = value("SECRET_KEY")
            && key.len() < 32
        {
            bail!(
                "SECRET_KEY has {} characters; it takes at least 32",
                key.len()
            );
        }
        Ok(Config {
            database_url,
            redis_url,
            listen,
            public_url,
            secret_key: value("SECRET_KEY"),
            sentry_dsn,
            sources: value("STARBOARD_SOURCES")
                .map(|text| sources(&text))
                .transpose()?,
            event_days,
            log_format,
            demo: false,
        })
    }

    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn from_env() -> anyhow::Result<Config> {
        Config::read(|name| std::env::var(name).ok())
    }

    /// The SQLite file, if that is where the data are.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.database_url.strip_prefix("sqlite:")?;
        let path = rest
            .trim_start_matches("//")
            .split('?')
            .next()
            .unwrap_or_default();
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Whether a source is to run.
    #[must_use]
    pub fn runs(&self, source: &str) -> bool {
        self.sources
            .as_ref()
            .is_none_or(|names| names.contains(source))
    }
}

/// Checks the scheme only and keeps the text; never repeats a value that may hold a password.
fn checked_url(name: &str, text: &str, schemes: &[&str]) -> anyhow::Result<String> {
    let good = url::Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()));
    if !good {
        bail!(
            "{name} is not an address it can use; it takes {}://…",
            schemes.join(":// or ")
        );
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn sources(text: &str) -> anyhow::Result<BTreeSet<String>> {
    let known: Vec<&str> = registry::ALL.iter().map(|c| c.profile().name).collect();
    let names: BTreeSet<String> = text
        .split(',')
        .map(|name| name.trim().to_lowercase())
        .filter(|n| !n.is_empty())
        .collect();
    for name in &names {
        if !known.contains(&name.as_str()) {
            bail!(
                "STARBOARD_SOURCES names {name:?}; it takes a comma list of {}",
                known.join(", ")
            );
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
        Config::read(|name| {
            pairs
                .iter()
                .find(|(k, _)| *k == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn nothing_set_gives_a_hub_for_this_machine_only() {
        let config = with(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.public_url, "http://localhost:8080");
        assert_eq!(config.sqlite_file(), Some("starboard.db".into()));
    }

    #[test]
    fn a_platform_that_sets_the_port_is_listened_to_from_everywhere() {
        let config = with(&[("PORT", "5000")]).unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:5000");
        let config = with(&[("PORT", "5000"), ("BIND", "127.0.0.1")]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:5000");
    }

    #[test]
    fn debug_output_tells_no_secret() {
        let config = with(&[
            ("DATABASE_URL", "postgres://hub:hidden-1@db/starboard"),
            ("REDIS_URL", "redis://:hidden-2@cache"),
            ("SENTRY_DSN", "https://hidden-3@sentry.example/1"),
            ("SECRET_KEY", "hidden-4 and so on for 32 characters"),
        ]);
        let shown = format!("{:?}", config.unwrap());
        assert!(!shown.contains("hidden"), "{shown}");
        assert!(shown.contains("secret_key: Some(***)"), "{shown}");
    }

    #[test]
    fn a_bad_value_is_named_with_what_it_takes() {
        for (name, value, message) in [
            (
                "PORT",
                "http",
                "PORT is \"http\"; it takes a number from 0 to 65535",
            ),
            (
                "BIND",
                "here",
                "BIND is \"here\"; it takes an IP address such as 127.0.0.1",
            ),
            (
                "DATABASE_URL",
                "mysql://x",
                "DATABASE_URL begins with \"mysql\"; it takes sqlite://FILE or postgres://…",
            ),
            (
                "REDIS_URL",
                "http://x",
                "REDIS_URL is not an address it can use; it takes redis:// or rediss://…",
            ),
            (
                "EVENT_DAYS",
                "0",
                "EVENT_DAYS is \"0\"; it takes a number of days from 1 to 3650",
            ),
            (
                "LOG_FORMAT",
                "xml",
                "LOG_FORMAT is \"xml\"; it takes text or json",
            ),
            (
                "SECRET_KEY",
                "short",
                "SECRET_KEY has 5 characters; it takes at least 32",
            ),
        ] {
            let error = with(&[(name, value)]).unwrap_err().to_string();
            assert_eq!(error, message);
        }
    }
}
