//! What the tests share.

pub mod any_command;
pub mod client;
pub mod draws;
pub mod exported;
pub mod grep;
pub mod house;
mod http;
pub mod memory;
pub mod nginx;
pub mod ram;
pub mod server;
pub mod shim;
pub mod tmpfs;

pub use http::http;
