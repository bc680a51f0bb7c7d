//! Serving the API until a signal ends it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::task::JoinHandle;

use super::epoch::{End, Epoch, Lasting, outcome};
use super::reopen::Repair;
use super::signals::Signals;
use super::watchdog::Watchdog;
use super::{ServeError, rules};
use crate::config::{Config, Hashing};
use crate::data_dir::{Opened, Presence, url};
use crate::files::open_files;
use crate::http::idle::Idle;
use crate::http::{Arriving, Counted, Front, listen};

/// What is in flight when the end comes has this long to be answered.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// Serves until SIGTERM or SIGINT, then answers what is in flight, ends the streams, and closes the log.
/// `on_ready` gets the address once callers are heard.
///
/// After a failed write it goes on reading, and reopens its files when the disk is well again.
pub async fn serve(opened: Opened, config: &Config, on_ready: impl FnOnce(&str)) -> Result<(), ServeError> {
    warn_about(&opened, config);
    // Signals are heard before anything acts: whoever sees the first checkpoint at an anchor may send them.
    let (mut signals, lasting) = match prepare(config) {
        Ok(prepared) => prepared,
        Err(error) => {
            let _unheard = opened.close().await;
            return Err(error);
        }
    };
    let mut epoch = Epoch::begin(opened, &lasting).await?;
    let front = Front::new(epoch.app(&lasting), Arc::clone(&lasting.arriving));
    let mut socket = match Socket::listen(config, front, epoch.opened.data_dir()) {
        Ok(socket) => socket,
        Err(error) => {
            let _unheard = epoch.close().await;
            return Err(error);
        }
    };
    on_ready(&url(socket.address));
    let mut repair = Repair::default();
    loop {
        match epoch.until_ended(&mut signals, &mut socket.server, &repair, &lasting.watchdog).await {
            End::Served(served) => return served.and(epoch.close().await),
            End::Told => {
                epoch.end_streams();
                let answered = socket.drain().await;
                return answered.and(epoch.close().await);
            }
            End::Refused(error) => {
                epoch.end_streams();
                // Why it ends matters more than how the last answers went, and how the log closed.
                let _unheard = (socket.drain().await, epoch.close().await);
                return Err(error);
            }
            End::Reopen => match repair.reopen(epoch, &lasting, &socket.front, &mut signals).await {
                Ok(Some(next)) => epoch = next,
                Ok(None) => return socket.drain().await,
                Err(error) => {
                    let _unheard = socket.drain().await;
                    return Err(error);
                }
            },
        }
    }
}

fn prepare(config: &Config) -> Result<(Signals, Lasting<'_>), ServeError> {
    let signals = Signals::listen().map_err(ServeError::Serve)?;
    let limit = Duration::from_secs(config.log.hang_exit_seconds);
    let lasting = Lasting {
        config,
        rules: rules(config)?,
        counted: Counted::default(),
        idle: Arc::new(Idle::after(config.http.session_idle_minutes)),
        arriving: Arc::new(Arriving::new(config.http.trusted_proxies.clone(), open_files())),
        watchdog: Watchdog::start(limit).map_err(ServeError::Serve)?,
    };
    Ok((signals, lasting))
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

/// The listening socket, bound for the whole life of the process.
struct Socket {
    address: SocketAddr,
    front: Front,
    server: JoinHandle<io::Result<()>>,
    handle: Handle<SocketAddr>,
    presence: Option<Presence>,
}

impl Drop for Socket {
    /// Callers that are still there are let go, with what they hold on to.
    fn drop(&mut self) {
        self.handle.shutdown();
        self.server.abort();
    }
}

/// Refuses an address where nothing can listen: to be asked before anything is changed for good.
///
/// # Errors
/// [`ServeError::Listen`].
pub fn require_address(config: &Config) -> Result<(), ServeError> {
    let address = config.http.listen;
    TcpListener::bind(address).map(drop).map_err(|source| ServeError::Listen { address, source })
}

impl Socket {
    fn listen(config: &Config, front: Front, data_dir: &Path) -> Result<Self, ServeError> {
        let address = config.http.listen;
        let refused = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let handle = Handle::new();
        let server = listen(listener, front.clone(), handle.clone()).map_err(ServeError::Serve)?;
        let presence = Some(Presence::announce(data_dir, address));
        let reached = config.http.public_url.clone().unwrap_or_else(|| url(address));
        tracing::info!(%address, reached, "listening");
        Ok(Self { address, front, server, handle, presence })
    }

    /// Takes no new callers, and answers those that are there.
    async fn drain(&mut self) -> Result<(), ServeError> {
        self.handle.graceful_shutdown(Some(DRAIN_WITHIN));
        let answered = outcome((&mut self.server).await);
        self.presence = None;
        answered
    }
}
