//! Who a writer hands frames to. Clients whose filters mean the same share its evaluation, and an
//! index finds the filters an event passes without asking the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::filter::ActivityFilter;
use domain::matching::Index;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::sockets::{Seat, Sockets};
use super::{Frame, Judged, Outlet, QUEUE};

/// Frames waiting for a client that count as a crowd.
const CROWD: usize = QUEUE / 4;
/// The key of filters that let everything through.
const EVERYTHING: &str = "";
/// Longest the feed goes easy on a client with much to take.
pub(super) const EASY: Duration = Duration::from_secs(3);

/// One that has joined.
pub(super) struct Client {
    id: u64,
    /// Up to where it was handed everything that passes.
    pub(super) position: i64,
    way: Way,
}

/// Where its frames go.
enum Way {
    /// Into a queue that somebody reads.
    Queue {
        queue: mpsc::Sender<Arc<Frame>>,
        cut: CancellationToken,
    },
    /// To a socket of this writer.
    Socket(Seat),
}

impl Client {
    /// One that has everything up to a position; none when its socket is gone.
    pub(super) fn new(id: u64, position: i64, outlet: Outlet, sockets: &Sockets) -> Option<Client> {
        let way = match outlet {
            Outlet::Queue { queue, cut } => Way::Queue { queue, cut },
            Outlet::Socket => Way::Socket(sockets.seat(id)?),
        };
        Some(Client { id, position, way })
    }

    /// Queues a frame and answers how many wait now; none when there is no room, or nobody, for it.
    pub(super) fn hand(&mut self, frame: &Arc<Frame>, sockets: &mut Sockets) -> Option<usize> {
        self.position = self.position.max(frame.seq);
        match &self.way {
            Way::Queue { queue, .. } => {
                queue.try_send(Arc::clone(frame)).ok()?;
                Some(QUEUE - queue.capacity())
            }
            Way::Socket(seat) => sockets.hand(*seat, Arc::clone(frame)),
        }
    }

    fn waiting(&self, sockets: &Sockets) -> usize {
        match &self.way {
            Way::Queue { queue, .. } => QUEUE - queue.capacity(),
            Way::Socket(seat) => sockets.waiting(*seat),
        }
    }

    /// Ends it for being too slow.
    pub(super) fn cut(&self, sockets: &mut Sockets) {
        match &self.way {
            Way::Queue { cut, .. } => cut.cancel(),
            Way::Socket(_) => sockets.cut(self.id),
        }
    }
}

/// Clients whose filters mean the same, side by side: each event goes through all of them.
struct Group {
    filter: Arc<ActivityFilter>,
    clients: Vec<Client>,
}

/// Where a client is.
#[derive(Clone, Copy)]
struct Home {
    /// The slot of its group.
    slot: u32,
    /// Its place among those of the group.
    nth: usize,
}

/// All of a writer that have joined, by what they ask for.
pub(super) struct Clients {
    /// By the slot of their filter in the index.
    groups: Vec<Option<Group>>,
    /// The slot of each filter, by its canonical text.
    slots: HashMap<String, u32>,
    free: Vec<u32>,
    index: Index,
    homes: HashMap<u64, Home>,
    /// Those with much to take, and since when.
    crowded: HashMap<u64, Instant>,
    /// How many there are with all writers, for those outside.
    count: Arc<AtomicI64>,
}

impl Clients {
    pub(super) fn new(count: Arc<AtomicI64>) -> Clients {
        Clients {
            groups: Vec::new(),
            slots: HashMap::new(),
            free: Vec::new(),
            index: Index::default(),
            homes: HashMap::new(),
            crowded: HashMap::new(),
            count,
        }
    }

