//! Pages of activities as they went out last, kept for as long as the log does not grow.
//!
//! Who watches the board asks for its newest page, all for the same one. It is made once, kept with
//! its header fields as the outermost layer saw them leave (packed, if that was asked for), and
//! handed out again until the log has grown: this process's commits count at once, those of others
//! from when the feed hears of them, and nothing is kept for longer than [`LONGEST`], whatever the
//! feed does. While a page is made, whoever else asks for it waits for
//! that one.
//!
//! Kept is only what depends on nothing but the question and the log: no page of a time that moves
//! with the clock, none of somebody's own sites, none that sets a cookie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::feed::Place;
use super::wanted::Wanted;
use crate::error::Error;
use crate::hub::Hub;
use crate::page::is_known;

/// Where the pages are.
const PATH: &str = "/api/activities";
/// Longest a page is kept.
const LONGEST: Duration = Duration::from_secs(1);
/// Longest anybody waits for a page that somebody else has asked for.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pages kept.
const MOST: usize = 64;
/// Largest page kept, bytes.
const LARGEST: usize = 256 << 10;
/// How long a question whose page was too large is not waited for.
const NOT_AGAIN: Duration = Duration::from_secs(60);
/// Larger than any answer.
const ANSWER: usize = 64 << 20;
/// Longest `Accept-Encoding` that is told apart from others.
const LONGEST_ENCODING: usize = 100;

/// The kept pages of a process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pages(Arc<Shelf>);

struct Shelf {
    longest: Mutex<Duration>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    /// The newest event this process wrote, and the log it wrote it to.
    own: Mutex<Option<Place>>,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf {
            longest: Mutex::new(LONGEST),
            slots: Mutex::default(),
            own: Mutex::default(),
        }
    }
}

/// One question.
#[derive(Default)]
struct Slot {
    /// Held while its page is made.
    turn: tokio::sync::Mutex<()>,
    page: Mutex<Option<Arc<Page>>>,
    /// When it last was too large to be kept.
    too_large: Mutex<Option<Instant>>,
}

/// One answer.
struct Page {
    /// All up to here is in it.
    place: Place,
    /// When it began to be made.
    begun: Instant,
    headers: HeaderMap,
    body: Bytes,
}

/// In an answer's extensions: all up to this place of the log is in it.
#[derive(Clone, Debug)]
pub(super) struct AsOf(pub(super) Place);

impl Pages {
    /// Keeps pages for so long instead, be it that the log does not grow: to see what else ends them.
    pub fn keep_for(&self, longest: Duration) {
        *locked(&self.0.longest) = longest;
    }

    /// Notes what this process has committed to the log.
    pub fn grown(&self, log: Arc<str>, seq: i64) {
        let mut own = locked(&self.0.own);
        let further = own
            .as_ref()
            .is_none_or(|own| own.log != log || own.seq < seq);
        if further {
            *own = Some(Place { log, seq });
        }
    }

    /// The log's end as far as this process knows: what it wrote itself, and what its feed has
    /// heard of. None while the feed does not run.
    pub(super) fn known(&self, hub: &Hub) -> Option<Place> {
        let place = hub.feed.place();
        if place.seq < 0 {
            return None;
        }
        let own = locked(&self.0.own);
        let own = own.as_ref().filter(|own| own.log == place.log);
        Some(Place {
            seq: own.map_or(place.seq, |own| own.seq.max(place.seq)),
            ..place
        })
    }

    fn slot(&self, key: String) -> Option<Arc<Slot>> {
        let mut slots = locked(&self.0.slots);
        if let Some(slot) = slots.get(&key) {
            return Some(Arc::clone(slot));
        }
        if slots.len() >= MOST {
            let longest = *locked(&self.0.longest);
            slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.is_young(longest));
        }
        if slots.len() >= MOST {
            return None;
        }
        Some(Arc::clone(slots.entry(key).or_default()))
    }
}

impl Slot {
    fn page(&self) -> Option<Arc<Page>> {
        locked(&self.page).clone()
    }

    fn is_young(&self, longest: Duration) -> bool {
        self.page()
            .is_some_and(|page| page.begun.elapsed() < longest)
    }

