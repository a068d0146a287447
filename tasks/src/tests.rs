//! The conformance tests on SQLite, and what only SQLite or only this process can show.

use crate::Queue;

crate::conformance_tests!(async { Queue::in_memory().await.unwrap() });
