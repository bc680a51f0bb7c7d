//! The API.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::service::Service;

/// How the API is served.
#[derive(Clone, Debug)]
pub struct Options {
    /// Proxies whose right-most `X-Forwarded-For` entry is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Callers that may follow the event stream at the same time.
    pub sse_clients: usize,
    /// Ends what would otherwise never end.
    pub shutdown: CancellationToken,
}

/// All routes.
pub fn router(_service: Arc<Service>, _options: Options) -> axum::Router {
    axum::Router::new()
}
