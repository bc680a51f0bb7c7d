//! The acceptance of the whole: black box where it can be, one binary.

mod cli;
mod log_contract;
mod log_embedded;
mod people;
mod rooms;
mod start;
mod support;
mod vault;
