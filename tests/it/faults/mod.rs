//! What can go wrong with disks, power, clocks and neighbours, tried on purpose.
//!
//! | file | what is tried |
//! |---|---|
//! | `table` | the crash table: every I/O step, failing in every way |
//! | `log` | the tables of the log; those of the vault are in `vault/crash.rs` |
//! | `ledger`, `checkpoints` | those of keys, checkpoints and tiles |
//! | `marks` | that of the two marks of an orderly stop |
//! | `snapshot`, `people` | those of snapshots of the fold, and of their parts |
//! | `medium`, `cuts` | losses of power on a model that keeps only what was synced |
//! | `clock` | clocks that jump |
//! | `whole` | the whole house, driven by a seed, against a model |
//! | `copy` | the same for the files of sled |
//! | `flips` | every byte changed, every file cut at every length |
//! | `full_start` | a start on a full disk |
//! | `child`, `kills` | a process that is killed at any moment |
//! | `reopen` | the server loop on a disk that fails and gets well |
//! | `stuck` | the real server on a disk whose syncs fail or hang |
//! | `racing` | several servers that want one directory |
//! | `power` | the power of a real file system cut under it |

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod anchor;
mod checkpoints;
mod child;
mod clock;
mod copy;
mod cuts;
mod flips;
mod full_start;
mod kills;
pub mod ledger;
mod log;
mod marks;
mod medium;
mod people;
mod power;
mod racing;
mod reopen;
pub mod snapshot;
mod stuck;
pub mod table;
mod whole;
