//! What can go wrong with disks, power, clocks and neighbours, tried on purpose.
//!
//! | file | what is tried |
//! |---|---|
//! | `table` | the crash table: every I/O step, failing in every way |
//! | `log` | the tables of the log; those of the vault are in `vault/crash.rs` |

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod log;
pub mod table;
