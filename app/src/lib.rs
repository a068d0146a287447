//! Starboard: a live board of what the world's telescopes are doing.

pub mod accept;
pub mod areas;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod hub;
pub mod lease;
pub mod limits;
pub mod mail;
pub mod openapi;
pub mod page;
pub mod plain;
pub mod realtime;
pub mod schema;
pub mod secrets;
pub mod server;
pub mod service;
pub mod start;
pub mod telemetry;
pub mod webhook;
pub mod words;
