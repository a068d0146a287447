//! How waits are spent.

use std::time::Duration;

/// Spends waits.
#[derive(Clone, Debug)]
pub(crate) enum Sleeper {
    /// In real time.
    Real,
    /// Not at all: nobody is asked.
    Never,
    /// Not at all, but written down.
    #[cfg(test)]
    Noted(std::sync::Arc<std::sync::Mutex<Vec<Duration>>>),
}

impl Sleeper {
    /// Spends `wait`.
    pub(crate) async fn sleep(&self, wait: Duration) {
        match self {
            Sleeper::Real => tokio::time::sleep(wait).await,
            Sleeper::Never => {}
            #[cfg(test)]
            Sleeper::Noted(waits) => waits.lock().unwrap().push(wait),
        }
    }
}
