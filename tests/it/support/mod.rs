//! What the tests share.

pub mod client;
pub mod draws;
pub mod grep;
pub mod house;
pub mod ram;
pub mod server;
pub mod tmpfs;
