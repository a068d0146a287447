//! The sources activities come from: where each stands, and what could not be read of it.

mod model;

pub use self::model::{LastCounts, Source, Health, UnreadableOut, all, by_name, failed, runs_next, succeeded, unreadable};
