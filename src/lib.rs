//! mfa-ledger: an event-sourced, audit-first backend for the multi-factor authentication of
//! administrators.
//!
//! One direction through the house: a command comes in through `http` or `cli`, `service` asks
//! `domain` to decide, appends one record to the [`log`], and followers read the log. Each room that could be misused
//! is a crate of its own, and its manifest says what it may use.

pub mod cli;
pub mod config;
pub mod data_dir;
pub mod demo;
pub mod doctor;
pub mod manual;
pub mod server;

pub use mfa_ledger_base::{
    back_off, chance, clock, disk, error_chain, files, keyring, memory, ordered, ring, same_site, text_file,
    tiles, tlog, tls, vitals, wiped,
};
pub use mfa_ledger_console as console;
pub use mfa_ledger_domain as domain;
pub use mfa_ledger_http as http;
pub use mfa_ledger_ledger::{follow, service};
pub use mfa_ledger_log as log;
pub use mfa_ledger_proof::{backup, evidence, export, integrity, witness};
pub use mfa_ledger_react as react;
pub use mfa_ledger_schemas::ocsf;
pub use mfa_ledger_vault as vault;
