//! Callers on their way. Nobody is known before the body is here; so what a stranger can hold on to until then is little: a
//! share of the connections, no place among the requests that are answered, and a body's room only for seconds.

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
use tokio::time::sleep;

use super::proxies::forwarded_for;
use super::shares::{Share, Shares};
use super::{BODY_BYTES, Problem};

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
const OTHER_FILES: u64 = 512;

/// Who has connected, and the bodies that are on their way. Most bodies are not: they come with the head.
#[derive(Debug)]
pub struct Arriving {
    trusted_proxies: Vec<IpAddr>,
    of_proxies: Arc<Shares>,
    of_others: Arc<Shares>,
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
        let files = open_files.unwrap_or(u64::MAX).saturating_sub(OTHER_FILES);
        let most = usize::try_from(files).unwrap_or(usize::MAX).clamp(1, CONNECTIONS);
        Self {
            trusted_proxies,
            of_proxies: Shares::new(most, most),
            of_others: Shares::new(most, CONNECTIONS_PER_ADDRESS),
            bodies: Shares::new(BODIES, BODIES_PER_ADDRESS),
            closed: Counter::default(),
            crowded: Counter::default(),
            late: Counter::default(),
        }
    }

    /// A place for a connection.
    pub(crate) fn admit(&self, peer: IpAddr) -> io::Result<Share> {
        let peer = peer.to_canonical();
        let shares = if self.trusted_proxies.contains(&peer) { &self.of_proxies } else { &self.of_others };
        shares.take(peer).ok_or_else(|| {
            self.closed.inc();
            io::Error::other("too many connections")
        })
    }

    /// The request with its whole body.
    pub(crate) async fn whole(&self, request: Request) -> Result<Request, Problem> {
        let sender = self.sender(&request);
        let (parts, body) = request.into_parts();
        let expected = content_length(&parts.headers);
        let collected = pin!(collect(body, expected, BODY_BYTES));
        let bytes = match select(collected, std::future::ready(())).await {
            Either::Left((bytes, _)) => bytes,
            Either::Right(((), collected)) => {
                let _share = self.bodies.take(sender).ok_or_else(|| self.too_many())?;
                match select(collected, pin!(sleep(BODY_WITHIN))).await {
                    Either::Left((bytes, _)) => bytes,
                    Either::Right(_) => {
                        self.late.inc();
                        return Err(Problem::new("body-too-slow"));
                    }
                }
            }
        };
        let bytes = bytes.map(Buffer::into_bytes).map_err(|error| not_whole(&error))?;
        Ok(Request::from_parts(parts, Body::from(bytes)))
    }

    fn sender(&self, request: &Request) -> IpAddr {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(it)| it.ip().to_canonical());
        forwarded_for(request.headers(), peer, &self.trusted_proxies)
    }

    fn too_many(&self) -> Problem {
        self.crowded.inc();
        Problem::new("busy").retry_in(1)
    }
}

pub(super) fn not_whole(error: &NotWhole) -> Problem {
    match error {
        NotWhole::TooLong => Problem::new("body-too-large"),
        NotWhole::Broken(_) => Problem::new("invalid-request").detail("the body did not arrive whole"),
    }
}
