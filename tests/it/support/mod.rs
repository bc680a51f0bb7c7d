//! What the tests share.

pub mod client;
pub mod draws;
pub mod grep;
pub mod house;
pub mod memory;
pub mod nginx;
pub mod ram;
pub mod server;
pub mod shim;
pub mod tmpfs;

/// A client for tests: it goes through no proxy, and has the TLS that the program installs at its start.
pub fn http() -> reqwest::Client {
    mfa_ledger::tls::install();
    reqwest::Client::builder().no_proxy().build().expect("a client can be made")
}
