//! Where the jobs of one name sit while apalis runs them.

use std::sync::Arc;

use apalis::prelude::{Attempt, BoxDynError, Data, TaskId};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::store::Taken;

/// The jobs of one name in one worker, without their types.
pub(crate) trait Seat: Send + Sync {
    fn name(&self) -> &'static str;
    /// How many run at a time.
    fn concurrency(&self) -> usize;
    /// Runs the job and writes down how it ended. Never fails: to apalis every job succeeds.
    fn run(self: Arc<Self>, taken: Taken, worker: Arc<str>) -> BoxFuture<'static, ()>;
}

/// A seat and the worker it is taken in, as apalis hands it to the handler.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) seat: Arc<dyn Seat>,
    pub(crate) worker: Arc<str>,
}

/// The one apalis handler.
pub(crate) async fn handle(
    payload: Value,
    id: TaskId,
    attempt: Attempt,
    place: Data<Place>,
) -> Result<(), BoxDynError> {
    let Place { seat, worker } = Data::clone(&place).0;
    let taken = Taken {
        id: id.to_string(),
        name: seat.name().to_owned(),
        payload,
        // apalis has already counted the attempt that begins here.
        attempts: u32::try_from(attempt.current().saturating_sub(1)).unwrap_or(u32::MAX),
    };
    seat.run(taken, worker).await;
    Ok(())
}

/// Builds an apalis worker on a storage and runs it until cancelled.
///
/// A macro because the bounds of a generic function are longer than its body. One job is fetched
/// at a time: while a worker holds fetched jobs it cannot start, apalis sends no heartbeats, and
/// its running jobs would be given to another. Stopping drops the worker instead of waiting for
/// it: a stopped worker no longer polls the fetch it has begun, which keeps its connection, and
/// on SQLite the write lock, from the jobs that are about to write down how they ended.
macro_rules! work {
    ($storage:expr, $worker:expr, $seat:expr, $bell:expr, $cancel:expr) => {{
        use apalis::layers::WorkerBuilderExt as _;
        use apalis::prelude::{BackendExt as _, WorkerBuilder, WorkerContext};

        let context = WorkerContext::new($worker);
        let concurrency = $seat.concurrency().max(1);
        let place = crate::seat::Place {
            seat: $seat,
            worker: $worker.into(),
        };
        let worker = WorkerBuilder::new(&context)
            .backend($storage.poll_with_strategy($bell))
            .concurrency(concurrency)
            .data(place)
            .build(crate::seat::handle);
        tokio::select! {
            biased;
            () = $cancel.cancelled() => {
                let _ = context.stop();
                Ok(())
            }
            ended = worker.run() => ended.map_err(|error| anyhow::anyhow!("{error}")),
        }
    }};
}
pub(crate) use work;