    pub(super) fn settle(&mut self, filter: Arc<ActivityFilter>, client: Client) {
        self.leave(client.id); // nobody is here twice
        let slot = self.slot(filter);
        if let Some(Some(group)) = self.groups.get_mut(slot as usize) {
            let nth = group.clients.len();
            self.homes.insert(client.id, Home { slot, nth });
            group.clients.push(client);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The slot of a filter, a new one if nobody asks for the same yet.
    fn slot(&mut self, filter: Arc<ActivityFilter>) -> u32 {
        let key = key(&filter);
        if let Some(slot) = self.slots.get(key) {
            return *slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.groups.push(None);
            u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
        });
        self.slots.insert(key.to_owned(), slot);
        if !filter.is_empty() {
            self.index.insert(slot, &filter);
        }
        self.groups[slot as usize] = Some(Group {
            filter,
            clients: Vec::new(),
        });
        slot
    }

    pub(super) fn leave(&mut self, id: u64) -> Option<Client> {
        let Home { slot, nth } = self.homes.remove(&id)?;
        self.crowded.remove(&id);
        let place = self.groups.get_mut(slot as usize)?;
        let group = place.as_mut()?;
        let client = group.clients.swap_remove(nth);
        if let Some(moved) = group.clients.get(nth) {
            self.homes.insert(moved.id, Home { slot, nth });
        }
        if group.clients.is_empty() {
            self.slots.remove(key(&group.filter));
            self.index.remove(slot);
            *place = None;
            self.free.push(slot);
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        Some(client)
    }

    /// Hands an event to those whose filter it passes and who have not seen it.
    pub(super) fn hand_event(
        &mut self,
        frame: &Arc<Frame>,
        now: DateTime<Utc>,
        sockets: &mut Sockets,
    ) {
        let asks_nothing = self.slots.get(EVERYTHING).copied();
        let mut slots = Vec::new();
        if self.slots.len() > usize::from(asks_nothing.is_some()) {
            let mut judged = Judged::new(frame.text.as_str());
            if let Some((envelope, keys)) = judged.read() {
                let (activity, at) = (&envelope.activity, envelope.at);
                self.index.matching_at(activity, keys, at, now, &mut slots);
                // The index knows nothing of events.
                slots.retain(|slot| match self.groups.get(*slot as usize) {
                    Some(Some(Group { filter, .. })) => {
                        filter.event.is_empty() || filter.event.contains(&envelope.event)
                    }
                    _ => false,
                });
                // Roughly the order of their sockets, in which they are written to.
                slots.sort_unstable();
            }
        }
        slots.extend(asks_nothing);
        self.hand_where(&slots, sockets, |client, sockets| {
            match client.position >= frame.seq {
                true => Some(0),
                false => client.hand(frame, sockets),
            }
        });
    }

    /// Hands a note to all but those who wait for a later place: they have nothing confirmed yet.
    pub(super) fn hand_note(&mut self, frame: &Arc<Frame>, sockets: &mut Sockets) {
        let slots: Vec<u32> = self.slots.values().copied().collect();
        self.hand_where(&slots, sockets, |client, sockets| {
            match client.position > frame.seq {
                true => Some(0),
                false => client.hand(frame, sockets),
            }
        });
    }

    /// Hands a note to all, and takes them to its place, be it earlier than their own.
    pub(super) fn reset(&mut self, frame: &Arc<Frame>, sockets: &mut Sockets) {
        let slots: Vec<u32> = self.slots.values().copied().collect();
        self.hand_where(&slots, sockets, |client, sockets| {
            client.position = frame.seq;
            client.hand(frame, sockets)
        });
    }

    /// Hands something to every client of these slots, and cuts off those who are too slow for it.
    fn hand_where(
        &mut self,
        slots: &[u32],
        sockets: &mut Sockets,
        mut hand: impl FnMut(&mut Client, &mut Sockets) -> Option<usize>,
    ) {
        let mut slow = Vec::new();
        for slot in slots {
            let Some(Some(group)) = self.groups.get_mut(*slot as usize) else {
                continue;
            };
            for client in &mut group.clients {
                match hand(client, sockets) {
                    None => slow.push(client.id),
                    Some(waiting) if waiting > CROWD => {
                        self.crowded.entry(client.id).or_insert_with(Instant::now);
                    }
                    Some(_) => {}
                }
            }
        }
        for id in slow {
            self.cut_off(id, sockets);
        }
    }

    pub(super) fn cut_off(&mut self, id: u64, sockets: &mut Sockets) {
        if let Some(client) = self.leave(id) {
            client.cut(sockets);
        }
    }

    /// How many there are, and how many of them have much to take, but not for so long that they
    /// must be slow.
    pub(super) fn crowd(&mut self, sockets: &Sockets) -> (usize, usize) {
        let (groups, homes) = (&self.groups, &self.homes);
        let client = |id: &u64| {
            let Home { slot, nth } = homes.get(id)?;
            groups.get(*slot as usize)?.as_ref()?.clients.get(*nth)
        };
        self.crowded
            .retain(|id, _| client(id).is_some_and(|client| client.waiting(sockets) > CROWD));
        let crowded = self.crowded.values();
        let crowded = crowded.filter(|since| since.elapsed() < EASY).count();
        (self.homes.len(), crowded)
    }
}

/// Equal for filters that mean the same.
fn key(filter: &ActivityFilter) -> &str {
    match filter.is_empty() {
        true => EVERYTHING,
        false => filter.canonical(),
    }
}

/// Counts a client that was cut off because it does not read. Whoever ends its connection counts,
/// and nobody else: the feed and the line may find it too slow at the same time.
pub(in crate::areas::activities) fn count_cut_off() {
    metrics::counter!("starboard_clients_cut_off_total").increment(1);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::filter::{Context, NoAliases};
    use serde_json::json;

    use super::*;

    /// One whose frames go into a queue that nobody reads.
    fn client(id: u64) -> Client {
        let (queue, _) = mpsc::channel(1);
        let cut = CancellationToken::new();
        let outlet = Outlet::Queue { queue, cut };
        Client::new(id, 0, outlet, &Sockets::default()).unwrap()
    }

    #[test]
    fn however_they_come_and_go_everybody_is_found_where_they_are() {
        let asks = [
            json!({}),
            json!({"target": ["M 31"]}),
            json!({"text": "comet"}),
        ];
        let filters = asks.map(|ask| {
            Arc::new(ActivityFilter::from_json(&ask, Context::Live, &NoAliases).unwrap())
        });
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut clients = Clients::new(Arc::default());
        let mut there = BTreeSet::new();
        for _ in 0..5_000 {
            let id = random(200);
            if random(2) == 0 {
                let filter = &filters[random(3) as usize];
                clients.settle(Arc::clone(filter), client(id));
                there.insert(id);
            } else {
                let left = clients.leave(id).map(|client| client.id);
                assert_eq!(left, there.take(&id));
            }
            let found = clients.homes.iter().map(|(id, home)| {
                let group = clients.groups[home.slot as usize].as_ref().unwrap();
                assert_eq!(group.clients[home.nth].id, *id);
                *id
            });
            assert!(found.collect::<BTreeSet<_>>() == there);
            let groups = clients.groups.iter().flatten();
            assert!(groups.clone().all(|group| !group.clients.is_empty()));
            let all: usize = groups.map(|group| group.clients.len()).sum();
            assert_eq!(all, there.len());
        }
        let count = clients.count.load(Ordering::Relaxed);
        assert_eq!(usize::try_from(count), Ok(there.len()));
    }
}
