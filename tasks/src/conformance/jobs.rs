//! Jobs that do one thing each, and the hub they write to.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::{GiveUp, Job, Later, Queue};

/// The hub of these tests: what was said, and a gate that jobs wait at.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) queue: Queue,
    words: Arc<watch::Sender<Vec<String>>>,
    pub(crate) gate: Arc<Semaphore>,
    inside: Arc<Mutex<(usize, usize)>>,
}

impl Log {
    pub(crate) fn over(queue: &Queue) -> Self {
        Self {
            queue: queue.clone(),
            words: Arc::new(watch::Sender::new(Vec::new())),
            gate: Arc::new(Semaphore::new(0)),
            inside: Arc::default(),
        }
    }

    pub(crate) fn words(&self) -> Vec<String> {
        self.words.borrow().clone()
    }

    fn say(&self, word: String) {
        self.words.send_modify(|words| words.push(word));
    }

    /// Waits until so many words were said. The limit only ends a test that has failed.
    pub(crate) async fn until(&self, words: usize) {
        let mut said = self.words.subscribe();
        let enough = said.wait_for(|said| said.len() >= words);
        assert!(
            timeout(Duration::from_secs(30), enough).await.is_ok(),
            "said {:?}",
            self.words()
        );
    }

    /// The most jobs that were ever at the gate at a time.
    pub(crate) fn most_at_the_gate(&self) -> usize {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn step(&self, by: isize) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.0 = inside.0.saturating_add_signed(by);
        inside.1 = inside.1.max(inside.0);
    }
}

macro_rules! job {
    ($type:ident { $($field:ident: $of:ty),* }, $name:literal, $attempts:literal, |$job:ident, $log:ident| $run:expr) => {
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub(crate) struct $type { $(pub(crate) $field: $of),* }

        impl Job for $type {
            const NAME: &'static str = $name;
            type Hub = Log;
            const MAX_ATTEMPTS: u32 = $attempts;
            const TIMEOUT: Duration = Duration::from_secs(30);

            fn backoff(_attempt: u32) -> Duration {
                Duration::from_secs(60)
            }

            async fn run(self, $log: &Log) -> Result<()> {
                let $job = self;
                $run
            }
        }
    };
}

job!(Say { word: String }, "test.say", 5, |job, log| {
    log.say(job.word);
    Ok(())
});

impl Say {
    pub(crate) fn word(word: &str) -> Self {
        Self {
            word: word.to_owned(),
        }
    }
}

job!(OtherFields { words: u32 }, "test.say", 5, |_job, _log| Ok(
    ()
));

job!(Queues { word: String }, "test.queues", 5, |job, log| {
    log.queue.push(Say { word: job.word }).await
});

job!(Fails { id: u32 }, "test.fails", 3, |job, _log| {
    Err(anyhow!("no answer to {}", job.id)).context("asking the upstream")
});

job!(Panics {}, "test.panics", 2, |_job, _log| panic!(
    "out of {}",
    "fuel"
));

job!(PutsOff { seconds: u64 }, "test.puts_off", 1, |job, _log| {
    Err(Later(Duration::from_secs(job.seconds))).context("the upstream is busy")
});

job!(GivesUp {}, "test.gives_up", 5, |_job, _log| {
    Err(GiveUp("it is gone".to_owned())).context("looking for the connector")
});

/// Says `in`, waits at the gate, says `out`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Holds {
    pub(crate) id: u32,
}

impl Job for Holds {
    const NAME: &'static str = "test.holds";
    type Hub = Log;

    async fn run(self, log: &Log) -> Result<()> {
        log.step(1);
        log.say("in".to_owned());
        log.gate.acquire().await?.forget();
        log.step(-1);
        log.say("out".to_owned());
        Ok(())
    }
}

/// Never ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hangs {}

impl Job for Hangs {
    const NAME: &'static str = "test.hangs";
    type Hub = Log;
    const MAX_ATTEMPTS: u32 = 1;
    const TIMEOUT: Duration = Duration::from_millis(20);

    async fn run(self, _log: &Log) -> Result<()> {
        pending().await
    }
}
