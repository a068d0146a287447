//! The process that runs jobs: which, how many at a time, and which recur.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use uuid::Uuid;

use crate::job::Job;
use crate::kind::Kind;
use crate::queue::{Queue, due_in};
use crate::schedule::Schedule;
use crate::seat::Seat;
use crate::store::{Ended, Taken};
use crate::ticker::{Recurring, tick};

/// How long running jobs may go on after the stop.
const GRACE: Duration = Duration::from_secs(10);
const LONGEST_GRACE: Duration = Duration::from_secs(20);
/// Pause before a worker that lost its database starts anew.
const RESTART: Duration = Duration::from_secs(2);

/// Runs the jobs of a queue.
///
/// ```text
/// Workers::new(queue, hub)
///     .register::<HarvestUpstream>(4)
///     .every(Schedule::every(QUARTER).phased("eso"), || HarvestUpstream::of("eso"))
///     .run(cancel)
///     .await?;
/// ```
pub struct Workers<H> {
    pub(crate) queue: Queue,
    pub(crate) hub: H,
    pub(crate) kinds: Vec<Arc<Kind<H>>>,
    recurring: Vec<Recurring>,
    grace: Duration,
}

impl<H: Clone + Send + Sync + 'static> Workers<H> {
    /// Workers that know no job yet.
    pub fn new(queue: Queue, hub: H) -> Self {
        Self {
            queue,
            hub,
            kinds: Vec::new(),
            recurring: Vec::new(),
            grace: GRACE,
        }
    }

    /// Runs jobs of this type, at most so many at a time in this process.
    #[must_use]
    pub fn register<J: Job<Hub = H>>(mut self, concurrency: usize) -> Self {
        self.kinds.push(Arc::new(Kind::of::<J>(concurrency)));
        self
    }

    /// Queues a job at every tick, one among all processes. A tick is skipped while an equal job
    /// still waits or runs, so a source that is down does not pile up work.
    #[must_use]
    pub fn every<J: Job<Hub = H>>(
        mut self,
        schedule: Schedule,
        make: impl Fn() -> J + Send + Sync + 'static,
    ) -> Self {
        self.recurring.push(Recurring::new(schedule, make));
        self
    }

    /// How long running jobs may go on after the stop, instead of 10 s. At most 20 s: without a
    /// heartbeat for longer, another process would take them for orphans.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace.min(LONGEST_GRACE);
        self
    }

    /// Runs jobs until cancelled. Then nothing more is fetched, running jobs get the grace
    /// period, and those that outlast it are dropped at their next `await` and given back to the
    /// queue without counting an attempt.
    ///
    /// A database that is away is waited for; an error is a mistake in the registration.
    pub async fn run(self, cancel: CancellationToken) -> Result<()> {
        self.check()?;
        let Self {
            queue,
            hub,
            kinds,
            recurring,
            grace,
        } = self;
        let crew = Arc::new(Crew::new(queue.clone(), hub, cancel.clone()));
        // Who drops this future means the running jobs too.
        let _kill = crew.kill.clone().drop_guard();
        match queue.store.recover(process()).await {
            Ok(0) => {}
            Ok(jobs) => warn!(jobs, "Recovered {jobs} jobs of a process that died"),
            Err(error) => warn!("Cannot look for jobs of a process that died: {error:#}"),
        }

        let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let mut desks = JoinSet::new();
        for kind in &kinds {
            desks.spawn(crew.clone().staff(kind.clone()));
        }
        info!(jobs = ?names, "Running jobs");
        tokio::select! {
            () = cancel.cancelled() => {}
            () = queue.store.watch(&names, &queue.bells) => {}
            () = tick(&queue, recurring) => {}
        }

        while desks.join_next().await.is_some() {}
        crew.close(grace).await;
        let hired = crew.hired();
        if let Err(error) = queue.store.dismiss(&hired).await {
            warn!("Jobs of this process come back once its heartbeat is missed: {error:#}");
        }
        Ok(())
    }

    /// Refuses two jobs of one name, and a recurring job that nobody would run.
    pub(crate) fn check(&self) -> Result<()> {
        let mut names = HashSet::new();
        for kind in &self.kinds {
            ensure!(
                names.insert(kind.name),
                "the job {} is registered twice",
                kind.name
            );
        }
        for recurring in &self.recurring {
            let name = recurring.name;
            ensure!(
                names.contains(name),
                "the job {name} recurs but is not registered"
            );
        }
        Ok(())
    }
}

