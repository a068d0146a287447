//! Settings: environment variables, read once.
//!
//! A bad value stops the start with one line naming the variable, what it got and what it takes.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use ipnet::IpNet;

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
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed; none.
    pub trusted_proxies: Vec<IpNet>,
    /// `SMTP_URL`: where mails are handed over; none: see [`crate::mail::outbox`].
    pub smtp_url: Option<String>,
    /// `MAIL_FROM`: who mails come from; needed with `SMTP_URL`.
    pub mail_from: Option<String>,
    /// `ALLOW_PRIVATE_WEBHOOKS`: whether webhooks may go to addresses inside one's own network.
    pub allow_private_webhooks: bool,
    /// How fast deliveries are tried again; other than the default only in tests.
    pub pace: Pace,
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
            trusted_proxies,
            smtp_url,
            mail_from,
            allow_private_webhooks,
            pace,
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
            .field("trusted_proxies", trusted_proxies)
            .field("smtp_url", &smtp_url.as_ref().map(|_| hidden))
            .field("mail_from", mail_from)
            .field("allow_private_webhooks", allow_private_webhooks)
            .field("pace", pace)
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

/// How fast deliveries go. The variables behind it are for tests of faults, which have no hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Waits before the second try and those after it (`STARBOARD_RETRY_STEPS`, seconds).
    pub delivery_retries: Vec<Duration>,
    /// How long a delivery is one worker's own (`STARBOARD_CLAIM_SECONDS`).
    pub claim: Duration,
    /// How often somebody looks for deliveries that are due and have no job.
    pub sweep: Duration,
    /// How long a part of the subscriptions is one worker's own (`STARBOARD_LEASE_SECONDS`).
    pub partition_lease: Duration,
}

impl Pace {
    /// Longest a message may take to be handed over: well before the claim on it ends, so that no
    /// other worker begins while this one has not given up.
    #[must_use]
    pub fn sending(&self) -> Duration {
        self.claim / 2
    }
}

impl Default for Pace {
    fn default() -> Self {
        const STEPS: [u64; 6] = [5, 300, 1_800, 7_200, 18_000, 36_000];
        Pace {
            delivery_retries: STEPS.map(Duration::from_secs).to_vec(),
            claim: Duration::from_secs(120),
            sweep: Duration::from_secs(1),
            partition_lease: Duration::from_secs(5),
        }
    }
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
        let smtp_url = value("SMTP_URL")
            .map(|text| checked_url("SMTP_URL", &text, &["smtp", "smtps"]))
            .transpose()?;
        let mail_from = value("MAIL_FROM");
        if let Some(text) = &mail_from
            && text.parse::<lettre::message::Mailbox>().is_err()
        {
            bail!("MAIL_FROM is {text:?}; it takes an address such as Board <board@example.org>");
        }
        if smtp_url.is_some() && mail_from.is_none() {
            bail!(
                "MAIL_FROM is not set: with SMTP_URL it takes an address such as \
                 Board <board@example.org>"
            );
        }
        let allow_private_webhooks = match value("ALLOW_PRIVATE_WEBHOOKS").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => bail!("ALLOW_PRIVATE_WEBHOOKS is {other:?}; it takes true or false"),
        };
        Ok(Config {
            database_url,
            redis_url,
            listen,
            public_url,
            secret_key: value("SECRET_KEY"),
            trusted_proxies: value("TRUSTED_PROXIES")
                .map_or(Ok(Vec::new()), |text| networks(&text))?,
            smtp_url,
            mail_from,
            allow_private_webhooks,
            pace: pace(value)?,
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

    /// Whether `PUBLIC_URL` is only reached from this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let url = url::Url::parse(&self.public_url).ok();
        url.is_some_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        })
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

fn networks(text: &str) -> anyhow::Result<Vec<IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|t| !t.is_empty());
    parts
        .map(|part| {
            let alone = |part: &str| part.parse::<IpAddr>().ok().map(IpNet::from);
            part.parse().ok().or_else(|| alone(part)).with_context(|| {
                format!(
                    "TRUSTED_PROXIES names {part:?}; it takes a comma list of networks such as \
                     10.0.0.0/8"
                )
            })
        })
        .collect()
}

fn pace(value: impl Fn(&str) -> Option<String>) -> anyhow::Result<Pace> {
    /// A week: longer waits are mistakes.
    const LONGEST: u64 = 7 * 24 * 3600;
    let seconds = |name: &str, text: &str| {
        let number = text.trim().parse().ok();
        let number = number.filter(|number| (1..=LONGEST).contains(number));
        number
            .map(Duration::from_secs)
            .with_context(|| format!("{name} has {text:?}; it takes seconds from 1 to {LONGEST}"))
    };
    let one = |name: &str, otherwise: Duration| {
        value(name).map_or(Ok(otherwise), |text| seconds(name, &text))
    };
    let usual = Pace::default();
    let steps = "STARBOARD_RETRY_STEPS";
    Ok(Pace {
        delivery_retries: match value(steps) {
            Some(text) => text
                .split(',')
                .map(|text| seconds(steps, text))
                .collect::<anyhow::Result<_>>()?,
            None => usual.delivery_retries,
        },
        claim: one("STARBOARD_CLAIM_SECONDS", usual.claim)?,
        sweep: usual.sweep,
        partition_lease: one("STARBOARD_LEASE_SECONDS", usual.partition_lease)?,
    })
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
mod tests;
