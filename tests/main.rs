//! The one integration binary: the hub as a whole, on both databases, and as a process.

// A hub within a test within a future nests deeper than the compiler's default expects.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    reason = "all of this is tests: what is not as expected ends one"
)]

mod accounts;
mod activities;
mod cli;
mod damage;
mod deploy;
mod fetch;
mod harness;
mod lite;
mod live;
mod machines;
mod mail;
mod samples {
    //! The connectors on recorded answers.

    pub(crate) mod eso;
    mod hst;
    mod jwst;
    pub(crate) mod swift;
    mod upstream;
}
mod subscriptions;
mod web;
mod webhooks;
