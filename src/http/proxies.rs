//! Where a caller is: behind a proxy, only as far as that proxy is trusted.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use mfa_ledger_api::header::FORWARDED_FOR;
use mfa_ledger_schemas::Instant;
use prometheus_client::metrics::counter::Counter;

use super::App;

/// Between two warnings about a proxy that is not trusted, in minutes.
const WARN_EVERY_MINUTES: i64 = 60;

/// Requests through a proxy that is not trusted: behind it every caller has one address.
#[derive(Default)]
pub(super) struct Untrusted {
    pub requests: Counter,
    /// Seconds since 1970; before this moment no warning is written.
    warn_again: AtomicI64,
}

impl Untrusted {
    fn count(&self, peer: IpAddr, now: Instant) {
        self.requests.inc();
        let (again, seconds) = (self.warn_again.load(Ordering::Relaxed), now.unix_seconds());
        let next = now.plus_minutes(WARN_EVERY_MINUTES).unix_seconds();
        let due = seconds >= again;
        // Of two at the same time one warns.
        if due && self.warn_again.compare_exchange(again, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            tracing::warn!(
                %peer,
                "X-Forwarded-For comes from a peer that is not in http.trusted_proxies and is ignored: if that is a \
                 proxy of yours, every caller behind it counts as one address"
            );
        }
    }
}

/// The caller's address: the peer, or what the last trusted proxy says of its own peer.
pub(super) fn caller_address(parts: &Parts, app: &App) -> IpAddr {
    let trusted = &app.options.trusted_proxies;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(address)| address.ip().to_canonical());
    if !trusted.contains(&peer) && parts.headers.contains_key(&FORWARDED_FOR) {
        app.metrics.untrusted.count(peer, app.service.now());
    }
    forwarded_for(&parts.headers, peer, trusted)
}

/// For whom a peer asks: for itself, unless it is a trusted proxy.
pub(super) fn forwarded_for(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let addresses = entries.iter().rev().map_while(|entry| entry.parse::<IpAddr>().ok());
    addresses.map(|address| address.to_canonical()).find(|address| !trusted.contains(address)).unwrap_or(peer)
}
