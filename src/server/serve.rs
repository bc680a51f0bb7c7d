//! Serving the API until a signal says that it is enough.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::later::LookingOver;
use super::presence::{Presence, url};
use super::wiping::{HEAD_BYTES, Wiping};
use super::{Opened, StartError, rules};
use crate::config::{Config, Hashing};
use crate::follow::anchor::Anchors;
use crate::{console, http};

/// A caller that has not sent its whole head by then is let go.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// What is in flight when the end comes has this long to be answered.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// Serves until SIGTERM or SIGINT, then answers what is in flight, ends the streams, and closes the log.
/// `on_ready` gets the address once callers are heard.
pub async fn serve(
    mut opened: Opened,
    config: &Config,
    on_ready: impl FnOnce(&str),
) -> Result<(), StartError> {
    warn_about(&opened, config);
    // Heard before anything acts: whoever sees the first checkpoint at an anchor may send them.
    let served = match Signals::listen().map_err(StartError::Serve) {
        Ok(signals) => match begin(&mut opened, config) {
            Ok(()) => {
                let looking = opened.look_over();
                serve_until_told(&opened, config, signals, looking, on_ready).await
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let closed = opened.close().await;
    served.and(closed)
}

/// Starts what follows the log.
fn begin(opened: &mut Opened, config: &Config) -> Result<(), StartError> {
    let rules = rules(config)?;
    opened.anchor(config)?;
    opened.react(config)?;
    opened.deliver(config)?;
    opened.detect(rules);
    opened.publish(config);
    Ok(())
}

/// What works, and is not as it should be.
fn warn_about(opened: &Opened, config: &Config) {
    let (cost, least) = (&config.hashing, Hashing::default());
    if cost.memory_kib * cost.passes < least.memory_kib * least.passes {
        tracing::warn!(cost.memory_kib, cost.passes, "password hashes cost less than is recommended");
    }
    let dir = opened.data_dir();
    let mode = std::fs::metadata(dir).map_or(0, |dir| dir.permissions().mode() & 0o7777);
    if mode & 0o077 != 0 {
        let (dir, mode) = (dir.display(), format!("{mode:04o}"));
        tracing::warn!(%dir, mode, "the data directory is open to others; make it 0700");
    }
}

async fn serve_until_told(
    opened: &Opened,
    config: &Config,
    mut signals: Signals,
    mut looking: LookingOver,
    on_ready: impl FnOnce(&str),
) -> Result<(), StartError> {
    let address = config.http.listen;
    let refused = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;

    let shutdown = CancellationToken::new();
    let options = http::Options {
        trusted_proxies: config.http.trusted_proxies.clone(),
        sse_clients: config.http.sse_clients,
        in_flight: config.http.in_flight,
        attempts_per_second: config.http.attempts_per_second,
        security_contact: config.http.security_contact.clone(),
        sealer: Some(Arc::clone(&opened.sealer)),
        anchors: opened.anchors.clone(),
        publisher: opened.publisher.clone(),
        mail: config.mail.host.is_some(),
        rules: opened.detector.as_ref().map(|detector| Arc::clone(detector.rules())),
        detector: opened.detector.clone(),
        deliveries: opened.deliveries.clone(),
        verified: Arc::clone(&opened.verified),
        shutdown: shutdown.clone(),
    };
    let api = http::router(Arc::clone(&opened.service), options);
    let app = api.clone().merge(console::router(api, opened.clock()));
    let handle = Handle::new();
    let mut server =
        axum_server::from_tcp(listener).map_err(StartError::Serve)?.acceptor(Wiping).handle(handle.clone());
    server.http_builder().http1().header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES);
    let mut server = tokio::spawn(server.serve(app.into_make_service_with_connect_info::<SocketAddr>()));

    let _presence = Presence::announce(opened.data_dir(), address);
    let reached = config.http.public_url.clone().unwrap_or_else(|| url(address));
    tracing::info!(%address, reached, "listening");
    on_ready(&url(address));

    let on_demand = opened.on_demand();
    let ended_by = tokio::select! {
        ended = &mut server => return outcome(ended),
        name = signals.next() => {
            tracing::info!(signal = name, "ending: no new callers");
            None
        }
        tampered = on_demand.tampered() => {
            tracing::error!(why = %tampered, "ending: the log is not what was signed for");
            Some(tampered)
        }
        tampered = looking.tampered() => {
            tracing::error!(why = %tampered, "ending: the older records of the log are not known to be what they were");
            Some(tampered)
        }
        (anchor, why) = conflict(opened.anchors.as_deref()) => {
            tracing::error!(anchor, why, "ending: the log is not the one that is known elsewhere");
            Some(StartError::Disowned { anchor, why })
        }
    };
    shutdown.cancel();
    handle.graceful_shutdown(Some(DRAIN_WITHIN));
    // Why it ends matters more than how the last answers went.
    let answered = outcome(server.await);
    ended_by.map_or(answered, Err)
}

/// Waits for an anchor that shows another log of ours; for ever where there is none.
async fn conflict(anchors: Option<&Anchors>) -> (String, String) {
    match anchors {
        Some(anchors) => anchors.conflict().await,
        None => std::future::pending().await,
    }
}

fn outcome(ended: Result<io::Result<()>, tokio::task::JoinError>) -> Result<(), StartError> {
    ended.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(StartError::Serve)
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
