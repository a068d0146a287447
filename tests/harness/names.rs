//! Names that resolve to what a test says, one look-up after the other.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use app::webhook::{Lookup, Names, SystemNames};

/// Every name resolves to the next of these answers, and to the last one for ever.
pub(crate) struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Told {
    /// No name is known.
    pub(crate) fn nothing() -> Arc<Told> {
        Told::answers(&[])
    }

    /// These answers, one a look-up.
    pub(crate) fn answers(answers: &[&[&str]]) -> Arc<Told> {
        let read = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Told(Mutex::new(answers.iter().map(read).collect())))
    }
}

impl Names for Told {
    fn addresses(&self, _: &str) -> Lookup {
        let mut answers = self.0.lock().unwrap();
        let answer = match answers.len() {
            0 => Err(io::Error::other("no such name")),
            1 => Ok(answers[0].clone()),
            _ => Ok(answers.pop_front().unwrap()),
        };
        Box::pin(std::future::ready(answer))
    }
}

#[tokio::test]
async fn this_machine_knows_itself() {
    let found = SystemNames.addresses("localhost").await.unwrap();

    assert!(!found.is_empty());
    assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
}