/// What the workers of one `run` share.
struct Crew<H> {
    queue: Queue,
    hub: H,
    /// No more fetching.
    cancel: CancellationToken,
    /// No more running.
    kill: CancellationToken,
    jobs: TaskTracker,
    hired: Mutex<Vec<String>>,
}

impl<H: Clone + Send + Sync + 'static> Crew<H> {
    fn new(queue: Queue, hub: H, cancel: CancellationToken) -> Self {
        let kill = CancellationToken::new();
        Self {
            queue,
            hub,
            cancel,
            kill,
            jobs: TaskTracker::new(),
            hired: Mutex::default(),
        }
    }

    /// Keeps one worker at work on the jobs of one name. apalis ends a worker on any database
    /// error; it gets a new name then, for apalis refuses one that was seen a moment ago.
    async fn staff(self: Arc<Self>, kind: Arc<Kind<H>>) {
        let name = kind.name;
        let seat: Arc<dyn Seat> = Arc::new(Desk {
            kind,
            crew: self.clone(),
        });
        while !self.cancel.is_cancelled() {
            let worker = self.hire(name);
            let bell = self.queue.bells.hang(name);
            let work = self
                .queue
                .store
                .work(&worker, seat.clone(), bell, self.cancel.clone());
            let ended = work.await;
            if self.cancel.is_cancelled() {
                return;
            }
            warn!("The worker for {name} ended, starting another in {RESTART:?}: {ended:?}");
            tokio::select! {
                () = self.cancel.cancelled() => {}
                () = sleep(RESTART) => {}
            }
        }
    }

    fn hire(&self, name: &str) -> String {
        let worker = worker_name(name);
        self.hired
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker.clone());
        worker
    }

    fn hired(&self) -> Vec<String> {
        self.hired
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits for the running jobs, then drops them. One that never awaits cannot be dropped and
    /// is left behind.
    async fn close(&self, grace: Duration) {
        self.jobs.close();
        if timeout(grace, self.jobs.wait()).await.is_err() {
            let jobs = self.jobs.len();
            warn!(
                jobs,
                "Giving {jobs} jobs back that still run {grace:?} after the stop"
            );
        }
        self.kill.cancel();
        let _ = timeout(Duration::from_secs(1), self.jobs.wait()).await;
    }

    /// Writes down how a job ended, for as long as it takes: a row that stayed locked by a living
    /// worker would never run again.
    async fn settle(&self, taken: &Taken, worker: &str, ended: &Ended) {
        let mut pause = Duration::from_millis(100);
        loop {
            match self.queue.store.settle(&taken.id, worker, ended).await {
                Ok(true) => return,
                Ok(false) => {
                    let Taken { id, name, .. } = taken;
                    return warn!("{name} {id} was given to another worker while it ran");
                }
                Err(error) => warn!("Cannot write down how {} ended: {error:#}", taken.name),
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

struct Desk<H> {
    kind: Arc<Kind<H>>,
    crew: Arc<Crew<H>>,
}

impl<H: Clone + Send + Sync + 'static> Seat for Desk<H> {
    fn name(&self) -> &'static str {
        self.kind.name
    }

    fn concurrency(&self) -> usize {
        self.kind.concurrency
    }

    // On a task of its own: inside the worker's task, every step of every job would make apalis
    // ask the database for more, and a busy job would delay the heartbeat of all.
    fn run(self: Arc<Self>, taken: Taken, worker: Arc<str>) -> BoxFuture<'static, ()> {
        let desk = self.clone();
        let job = async move {
            let crew = &desk.crew;
            let work = async {
                let outcome = desk.kind.run(&taken, crew.hub.clone()).await;
                crew.settle(&taken, &worker, &outcome.ended(taken.attempts, due_in))
                    .await;
            };
            tokio::select! {
                biased;
                () = work => {}
                () = crew.kill.cancelled() => {}
            }
        };
        let job = self.crew.jobs.spawn(job);
        Box::pin(async move {
            let _ = job.await;
        })
    }
}

/// This start of this process, part of the name of all its workers.
pub(crate) fn process() -> &'static str {
    static PROCESS: OnceLock<String> = OnceLock::new();
    PROCESS.get_or_init(|| Uuid::new_v4().simple().to_string())
}

/// A name nobody had before.
pub(crate) fn worker_name(what: &str) -> String {
    format!("{what} {} {}", process(), Uuid::new_v4().simple())
}
