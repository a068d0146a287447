//! `starboard watch`: the live tail.

mod asked;
mod line;
mod patience;
mod place;

use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::asked::Asked;
use self::line::{Broken, Line};
use self::patience::Patience;
use self::place::{Frame, Heard, Place};
use super::client::{self, Server};
use super::out;
use crate::config::Config;
use crate::words::{self, plain};

/// How long a line of output may still take after a signal.
const FAREWELL: Duration = Duration::from_secs(1);

/// Shows what happens, as it happens
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard watch
  starboard watch facility=JWST facility=HST event=started event=ended
  starboard watch 'target=M 31' --json
  starboard watch 'visible_from=48.1 11.6 520' sun_below=-18 visible_when=next24h
  starboard watch --since 1842          what happened after event 1842, then live
  starboard watch --subscription \"M 31 by JWST\"

It reconnects by itself and goes on where it was, without gap or repeat. Different keys must all
hold; of a key given twice either may. Times are UTC.")]
pub(super) struct Watch {
    /// key=value: facility, instrument, target, proposal, pi, text, pos, status, event, …
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// First show what happened after this event
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(0..))]
    since: Option<i64>,
    /// What one of your subscriptions is about, by its id or name; it may be paused or muted
    #[arg(long, value_name = "ID", conflicts_with = "filter")]
    subscription: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Watch {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let server = self.server.address(&config)?;
        let asked = match &self.subscription {
            None => Asked::by_words(&self.filter)?,
            Some(subscription) => Asked::by_subscription(&server, subscription).await?,
        };
        let end = end_on_signals();
        let mut place = Place::new(self.since);
        let mut patience = Patience::default();
        loop {
            let broken = tokio::select! {
                () = end.cancelled() => return Ok(()),
                broken = self.follow(&server, &asked, &mut place, &mut patience) => broken,
            };
            let why = match broken {
                Stop::Again(why) => why,
                Stop::End(error) => return Err(error),
            };
            let wait = patience.next();
            eprintln!(
                "starboard: {}: trying again in {:.1} s",
                plain(&why),
                wait.as_secs_f64()
            );
            tokio::select! {
                () = end.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Follows one connection to its end.
    async fn follow(
        &self,
        server: &Url,
        asked: &Asked,
        place: &mut Place,
        patience: &mut Patience,
    ) -> Stop {
        let since = place.ask();
        let mut query = asked.filter.to_pairs();
        query.extend(since.iter().map(|(name, value)| (*name, value.as_str())));
        let mut line = match client::at(server, "/api/activities/live", &query) {
            Ok(url) => match Line::open(url).await {
                Ok(line) => line,
                Err(broken) => return broken.into(),
            },
            Err(error) => return Stop::End(error),
        };
        loop {
            let text = match line.next().await {
                Ok(text) => text,
                Err(broken) => return broken.into(),
            };
            let heard = match serde_json::from_str::<Frame>(&text) {
                Ok(frame) => place.hear(frame).map_err(|error| error.to_string()),
                Err(error) => Err(format!("a frame cannot be read ({error})")),
            };
            match heard {
                Ok(Heard::Open { keepalive_s }) => line.expects(keepalive_s),
                Ok(Heard::Nothing) => patience.renew(),
                Ok(Heard::Event) => {
                    patience.renew();
                    if asked.shows(&text)
                        && let Err(error) = self.show(&text)
                    {
                        return Stop::End(error);
                    }
                }
                Ok(Heard::Reset { reason }) => eprintln!(
                    "starboard: reset: {}; events are missing here, `starboard activities` has \
                     their outcome",
                    plain(&reason)
                ),
                Err(why) => return Stop::Again(why),
            }
        }
    }

    fn show(&self, text: &str) -> anyhow::Result<()> {
        if self.json {
            // Line breaks between the tokens of JSON mean nothing; inside texts they are escaped.
            return out::line(&text.replace(['\n', '\r'], " "));
        }
        out::line(&in_words(text))
    }
}

/// An event in words: `06:00:02 JWST started, by plan: M-31 with NIRCAM, programme 4501`.
fn in_words(text: &str) -> String {
    let Ok(envelope) = serde_json::from_str::<domain::Envelope>(text) else {
        return "an event that this version cannot put into words (see --json)".to_owned();
    };
    let facts = &envelope.activity.facts;
    let mut line = format!(
        "{} {} {}",
        envelope.at.format("%Y-%m-%d %H:%M:%S"),
        facts.facility_name,
        words::happened(&envelope)
    );
    let of = match (&facts.target_name, words::kind(facts)) {
        (Some(target), None) => target.clone(),
        (Some(target), Some(kind)) => format!("{target} ({kind})"),
        (None, Some(kind)) => format!("{kind} {}", envelope.activity.obs_id),
        (None, None) => envelope.activity.obs_id.clone(),
    };
    line.push_str(": ");
    line.push_str(&of);
    if let Some(instrument) = &facts.instrument_name {
        line.push_str(" with ");
        line.push_str(instrument);
    }
    if let Some(programme) = &facts.proposal_id {
        line.push_str(", programme ");
        line.push_str(programme);
    }
    if envelope.backfill {
        line.push_str(" [news only to us]");
    }
    plain(&line)
}

/// Why a connection was left.
enum Stop {
    /// It may be better later.
    Again(String),
    /// It will not: what went wrong, or that nobody reads stdout any more.
    End(anyhow::Error),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Stop {
        match broken {
            Broken::ForNow(why) => Stop::Again(why),
            Broken::ForGood(why) => Stop::End(anyhow::Error::msg(why)),
        }
    }
}

/// Cancelled by SIGINT and SIGTERM. Should a line of output be stuck behind a reader who does not
/// read, the process ends all the same.
fn end_on_signals() -> CancellationToken {
    let end = CancellationToken::new();
    let token = end.clone();
    tokio::spawn(async move {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminate => {}
        }
        token.cancel();
        tokio::time::sleep(FAREWELL).await;
        std::process::exit(0);
    });
    end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(event: &str, activity: serde_json::Value) -> String {
        let mut whole = json!({
            "id": "0199a5a0-0000-7000-8000-000000000001", "source": "jwst", "obs_collection": "JWST",
            "obs_id": "4501:13:1", "attempt": 1, "repeat_of": null, "parallel_of": null,
            "revision": 1, "seq": 7, "status": "in_progress", "basis": "scheduled", "demo": false,
            "first_seen": "2026-11-20T00:00:00Z", "last_changed": "2026-11-21T06:00:00Z",
            "role": "prime", "facility_name": "JWST", "target_name": "M-31",
            "instrument_name": "NIRCAM", "proposal_id": "4501", "t_min": "2026-11-21T06:00:00Z",
        });
        let more = activity.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(more);
        json!({
            "type": "activity", "seq": 7, "event": event, "at": "2026-11-21T06:00:00Z",
            "logged": "2026-11-21T06:00:00.4Z", "backfill": false, "activity": whole,
        })
        .to_string()
    }

    #[test]
    fn an_event_in_words_says_how_we_know() {
        assert_eq!(
            in_words(&envelope("started", json!({}))),
            "2026-11-21 06:00:00 JWST started, by plan: M-31 with NIRCAM, programme 4501"
        );
        let confirmed = json!({ "status": "performed", "basis": "archived" });
        assert_eq!(
            in_words(&envelope("confirmed", confirmed)),
            "2026-11-21 06:00:00 JWST confirmed as performed, archived: M-31 with NIRCAM, programme 4501"
        );
    }

    #[test]
    fn an_activity_without_a_target_goes_by_its_identifier() {
        let dark = json!({
            "target_name": null, "instrument_name": null, "proposal_id": null,
            "intent": "calibration",
        });
        assert_eq!(
            in_words(&envelope("scheduled", dark)),
            "2026-11-21 06:00:00 JWST scheduled for 2026-11-21 06:00: calibration 4501:13:1"
        );
    }

    #[test]
    fn an_event_of_a_later_version_is_a_line_all_the_same() {
        assert!(in_words(&envelope("vanished", json!({}))).contains("--json"));
    }
}
