//! Cookies: the one that opens a session, and how any of them is read.

use http::{HeaderMap, header};

/// The console's session; the prefix binds it to this host and to TLS.
pub const SESSION: &str = "__Host-mfa_ledger_session";

/// The value of a cookie, the first of that name.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}
