//! Answers from cassettes instead of the network.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use vcr_cassette::HttpInteraction;

use crate::cassette::Cassette;
use crate::growing::as_of;
use crate::retry::Failure;
use crate::scene::{Place, Question, needles, response};
use crate::{Error, redact};

/// Gives each recorded answer once, in order, to the same request.
pub(crate) struct Replay {
    scenes: Mutex<HashMap<Question, VecDeque<HttpInteraction>>>,
    /// The last answer to a request is given again and again.
    repeat: bool,
}

impl Replay {
    pub(crate) fn new(cassettes: Vec<Cassette>, repeat: bool) -> Self {
        let mut scenes: HashMap<Question, VecDeque<HttpInteraction>> = HashMap::new();
        for scene in all(cassettes) {
            let question = Question::recorded(&scene);
            scenes.entry(question).or_default().push_back(scene);
        }
        Replay {
            scenes: Mutex::new(scenes),
            repeat,
        }
    }

    fn next(&self, question: &Question) -> Option<HttpInteraction> {
        let mut scenes = self.scenes.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = scenes.get_mut(question)?;
        if self.repeat && queue.len() == 1 {
            return queue.front().cloned();
        }
        queue.pop_front()
    }
}

#[async_trait::async_trait]
impl Middleware for Replay {
    async fn handle(&self, asked: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        match self.next(&Question::asked(&asked)) {
            Some(scene) => Ok(response(&scene, asked.url())?),
            None => Err(unheard(&asked)),
        }
    }
}

type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Plays recorded answers for the demo, by the time at which they were recorded.
pub(crate) struct Playing {
    scenes: HashMap<Place, Vec<(Vec<String>, HttpInteraction)>>,
    now: Now,
}

impl Playing {
    pub(crate) fn new(cassettes: Vec<Cassette>, now: Now) -> Self {
        let mut scenes: HashMap<Place, Vec<_>> = HashMap::new();
        for scene in all(cassettes) {
            let place = Question::recorded(&scene).place;
            let entry = (needles(&scene), scene);
            scenes.entry(place).or_default().push(entry);
        }
        for candidates in scenes.values_mut() {
            candidates.sort_by_key(|(_, scene)| scene.recorded_at);
        }
        Playing { scenes, now }
    }

    /// Of the answers whose texts the question holds, those with most texts; of them the newest
    /// that had been recorded by now, else the oldest.
    fn choose(&self, question: &Question, now: DateTime<Utc>) -> Option<&HttpInteraction> {
        let text = question.text();
        let fitting: Vec<_> = self
            .scenes
            .get(&question.place)?
            .iter()
            .filter(|(needles, _)| needles.iter().all(|needle| text.contains(needle)))
            .collect();
        let most = fitting.iter().map(|(needles, _)| needles.len()).max()?;
        let mut closest = fitting
            .iter()
            .filter(|(needles, _)| needles.len() == most)
            .map(|(_, scene)| scene);
        let oldest = closest.clone().next();
        closest.rfind(|scene| scene.recorded_at <= now).or(oldest)
    }
}

#[async_trait::async_trait]
impl Middleware for Playing {
    async fn handle(&self, asked: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        let now = (self.now)();
        match self.choose(&Question::asked(&asked), now) {
            Some(scene) => Ok(response(&as_of(scene, now), asked.url())?),
            None => Err(unheard(&asked)),
        }
    }
}

fn all(cassettes: Vec<Cassette>) -> impl Iterator<Item = HttpInteraction> {
    cassettes
        .into_iter()
        .flat_map(|cassette| cassette.tape.http_interactions)
}

