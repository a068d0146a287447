//! Where a watch stands in the log: what it has seen, and where it goes on after a broken line.

use serde::Deserialize;

/// What `watch` reads of a frame; the rest of an event is shown as it came.
#[derive(Debug, Deserialize)]
pub(super) struct Frame {
    #[serde(rename = "type")]
    kind: String,
    seq: Option<i64>,
    log: Option<String>,
    keepalive_s: Option<u64>,
    reason: Option<String>,
}

/// What a frame means to the one who watches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The line is open; something comes at least every so many seconds.
    Open {
        /// Seconds between two `keepalive` frames.
        keepalive_s: u64,
    },
    /// An event not seen before.
    Event,
    /// Alive, nothing to show.
    Nothing,
    /// What happened since the place asked for is lost; it goes on from the log's end.
    Reset {
        /// In the server's words.
        reason: String,
    },
}

/// A frame against the protocol: the line cannot be trusted any further.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame that is none of the live protocol: {0}")]
pub(super) struct Foreign(String);

/// The place of a watch.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// All that passes up to here was shown; none before the first connection.
    since: Option<i64>,
    /// The log `since` is a place of.
    log: Option<String>,
    /// Whether this connection began with a `since`.
    resumed: bool,
    /// The log this connection spoke of. It becomes ours with the first frame that holds in it:
    /// after `open`, a `reset` may still say that our place was in another.
    spoken: Option<String>,
}

impl Place {
    /// Behind what the user has seen; from now on, when they do not say.
    pub(super) fn new(since: Option<i64>) -> Place {
        Place {
            since,
            ..Place::default()
        }
    }

    /// The parameters a new connection asks with.
    pub(super) fn ask(&mut self) -> Vec<(&'static str, String)> {
        self.resumed = self.since.is_some();
        self.spoken = None;
        let since = self.since.map(|seq| ("since", seq.to_string()));
        let log = self.since.and(self.log.clone()).map(|log| ("log", log));
        since.into_iter().chain(log).collect()
    }

    /// Takes a frame in.
    ///
    /// # Errors
    /// When it is none of the protocol; the place stays.
    pub(super) fn hear(&mut self, frame: Frame) -> Result<Heard, Foreign> {
        let Frame {
            kind,
            seq,
            log,
            keepalive_s,
            reason,
        } = frame;
        match kind.as_str() {
            "open" => {
                // With a `since`, the log's end is no place to resume from: the replay comes first.
                if !self.resumed {
                    self.since = Some(need(seq, &kind)?);
                    self.log.clone_from(&log);
                }
                self.spoken = log;
                Ok(Heard::Open {
                    keepalive_s: keepalive_s.unwrap_or(25),
                })
            }
            "activity" => {
                let seq = need(seq, &kind)?;
                self.settle();
                if self.since.is_some_and(|last| seq <= last) {
                    return Ok(Heard::Nothing);
                }
                self.since = Some(seq);
                Ok(Heard::Event)
            }
            "keepalive" | "filter" => {
                let seq = need(seq, &kind)?;
                self.settle();
                self.since = self.since.max(Some(seq));
                Ok(Heard::Nothing)
            }
            "reset" => {
                self.since = Some(need(seq, &kind)?);
                self.log = log.or_else(|| self.spoken.take());
                Ok(Heard::Reset {
                    reason: reason.unwrap_or_else(|| "no reason given".to_owned()),
                })
            }
            // What a later version says besides.
            _ => Ok(Heard::Nothing),
        }
    }

    /// The log of this connection is ours.
    fn settle(&mut self) {
        if let Some(log) = self.spoken.take() {
            self.log = Some(log);
        }
    }
}

