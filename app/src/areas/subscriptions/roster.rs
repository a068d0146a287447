//! The subscriptions in memory, indexed by what they ask for, and kept up by version.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use chrono::{DateTime, Utc};
use domain::keys::Keys;
use domain::matching::Index;
use domain::{Activity, EventKind};
use uuid::Uuid;

use super::model::{self, OncePer, PARTS, Subscription};
use super::partition::Partitions;
use super::versions;
use crate::areas::accounts;
use crate::hub::Hub;

/// Subscriptions whose owners' sites are looked at in one go.
const SITES_AT_ONCE: usize = 100;

/// What deciding needs of a subscription beside its filter, which the index keeps.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) part: i32,
    /// Bit by bit, the events it is told of.
    events: u16,
    /// Bit by bit, its channels.
    channels: u8,
    pub(super) once_per: OncePer,
    pub(super) active_from_seq: i64,
    /// Its owner, where the time of a channel depends on the owner's time zone.
    pub(super) nightly: Option<(Uuid, u8)>,
}

/// The names of channels in the ledger, in the order of their bits.
const CHANNELS: [&str; 4] = ["mail_now", "mail_hourly", "mail_nightly", "webhook"];

/// The name of a channel, if it is one.
pub(super) fn channel(name: &str) -> Option<&'static str> {
    CHANNELS.into_iter().find(|known| *known == name)
}

impl Entry {
    fn of(subscription: &Subscription) -> Entry {
        let nightly = subscription
            .channels
            .iter()
            .find_map(|channel| match channel {
                model::Channel::MailNightly { hour } => Some((subscription.account, *hour)),
                _ => None,
            });
        let has = |name: &str| subscription.channels.iter().any(|c| c.name() == name);
        let channels = (0..).zip(CHANNELS).filter(|(_, name)| has(name));
        Entry {
            id: subscription.id,
            part: subscription.part,
            events: subscription
                .events
                .iter()
                .fold(0, |bits, event| bits | bit(*event)),
            channels: channels.fold(0, |bits, (number, _)| bits | 1 << number),
            once_per: subscription.once_per,
            active_from_seq: subscription.active_from_seq,
            nightly,
        }
    }

    /// Whether it is told of such events.
    pub(super) fn wants(&self, event: EventKind) -> bool {
        self.events & bit(event) != 0
    }

    /// Its channels, by their names in the ledger.
    pub(super) fn channels(&self) -> impl Iterator<Item = &'static str> + '_ {
        let named = (0..).zip(CHANNELS);
        named
            .filter(|(number, _)| self.channels & (1_u8 << number) != 0)
            .map(|(_, name)| name)
    }
}

fn bit(event: EventKind) -> u16 {
    let place = EventKind::ALL.iter().position(|known| *known == event);
    place.map_or(0, |place| 1 << place)
}

/// A subscription whose filter names sites of its owner.
struct Sited {
    part: i32,
    account: Uuid,
    /// As they were put in.
    sites: Vec<accounts::Site>,
}

/// The subscriptions in memory: those of the parts that this process has, and of no others, so that
/// memory and matching are divided like the parts.
#[derive(Default)]
pub(super) struct Roster {
    /// Whose subscriptions are in it.
    parts: BTreeSet<i32>,
    /// All changes up to this version are in it.
    version: i64,
    index: Index,
    /// By slot of the index.
    entries: Vec<Option<Entry>>,
    slots: HashMap<Uuid, u32>,
    free: Vec<u32>,
    /// Subscriptions whose filters name sites of their owners.
    sited: BTreeMap<Uuid, Sited>,
    /// Where the next look at those sites begins.
    looked: Uuid,
}

impl Roster {
    /// Holds the subscriptions of these parts: reads those of new ones, forgets those of others.
    ///
    /// # Errors
    /// [`Lost`](crate::lease::Lost) when they are somebody else's by now. Those of the database. Then
    /// no new part is in it.
    pub(super) async fn hold(&mut self, hub: &Hub, partitions: &Partitions) -> anyhow::Result<()> {
        let parts = partitions.held();
        if self.parts == parts {
            return Ok(());
        }
        self.parts.retain(|part| parts.contains(part));
        if self.parts.is_empty() {
            // Before the rows: what changes while they are read comes with the next refreshing.
            *self = Roster {
                version: versions::newest_version(hub.db.own()).await?,
                ..Roster::default()
            };
        }
        let sited = self.sited.iter().map(|(id, sited)| (*id, sited.part));
        let listed = self.entries.iter().flatten();
        let known = listed.map(|entry| (entry.id, entry.part)).chain(sited);
        let gone: Vec<Uuid> = known
            .filter(|(_, part)| !parts.contains(part))
            .map(|(id, _)| id)
            .collect();
        for id in gone {
            self.remove(id);
        }
        let new: BTreeSet<i32> = parts.difference(&self.parts).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut behind = Uuid::nil();
        loop {
            let names = hub.catalogue.as_ref();
            let page = versions::of_parts(hub.db.own(), names, &new, behind).await?;
            let Some(last) = page.last() else { break };
            behind = last.id;
            for subscription in &page {
                self.put(hub, subscription).await?;
            }
            // Millions take longer than a lease lasts.
            partitions.renew(&hub.db).await?;
        }
        self.parts = parts;
        Ok(())
    }