    /// The page, if the log has not grown since.
    fn current(&self, hub: &Hub) -> Option<Arc<Page>> {
        let page = self.page()?;
        let known = hub.pages.known(hub)?;
        let current = page.place.log == known.log && page.place.seq >= known.seq;
        let young = page.begun.elapsed() < *locked(&hub.pages.0.longest);
        (current && young).then_some(page)
    }
}

/// The layer: answers with a kept page, or asks on and keeps what comes.
pub async fn kept(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let slot = key(&hub, &request).and_then(|key| hub.pages.slot(key));
    let Some(slot) = slot else {
        return next.run(request).await;
    };
    if let Some(page) = slot.current(&hub) {
        return page.answer(request.headers());
    }
    if locked(&slot.too_large).is_some_and(|since| since.elapsed() < NOT_AGAIN) {
        return next.run(request).await; // nobody gains by waiting
    }
    let arrived = Instant::now();
    let Ok(turn) = tokio::time::timeout(PATIENCE, slot.turn.lock()).await else {
        return next.run(request).await;
    };
    // Made from what was read after this question came: no older than an answer of its own.
    let made = slot.page().filter(|page| page.begun >= arrived);
    if let Some(page) = made.or_else(|| slot.current(&hub)) {
        return page.answer(request.headers());
    }
    let answer = make(&slot, request, next).await;
    drop(turn);
    answer
}

async fn make(slot: &Slot, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    // The whole page is wanted here, whatever the one who asks has already.
    let asked = request.headers().clone();
    request.headers_mut().remove(header::IF_NONE_MATCH);
    let answer = next.run(request).await;
    let place = answer.extensions().get().map(|AsOf(place)| place.clone());
    let Some(place) = place.filter(|_| is_anybodys(&answer)) else {
        return answer;
    };
    let (parts, body) = answer.into_parts();
    let body = match to_bytes(body, ANSWER).await {
        Ok(body) => body,
        Err(error) => return Error::Internal(error.into()).into_response(),
    };
    let page = Arc::new(Page {
        place,
        begun,
        headers: parts.headers,
        body,
    });
    match page.body.len() <= LARGEST {
        true => *locked(&slot.page) = Some(Arc::clone(&page)),
        false => *locked(&slot.too_large) = Some(begun),
    }
    page.answer(&asked)
}

/// Whether an answer is whole, and for anybody.
fn is_anybodys(answer: &Response) -> bool {
    let control = answer.headers().get(header::CACHE_CONTROL);
    answer.status() == StatusCode::OK
        && control.is_some_and(|control| control.as_bytes().starts_with(b"public"))
        && !answer.headers().contains_key(header::SET_COOKIE)
}

impl Page {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut headers = self.headers.clone();
        let etag = headers.get(header::ETAG);
        if etag.is_some_and(|etag| is_known(asked, etag)) {
            for gone in [
                header::CONTENT_TYPE,
                header::CONTENT_LENGTH,
                header::CONTENT_ENCODING,
            ] {
                headers.remove(gone);
            }
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let mut answer = Response::new(Body::from(self.body.clone()));
        *answer.headers_mut() = headers;
        answer
    }
}

/// What a question's page is kept under; none when it is not to be kept.
fn key(hub: &Hub, request: &Request) -> Option<String> {
    let uri = request.uri();
    if request.method() != Method::GET || uri.path() != PATH {
        return None;
    }
    let encoding = match request.headers().get(header::ACCEPT_ENCODING) {
        Some(encoding) => encoding.to_str().ok()?,
        None => "",
    };
    let several = request.headers().get_all(header::ACCEPT_ENCODING).iter();
    if encoding.len() > LONGEST_ENCODING || several.count() > 1 {
        return None;
    }
    let wanted = Wanted::read(uri.query(), hub.catalogue.as_ref()).ok()?;
    let filter = &wanted.filter;
    let moves = filter.is_relative() || !filter.at.is_empty();
    if wanted.after.is_some() || moves || filter.own_sites().next().is_some() {
        return None;
    }
    let (sort, limit) = (wanted.sort, wanted.limit);
    Some(format!(
        "{encoding}\n{sort:?}\n{limit}\n{}",
        filter.canonical()
    ))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
