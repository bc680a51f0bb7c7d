//! Attempts per source address, in memory: a shield for the hash, beside the counters in the log.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::Ipv6Net;

use super::problem::Problem;

/// How many times the sustained rate may come at once.
const BURST: u32 = 10;
/// After so many checks the limiter forgets addresses that are quiet.
const TIDY_EVERY: u32 = 4_096;
/// An IPv6 customer has a whole /64.
const CUSTOMER_BITS: u8 = 64;

/// The limiter.
pub(crate) struct Limiter {
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    checks: AtomicU32,
}

impl Limiter {
    pub fn new(per_second: u32) -> Self {
        let addresses = NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::new(BURST).unwrap_or(rate));
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        });
        Self { addresses, checks: AtomicU32::new(0) }
    }

    /// Whether this address may try once more now.
    pub fn check(&self, address: IpAddr) -> Result<(), Problem> {
        let Some(addresses) = &self.addresses else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            addresses.retain_recent();
        }
        addresses.check_key(&network(address)).map_err(|_| Problem::new("too-many-attempts").retry_in(1))
    }
}

/// The address, or the network of the customer whose it is.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Net::new_assert(address, CUSTOMER_BITS).network()),
    }
}