    /// Reads what has changed.
    ///
    /// # Errors
    /// Those of the database; what was read until then is in it.
    pub(super) async fn refresh(&mut self, hub: &Hub) -> anyhow::Result<()> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let all = self.parts.len() == usize::try_from(PARTS)?;
        let parts = (!all).then(|| self.parts.clone());
        loop {
            let names = hub.catalogue.as_ref();
            let db = hub.db.own();
            let changes = versions::changed_since(db, names, self.version, parts.as_ref()).await?;
            for id in &changes.gone {
                self.remove(*id);
            }
            for subscription in &changes.changed {
                self.put(hub, subscription).await?;
            }
            self.version = changes.upto;
            if !changes.more {
                return Ok(());
            }
        }
    }

    async fn put(&mut self, hub: &Hub, subscription: &Subscription) -> anyhow::Result<()> {
        // Paused, or with a filter nobody can read any more: it matches nothing.
        if !subscription.active || subscription.fault.is_some() {
            self.remove(subscription.id);
            return Ok(());
        }
        if subscription.filter.own_sites().next().is_some() {
            let account = subscription.account;
            let sites = accounts::sites(hub.db.own(), account).await?;
            let sited = Sited {
                part: subscription.part,
                account,
                sites,
            };
            self.sited.insert(subscription.id, sited);
        } else {
            self.sited.remove(&subscription.id);
        }
        let Some(filter) = super::sites::resolved(hub, subscription).await? else {
            self.unlist(subscription.id);
            return Ok(());
        };
        let slot = match self.slots.get(&subscription.id) {
            Some(slot) => *slot,
            None => self.new_slot()?,
        };
        self.index.insert(slot, &filter);
        self.slots.insert(subscription.id, slot);
        if let Some(place) = self.entries.get_mut(slot as usize) {
            *place = Some(Entry::of(subscription));
        }
        Ok(())
    }

    fn new_slot(&mut self) -> anyhow::Result<u32> {
        if let Some(slot) = self.free.pop() {
            return Ok(slot);
        }
        self.entries.push(None);
        Ok(u32::try_from(self.entries.len() - 1)?)
    }

    /// Looks whether sites have moved that filters name, a few at a time: where somebody observes
    /// from is no part of a subscription, and has no version.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn look_at_sites(&mut self, hub: &Hub) -> anyhow::Result<()> {
        let behind = (Bound::Excluded(self.looked), Bound::Unbounded);
        let next = self.sited.range(behind).take(SITES_AT_ONCE);
        let next: Vec<Uuid> = next.map(|(id, _)| *id).collect();
        self.looked = match next.last() {
            Some(last) if next.len() == SITES_AT_ONCE => *last,
            _ => Uuid::nil(),
        };
        for id in next {
            let Some(sited) = self.sited.get(&id) else {
                continue;
            };
            if accounts::sites(hub.db.own(), sited.account).await? == sited.sites {
                continue;
            }
            let names = hub.catalogue.as_ref();
            if let Some(subscription) = model::by_id(hub.db.own(), names, id).await? {
                self.put(hub, &subscription).await?;
            }
        }
        Ok(())
    }

    fn remove(&mut self, id: Uuid) {
        self.sited.remove(&id);
        self.unlist(id);
    }

    fn unlist(&mut self, id: Uuid) {
        let Some(slot) = self.slots.remove(&id) else {
            return;
        };
        self.index.remove(slot);
        if let Some(place) = self.entries.get_mut(slot as usize) {
            *place = None;
        }
        self.free.push(slot);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// One of them.
    pub(super) fn entry(&self, id: Uuid) -> Option<&Entry> {
        let slot = self.slots.get(&id)?;
        self.entries.get(*slot as usize)?.as_ref()
    }

    /// Those whose filter a snapshot passes.
    pub(super) fn matching(&self, activity: &Activity, now: DateTime<Utc>) -> Vec<&Entry> {
        if self.slots.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.index
            .matching(activity, &Keys::of(activity), now, &mut found);
        let entries = found
            .iter()
            .filter_map(|slot| self.entries.get(*slot as usize));
        entries.flatten().collect()
    }
}
