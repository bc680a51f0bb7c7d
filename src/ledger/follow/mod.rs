//! Readers of the log, each with its own place in it. They never block a command.

pub mod anchor;
pub mod decoded;
pub mod project;
pub mod publish;
pub mod seal;
pub mod snapshot;
pub mod verified;
