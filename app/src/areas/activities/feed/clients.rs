//! Who the feed hands frames to. Clients whose filters mean the same share its evaluation.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::filter::ActivityFilter;
use tokio::time::Instant;

use super::{Frame, Judged, Outlet, QUEUE};

/// Frames waiting for a client that count as a crowd.
const CROWD: usize = QUEUE / 4;
/// Longest the feed goes easy on a client with much to take.
pub(super) const EASY: Duration = Duration::from_secs(3);

/// One that has joined.
pub(super) struct Client {
    /// Up to where it was handed everything that passes.
    pub(super) position: i64,
    pub(super) outlet: Outlet,
    /// Since when it has had much to take.
    crowded: Option<Instant>,
}

impl Client {
    pub(super) fn new(position: i64, outlet: Outlet) -> Client {
        Client {
            position,
            outlet,
            crowded: None,
        }
    }

    /// Queues a frame; false when there is no room, or nobody, for it.
    pub(super) fn hand(&mut self, frame: Frame) -> bool {
        self.position = self.position.max(frame.seq);
        self.outlet.queue.try_send(frame).is_ok()
    }

    /// Whether it has had much to take, but not for so long that it must be slow.
    fn is_crowded(&mut self) -> bool {
        if QUEUE - self.outlet.queue.capacity() <= CROWD {
            self.crowded = None;
            return false;
        }
        self.crowded.get_or_insert_with(Instant::now).elapsed() < EASY
    }
}

/// Clients whose filters mean the same.
struct Group {
    filter: Arc<ActivityFilter>,
    clients: HashMap<u64, Client>,
}

/// All that have joined, by what they ask for.
pub(super) struct Clients {
    groups: HashMap<String, Group>,
    /// The group each client is in.
    home: HashMap<u64, String>,
    next_id: u64,
    /// How many there are, for those outside the task.
    count: Arc<AtomicI64>,
}

impl Clients {
    pub(super) fn new(count: Arc<AtomicI64>) -> Clients {
        Clients {
            groups: HashMap::new(),
            home: HashMap::new(),
            next_id: 1,
            count,
        }
    }

    /// An id nobody had before.
    pub(super) fn fresh_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    pub(super) fn settle(&mut self, id: u64, filter: Arc<ActivityFilter>, client: Client) {
        let key = filter.canonical().to_owned();
        let group = self.groups.entry(key.clone()).or_insert_with(|| Group {
            filter,
            clients: HashMap::new(),
        });
        group.clients.insert(id, client);
        self.home.insert(id, key);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&mut self, id: u64) -> Option<Client> {
        let key = self.home.remove(&id)?;
        let group = self.groups.get_mut(&key)?;
        let client = group.clients.remove(&id);
        if group.clients.is_empty() {
            self.groups.remove(&key);
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        client
    }

    /// Hands an event to those whose filter it passes and who have not seen it.
    pub(super) fn hand_event(&mut self, frame: &Frame, now: DateTime<Utc>) {
        let mut judged = Judged::new(frame);
        self.hand_where(
            |filter| judged.passes(filter, now),
            |client| client.position >= frame.seq || client.hand(frame.clone()),
        );
    }

    /// Hands a note to all but those who wait for a later place: they have nothing confirmed yet.
    pub(super) fn hand_note(&mut self, frame: &Frame) {
        self.hand_where(
            |_| true,
            |client| client.position > frame.seq || client.hand(frame.clone()),
        );
    }

    /// Hands a note to all, and takes them to its place, be it earlier than their own.
    pub(super) fn reset(&mut self, frame: &Frame) {
        self.hand_where(
            |_| true,
            |client| {
                client.position = frame.seq;
                client.hand(frame.clone())
            },
        );
    }

    /// Hands something to every client of the groups that are meant, and cuts off those who are
    /// too slow for it.
    fn hand_where(
        &mut self,
        mut meant: impl FnMut(&ActivityFilter) -> bool,
        mut hand: impl FnMut(&mut Client) -> bool,
    ) {
        let mut slow = Vec::new();
        for group in self.groups.values_mut() {
            if !meant(&group.filter) {
                continue;
            }
            for (id, client) in &mut group.clients {
                if !hand(client) {
                    slow.push(*id);
                }
            }
        }
        for id in slow {
            self.cut_off(id);
        }
    }

    fn cut_off(&mut self, id: u64) {
        if let Some(client) = self.leave(id) {
            client.outlet.cut.cancel();
        }
    }

    /// How many there are, and how many of them have much to take.
    pub(super) fn crowd(&mut self) -> (usize, usize) {
        let (mut all, mut crowded) = (0, 0);
        for group in self.groups.values_mut() {
            for client in group.clients.values_mut() {
                all += 1;
                crowded += usize::from(client.is_crowded());
            }
        }
        (all, crowded)
    }
}

/// Counts a client that was cut off because it does not read. Whoever ends its connection counts,
/// and nobody else: the feed and the line may find it too slow at the same time.
pub(in crate::areas::activities) fn count_cut_off() {
    metrics::counter!("starboard_clients_cut_off_total").increment(1);
}
