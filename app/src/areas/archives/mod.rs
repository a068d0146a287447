//! The sources activities come from: where each stands, and what could not be read of it.

mod model;
mod routes;

pub use self::model::{
    Health, LastCounts, Source, UnreadableOut, all, by_hand, by_name, failed, runs_next, succeeded,
    unreadable,
};
pub use self::routes::{credit, router};
