//! The acceptance of the whole: black box where it can be, one binary.

mod anchors;
mod backup;
mod cli;
mod contract;
mod doctor;
mod edges;
mod faults;
mod foreign;
mod fuzz;
mod integrity;
mod log_contract;
mod log_embedded;
mod openapi;
mod people;
mod promises;
mod records;
mod rooms;
mod schemathesis;
mod start;
mod support;
mod tampering;
mod vault;
mod webhooks;
mod witness;
