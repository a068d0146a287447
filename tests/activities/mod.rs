//! Activities: what is learnt becomes rows and events, and is found again.

mod agreement;
mod clock;
mod learning;
mod lists;
mod log;
mod problems;
