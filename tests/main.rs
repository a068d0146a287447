//! The one integration binary: the hub as a whole, on both databases, and as a process.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is tests: what is not as expected ends one"
)]

mod board;
mod cli;
mod deploy;
#[allow(dead_code, reason = "a harness may offer more than today's tests use")]
mod harness;
mod samples {
    //! The connectors on recorded answers.

    mod eso;
    mod hst;
    mod jwst;
    mod swift;
    mod upstream;
}
