//! HTTP for tests.

/// A client for tests: it goes through no proxy, and has the TLS that the program installs at its start.
pub fn http() -> reqwest::Client {
    mfa_ledger::tls::install();
    reqwest::Client::builder().no_proxy().build().expect("a client can be made")
}
