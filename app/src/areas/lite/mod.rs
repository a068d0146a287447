//! The plain pages `/lite`: what is in progress, what was last known, what is next, made here. They
//! need no script, and stand in for the web app where that was not built.

mod activity;
mod facility;
mod page;
mod present;
mod routes;
mod sources;

pub use self::routes::{Board, missing, router, unbuilt, wants_html};
