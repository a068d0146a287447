//! Starboard: a live board of what the world's telescopes are doing.

pub mod areas;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod hub;
pub mod lease;
pub mod realtime;
