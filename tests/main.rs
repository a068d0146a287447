//! The one integration binary: the hub as a whole, on both databases, and as a process.

mod deploy;
#[allow(dead_code, reason = "a harness may offer more than today's tests use")]
mod harness;
mod samples {
    //! The connectors on recorded answers.

    mod eso;
    mod hst;
    mod jwst;
    mod swift;
}
