//! Activities: what is learnt becomes rows and events, and is found again.

mod agreement;
mod clock;
mod counts;
mod cursors;
mod learning;
mod lists;
mod log;
mod pages;
mod past;
mod problems;
mod visible;
