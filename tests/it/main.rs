//! The acceptance of the whole: black box where it can be, one binary.

mod log_contract;
mod log_embedded;
mod openapi;
mod rooms;
mod support;
mod vault;
