//! What the tests share.

pub mod client;
pub mod grep;
pub mod house;
pub mod server;
