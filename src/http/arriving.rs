//! Callers on their way. Nobody is known before the body is here; so what a stranger can hold on to until then is little: a
//! share of the connections, no place among the requests that are answered, and a body's room only for seconds.

use std::future::{Future, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use futures_util::future::{Either, select};
use mfa_ledger_base::wiped::{Buffer, NotWhole, collect, content_length};
use prometheus_client::metrics::counter::Counter;
use tokio::time::timeout;

use super::BODY_BYTES;
use super::proxies::forwarded_for;
use super::shares::{Share, Shares};

/// A body is here by then, however long it is.
pub const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Bodies on their way at the same time; with [`BODY_BYTES`] this bounds what they take of the memory.
pub const BODIES: usize = 4_096;

/// Of them from one address, or from one customer's network of IPv6.
pub const BODIES_PER_ADDRESS: usize = 64;

/// Connections at the same time, where the system allows so many open files.
pub const CONNECTIONS: usize = 8_192;

/// Of them from one address, or from one customer's network of IPv6, that is no trusted proxy.
pub const CONNECTIONS_PER_ADDRESS: usize = 2_048;

/// Open files that connections leave to log, vault and all else.
const OTHER_FILES: usize = 512;

/// Who has connected, and the bodies that are on their way. Most bodies are not: they come with the head.
#[derive(Debug)]
pub struct Arriving {
    trusted_proxies: Vec<IpAddr>,
    connections: Arc<Shares>,
    pub(crate) bodies: Arc<Shares>,
    /// Connections that were closed at once: there were too many, in all or from their address.
    pub(crate) closed: Counter,
    /// Bodies that were refused: too many were on their way, in all or from their address.
    pub(crate) crowded: Counter,
    /// Those that did not arrive in time.
    pub(crate) late: Counter,
}

impl Default for Arriving {
    fn default() -> Self {
        Self::new(Vec::new(), None)
    }
}

impl Arriving {
    /// `X-Forwarded-For` of these proxies names the sender. `open_files` is what the system allows, if it sets a limit.
    pub fn new(trusted_proxies: Vec<IpAddr>, open_files: Option<u64>) -> Self {
        let files = usize::try_from(open_files.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        // Of few, half.
        let most = files.saturating_sub(OTHER_FILES).max(files / 2).clamp(1, CONNECTIONS);
        Self {
            trusted_proxies,
            connections: Shares::new(most),
            bodies: Shares::new(BODIES),
            closed: Counter::default(),
            crowded: Counter::default(),
            late: Counter::default(),
        }
    }

    /// A place for a connection.
    pub(crate) fn admit(&self, peer: IpAddr) -> io::Result<Share> {
        let peer = peer.to_canonical();
        // All callers behind a proxy have its address.
        let is_proxy = self.trusted_proxies.contains(&peer);
        let own_most = if is_proxy { CONNECTIONS } else { CONNECTIONS_PER_ADDRESS };
        self.connections.take(peer, own_most).ok_or_else(|| {
            self.closed.inc();
            io::Error::other("too many connections")
        })
    }

    /// The request with its whole body, or with the reason why there is none.
    pub(crate) async fn whole(&self, request: Request) -> Request {
        let sender = self.sender(&request);
        let (mut parts, body) = request.into_parts();
        let collected = pin!(collect(body, content_length(&parts.headers), BODY_BYTES));
        // Most come with their head.
        let collected = match select(collected, ready(())).await {
            Either::Left((here, _)) => here,
            Either::Right(((), collected)) => self.waited_for(sender, collected).await,
        };
        let body = match collected {
            Ok(bytes) => Body::from(bytes.into_bytes()),
            Err(why) => {
                parts.extensions.insert(why);
                Body::empty()
            }
        };
        Request::from_parts(parts, body)
    }

    async fn waited_for<F>(&self, sender: IpAddr, collected: F) -> Result<Buffer, NotWhole>
    where
        F: Future<Output = Result<Buffer, NotWhole>>,
    {
        let Some(_share) = self.bodies.take(sender, BODIES_PER_ADDRESS) else {
            self.crowded.inc();
            return Err(NotWhole::TooMany);
        };
        timeout(BODY_WITHIN, collected).await.unwrap_or_else(|_| {
            self.late.inc();
            Err(NotWhole::TooSlow)
        })
    }

    fn sender(&self, request: &Request) -> IpAddr {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(it)| it.ip().to_canonical());
        forwarded_for(request.headers(), peer, &self.trusted_proxies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes places until there are no more: how many there were.
    fn places(arriving: &Arriving, addresses: impl Iterator<Item = IpAddr>) -> usize {
        let held: Vec<_> = addresses.map_while(|address| arriving.admit(address).ok()).collect();
        held.len()
    }

    #[test]
    fn connections_are_counted_in_all_and_by_address_and_leave_files_to_the_log() {
        let (one, proxy) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let strangers = || (0_u32..).map(|number| IpAddr::from(number.to_be_bytes()));
        let arriving = Arriving::new(vec![proxy], None);
        assert_eq!(places(&arriving, std::iter::repeat(one)), CONNECTIONS_PER_ADDRESS);
        assert_eq!(places(&arriving, std::iter::repeat(proxy)), CONNECTIONS);
        assert_eq!(places(&arriving, strangers()), CONNECTIONS);
        assert_eq!(arriving.closed.get(), 3);
        for (open_files, most) in [(20_000, CONNECTIONS), (1_024, 512), (100, 50), (1, 1)] {
            assert_eq!(
                places(&Arriving::new(Vec::new(), Some(open_files)), strangers()),
                most,
                "{open_files}"
            );
        }
    }

    #[test]
    fn bodies_are_counted_in_all_and_by_address() {
        let arriving = Arriving::default();
        let take = |number: u32| arriving.bodies.take(IpAddr::from(number.to_be_bytes()), BODIES_PER_ADDRESS);
        let of_one: Vec<_> = std::iter::repeat_with(|| take(1)).map_while(|share| share).collect();
        assert_eq!(of_one.len(), BODIES_PER_ADDRESS);
        drop(of_one);
        let of_all: Vec<_> = (0..).map_while(take).collect();
        assert_eq!((of_all.len(), arriving.bodies.are_gone()), (BODIES, true));
    }
}