fn need(seq: Option<i64>, kind: &str) -> Result<i64, Foreign> {
    seq.filter(|seq| *seq >= 0)
        .ok_or_else(|| Foreign(format!("{kind:?} without a place")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The events of these frames that are shown, and what the next connection asks with.
    struct Watched {
        place: Place,
        shown: Vec<i64>,
        resets: Vec<String>,
    }

    impl Watched {
        fn since(since: Option<i64>) -> Watched {
            let mut place = Place::new(since);
            place.ask();
            Watched {
                place,
                shown: Vec::new(),
                resets: Vec::new(),
            }
        }

        fn hears(mut self, frame: Value) -> Watched {
            let seq = frame["seq"].as_i64();
            match self
                .place
                .hear(serde_json::from_value(frame).unwrap())
                .unwrap()
            {
                Heard::Event => self.shown.extend(seq),
                Heard::Reset { reason } => self.resets.push(reason),
                Heard::Open { .. } | Heard::Nothing => {}
            }
            self
        }

        fn opens(self, log: &str, seq: i64) -> Watched {
            self.hears(json!({ "type": "open", "log": log, "seq": seq, "keepalive_s": 25 }))
        }

        fn event(self, seq: i64) -> Watched {
            self.hears(json!({ "type": "activity", "seq": seq }))
        }

        fn keepalive(self, seq: i64) -> Watched {
            self.hears(json!({ "type": "keepalive", "seq": seq }))
        }

        fn resets(self, log: &str, seq: i64) -> Watched {
            self.hears(json!({ "type": "reset", "log": log, "seq": seq, "reason": "too old" }))
        }

        /// The line breaks; asks again with …
        fn breaks(mut self, asks: &str) -> Watched {
            let asked: Vec<String> = self
                .place
                .ask()
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(asked.join("&"), asks);
            self
        }
    }

    #[test]
    fn without_a_place_the_first_open_is_one() {
        Watched::since(None)
            .breaks("")
            .opens("a", 40)
            .breaks("since=40&log=a");
    }

    #[test]
    fn with_a_place_the_end_of_the_log_is_none() {
        Watched::since(Some(10))
            .opens("a", 40)
            .event(12)
            .breaks("since=12&log=a");
    }

    #[test]
    fn a_line_that_breaks_during_the_replay_loses_nothing() {
        let watched = Watched::since(Some(10)).opens("a", 40).breaks("since=10");
        let watched = watched
            .opens("a", 41)
            .event(11)
            .event(12)
            .breaks("since=12&log=a");
        let watched = watched.opens("a", 41).event(13);
        assert_eq!(watched.shown, [11, 12, 13]);
    }

    #[test]
    fn what_comes_twice_is_shown_once() {
        let watched = Watched::since(None)
            .opens("a", 5)
            .event(6)
            .event(8)
            .event(6)
            .event(8)
            .event(9);
        assert_eq!(watched.shown, [6, 8, 9]);
    }

    #[test]
    fn a_keepalive_moves_the_place_on_but_never_back() {
        let watched = Watched::since(None)
            .opens("a", 5)
            .event(8)
            .keepalive(20)
            .keepalive(19);
        watched.breaks("since=20&log=a");
    }

    #[test]
    fn a_reset_goes_on_from_the_end_of_another_log() {
        let watched = Watched::since(None)
            .opens("a", 500)
            .event(501)
            .breaks("since=501&log=a");
        let watched = watched
            .opens("b", 7)
            .resets("b", 7)
            .event(8)
            .breaks("since=8&log=b");
        assert_eq!(
            (watched.shown, watched.resets),
            (vec![501, 8], vec!["too old".to_owned()])
        );
    }

    #[test]
    fn a_line_that_breaks_between_open_and_reset_does_not_hide_the_reset() {
        let watched = Watched::since(None)
            .opens("a", 500)
            .event(501)
            .breaks("since=501&log=a");
        let watched = watched.opens("b", 7).breaks("since=501&log=a");
        watched.opens("b", 9).resets("b", 9).breaks("since=9&log=b");
    }

    #[test]
    fn a_place_given_by_hand_is_of_whatever_log_answers() {
        Watched::since(Some(3))
            .breaks("since=3")
            .opens("a", 9)
            .keepalive(9)
            .breaks("since=9&log=a");
    }

    #[test]
    fn frames_of_a_later_version_are_passed_over() {
        let watched = Watched::since(None)
            .opens("a", 5)
            .hears(json!({ "type": "weather" }));
        assert_eq!(watched.event(6).shown, [6]);
    }

    #[test]
    fn an_event_without_a_place_is_refused() {
        let mut place = Place::new(Some(4));
        for frame in [
            json!({ "type": "activity" }),
            json!({ "type": "keepalive", "seq": -1 }),
        ] {
            let frame = serde_json::from_value(frame).unwrap();
            assert!(place.hear(frame).is_err());
        }
        assert_eq!(place.ask(), [("since", "4".to_owned())]);
    }
}
