//! The listening socket. The HTTP library is compiled for it here, where the handlers are.

mod front;
mod wiping;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::ServiceExt;
use axum::body::Body;
use axum::extract::Request;
use axum_server::Handle;
use tokio::task::JoinHandle;

pub use front::Front;

use wiping::{HEAD_BYTES, Wiping};

/// A caller that has not sent its whole head by then is let go; one of HTTP/2 that does not answer a ping as well.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// A connection of HTTP/2 that is quiet for so long is asked whether anybody is there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Answers callers in a task of its own until `handle` ends it. Needs a runtime.
///
/// # Errors
/// When the socket cannot be used.
pub fn listen(
    listener: TcpListener,
    front: Front,
    handle: Handle<SocketAddr>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let acceptor = Wiping::new(front.arriving());
    let server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
    // Until it is known which HTTP is spoken, nothing else watches the time.
    let mut server = server.first_request_timeout(HEAD_WITHIN);
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES);
    builder.http2().keep_alive_interval(PING_EVERY).keep_alive_timeout(HEAD_WITHIN);
    let app = ServiceExt::<Request<Body>>::into_make_service_with_connect_info::<SocketAddr>(front);
    Ok(tokio::spawn(server.serve(app)))
}
