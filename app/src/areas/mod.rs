//! The areas of the hub.

pub mod activities;
pub mod archives;
pub mod observatories;
