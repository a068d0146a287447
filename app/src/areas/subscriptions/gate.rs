//! Who may look back at once: two of each network, and few altogether, so that previews never hold
//! all connections of the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Previews of one network at once.
const OF_ONE: usize = 2;
/// Previews at once, whoever asks.
const OF_ALL: usize = 3;

/// The gate of one process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gate {
    inside: Arc<Mutex<HashMap<IpNet, usize>>>,
    room: Arc<Semaphore>,
}

/// Being inside. Leaves when dropped.
pub(super) struct Pass {
    gate: Gate,
    network: IpNet,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate {
            inside: Arc::default(),
            room: Arc::new(Semaphore::new(OF_ALL)),
        }
    }
}

impl Gate {
    /// Lets somebody of a network in; none when two are inside already.
    pub(super) fn enter(&self, network: IpNet) -> Option<Pass> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let here = inside.entry(network).or_default();
        if *here >= OF_ONE {
            return None;
        }
        *here += 1;
        Some(Pass {
            gate: self.clone(),
            network,
        })
    }

    /// A place among all, as soon as there is one.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let inside = &self.gate.inside;
        let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = inside.get_mut(&self.network) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_a_network_are_let_in_and_the_next_when_one_has_left() {
        let (gate, network) = (Gate::default(), "192.0.2.1/32".parse().unwrap());
        let first = gate.enter(network);
        let second = gate.enter(network);
        assert!(first.is_some() && second.is_some());
        assert!(gate.enter(network).is_none());
        assert!(gate.enter("192.0.2.2/32".parse().unwrap()).is_some());
        drop(first);
        assert!(gate.enter(network).is_some());
        drop(second);
        assert!(gate.inside.lock().unwrap().is_empty());
    }
}
