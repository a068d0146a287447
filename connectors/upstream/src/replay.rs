//! Answers from cassettes instead of the network.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use vcr_cassette::HttpInteraction;

use crate::cassette::Cassette;
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
    fn choose(&self, question: &Question) -> Option<&HttpInteraction> {
        let now = (self.now)();
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
        match self.choose(&Question::asked(&asked)) {
            Some(scene) => Ok(response(scene, asked.url())?),
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
