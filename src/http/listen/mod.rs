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

/// A caller that has not sent its whole head by then is let go.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Answers callers in a task of its own until `handle` ends it. Needs a runtime.
///
/// # Errors
/// When the socket cannot be used.
pub fn listen(
    listener: TcpListener,
    front: Front,
    handle: Handle<SocketAddr>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let mut server = axum_server::from_tcp(listener)?.acceptor(Wiping).handle(handle);
    server.http_builder().http1().header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES);
    let app = ServiceExt::<Request<Body>>::into_make_service_with_connect_info::<SocketAddr>(front);
    Ok(tokio::spawn(server.serve(app)))
}
