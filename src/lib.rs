//! mfa-ledger: an event-sourced, audit-first backend for the multi-factor authentication of
//! administrators.
//!
//! One direction through the house: a command comes in through `http` or `cli`, `service` asks
//! `domain` to decide, appends one record to the [`log`], and followers read the log.

pub mod backup;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod demo;
pub mod disk;
pub mod doctor;
pub mod domain;
mod error_chain;
pub mod evidence;
pub mod export;
pub mod follow;
pub mod http;
pub mod integrity;
pub mod keyring;
pub mod log;
pub mod manual;
pub mod memory;
pub mod ocsf;
pub mod react;
mod ring;
pub mod same_site;
pub mod server;
pub mod service;
pub mod tiles;
pub mod tlog;
pub mod tls;
pub mod vault;
pub mod vitals;
pub mod wiped;
pub mod witness;