fn unheard(asked: &Request) -> reqwest_middleware::Error {
    let (method, url) = (asked.method(), redact::url(asked.url()));
    let error = Error::Unreachable(format!("no recorded answer to {method} {url}"));
    reqwest_middleware::Error::middleware(Failure::last(error))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{TimeDelta, TimeZone};
    use domain::Clock;

    use super::*;
    use crate::{Take, Upstream};

    const URL: &str = "https://a.example.org/plan";

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, hour, 0, 0).unwrap()
    }

    fn take(body: &str) -> Take {
        Take::get(URL, &[("day", "1")]).answers("text/plain", body)
    }

    async fn ask(upstream: &Upstream) -> crate::Result<String> {
        let answer = upstream.get(URL, &[("day", "1")]).await?;
        Ok(answer.text()?.to_owned())
    }

    #[tokio::test]
    async fn answers_come_once_and_in_order() {
        let cassettes = vec![
            Cassette::new().with(take("first")),
            Cassette::new().with(take("second")),
        ];
        let upstream = Upstream::replay(cassettes, Clock::system());

        assert_eq!(ask(&upstream).await.unwrap(), "first");
        assert_eq!(ask(&upstream).await.unwrap(), "second");
        assert_eq!(
            ask(&upstream).await.unwrap_err().to_string(),
            "unreachable: a.example.org/plan: no recorded answer to GET \
             https://a.example.org/plan?day=1"
        );
    }

    #[tokio::test]
    async fn the_last_answer_repeats_when_told_to() {
        let cassette = Cassette::new().with(take("first")).with(take("last"));
        let upstream = Upstream::replay_repeating(vec![cassette], Clock::system());

        assert_eq!(ask(&upstream).await.unwrap(), "first");
        assert_eq!(ask(&upstream).await.unwrap(), "last");
        assert_eq!(ask(&upstream).await.unwrap(), "last");
    }

    #[tokio::test]
    async fn an_answer_is_whole_only_as_far_as_the_cassette_proves_it() {
        let cassette = Cassette::new()
            .with(take("stated"))
            .with(take("unstated").of_unknown_length())
            .with(
                take("chunks")
                    .of_unknown_length()
                    .header("Transfer-Encoding", "chunked"),
            )
            .with(
                take("wrong")
                    .of_unknown_length()
                    .header("Content-Length", "99"),
            )
            .with(take("unfolded").header("Content-Encoding", "gzip"));
        let upstream = Upstream::replay(vec![cassette], Clock::system());

        let mut whole = Vec::new();
        for _ in 0..5 {
            let answer = upstream.get(URL, &[("day", "1")]).await.unwrap();
            whole.push(answer.whole);
        }
        assert_eq!(whole, [true, false, true, false, true]);
    }

    #[tokio::test]
    async fn tries_again_without_waiting() {
        let cassette = Cassette::new()
            .with(take("").status(503).header("Retry-After", "59"))
            .with(take("back"));
        let upstream = Upstream::replay(vec![cassette], Clock::system());

        assert_eq!(ask(&upstream).await.unwrap(), "back");
        upstream.pause(std::time::Duration::from_secs(1000)).await;
    }

    #[tokio::test]
    async fn what_is_played_is_the_newest_by_now() {
        let cassette = Cassette::new()
            .with(take("noon").recorded(at(12)))
            .with(take("six").recorded(at(6)));
        let clock = Clock::fixed(at(5));
        let now = clock.clone();
        let upstream = Upstream::playing(vec![cassette], move || now.now());

        assert_eq!(ask(&upstream).await.unwrap(), "six");
        clock.set(at(12) - TimeDelta::seconds(1));
        assert_eq!(ask(&upstream).await.unwrap(), "six");
        clock.set(at(12));
        assert_eq!(ask(&upstream).await.unwrap(), "noon");
        assert_eq!(ask(&upstream).await.unwrap(), "noon");
    }

    #[tokio::test]
    async fn what_is_played_ignores_all_but_the_texts_to_match() {
        let any = |body: &str| {
            Take::post(URL, &[])
                .answers("text/plain", body)
                .recorded(at(6))
        };
        let cassette = Cassette::new()
            .with(any("anything"))
            .with(any("changes").matching(&["last_mod_date >"]))
            .with(any("both").matching(&["last_mod_date >", "SCIENCE"]));
        let upstream = Upstream::playing(vec![cassette], || at(7));
        let ask = async |query: &str| {
            let answer = upstream.post_form(URL, &[("QUERY", query)]).await.unwrap();
            answer.text().unwrap().to_owned()
        };

        assert_eq!(ask("WHERE exp_start >= '2026'").await, "anything");
        assert_eq!(ask("WHERE last_mod_date > '2026'").await, "changes");
        assert_eq!(ask("'SCIENCE' AND last_mod_date > 1").await, "both");
    }

    #[tokio::test]
    async fn many_may_ask_at_once() {
        let cassette = Cassette::new().with(take("yes"));
        let upstream = Arc::new(Upstream::playing(vec![cassette], || at(7)));

        let (one, two) = tokio::join!(ask(&upstream), ask(&upstream));

        assert_eq!(
            (one.unwrap(), two.unwrap()),
            ("yes".to_owned(), "yes".to_owned())
        );
    }
}
