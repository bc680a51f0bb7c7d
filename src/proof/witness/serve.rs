//! The witness over HTTP.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_server::{Handle, accept::NoDelayAcceptor};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::{MAX_BODY, Refusal, Witness, WitnessError};

/// Requests that are worked on at the same time; more are answered 503. Nobody who asks is known before the body is read:
/// until it is here a request has no place among them.
pub const MAX_IN_FLIGHT: usize = 128;
/// A caller that has not sent its whole head by then is let go.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// A request is over by then, its body read and its answer made.
const REQUEST_WITHIN: Duration = Duration::from_secs(15);
/// What is in flight when the end comes has this long to be answered.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);

/// Takes an address; port 0 takes a free one.
pub fn listen(address: SocketAddr) -> Result<TcpListener, WitnessError> {
    TcpListener::bind(address).map_err(|error| WitnessError::Listen(address, error))
}

/// What it answers.
pub fn router(witness: Arc<Witness>) -> Router {
    let places = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(latest))
        .with_state(Shared { witness, places })
        // Whoever asks whether it lives must be answered when it is busy most of all.
        .route("/livez", get(async || "ok\n"))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_WITHIN))
        .layer(CatchPanicLayer::new())
}

/// Serves until SIGTERM or SIGINT. `on_ready` gets the address once callers are heard.
pub async fn serve(
    witness: Arc<Witness>,
    listener: TcpListener,
    on_ready: impl FnOnce(&str),
) -> Result<(), WitnessError> {
    let failed = WitnessError::Serve;
    let address = listener.local_addr().map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener).map_err(failed)?;
    let server = server.acceptor(NoDelayAcceptor::new()).handle(handle.clone());
    let mut server = server.first_request_timeout(HEAD_WITHIN);
    server.http_builder().http1().header_read_timeout(HEAD_WITHIN);
    let mut server = tokio::spawn(server.serve(router(witness).into_make_service()));
    tracing::info!(%address, "listening");
    on_ready(&format!("http://{address}"));
    tokio::select! {
        ended = &mut server => return outcome(ended),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("ending: no new callers");
    handle.graceful_shutdown(Some(DRAIN_WITHIN));
    outcome(server.await)
}

fn outcome(ended: Result<io::Result<()>, tokio::task::JoinError>) -> Result<(), WitnessError> {
    ended.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(WitnessError::Serve)
}

/// What every request is given.
#[derive(Clone)]
struct Shared {
    witness: Arc<Witness>,
    places: Arc<Semaphore>,
}

/// A place among the requests that are worked on.
fn place(places: &Semaphore) -> Result<SemaphorePermit<'_>, Response> {
    places.try_acquire().map_err(|_| {
        let later = [(header::RETRY_AFTER, "1")];
        (StatusCode::SERVICE_UNAVAILABLE, later, "too many requests at the same time\n").into_response()
    })
}

async fn add_checkpoint(State(shared): State<Shared>, body: Bytes) -> Response {
    let _place = match place(&shared.places) {
        Ok(place) => place,
        Err(busy) => return busy,
    };
    let witness = Arc::clone(&shared.witness);
    // It waits for the disk, and for others of the same log.
    let done = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await;
    match done {
        Ok(Ok(lines)) => text(lines),
        Ok(Err(refusal)) => {
            if let Refusal::NotStored(error) = &refusal {
                tracing::error!(%error, "a checkpoint cannot be stored; nothing was signed");
            } else {
                tracing::warn!(%refusal, "not cosigned");
            }
            refusal.into_response()
        }
        Err(panic) => {
            tracing::error!(%panic, "a request was broken off");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn latest(State(shared): State<Shared>, Path(origin): Path<String>) -> Response {
    let _place = match place(&shared.places) {
        Ok(place) => place,
        Err(busy) => return busy,
    };
    let witness = Arc::clone(&shared.witness);
    // A request that is being stored holds the log for as long as the disk takes.
    match tokio::task::spawn_blocking(move || witness.latest(&origin)).await {
        Ok(Some(note)) => text(note),
        Ok(None) => (StatusCode::NOT_FOUND, "nothing was signed of this log here\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_is_told_to_come_again() {
        let places = Semaphore::new(1);
        let held = place(&places).expect("the first");
        let busy = place(&places).map(drop).unwrap_err();
        assert_eq!(
            (busy.status(), &busy.headers()[header::RETRY_AFTER]),
            (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
        );
        drop(held);
        assert!(place(&places).is_ok());
    }
}
