//! Commands that speak to NATS: connected as the configuration says.

use super::exit::{Exit, Failed};
use super::globals::Globals;
use crate::config::{Config, Nats};
use crate::follow::publish::consumers::ConsumerFailed;
use crate::follow::publish::reading::ReadFailed;
use crate::follow::publish::{ConnectFailed, Connection, connect};
use crate::server;

/// A connection, and the configuration of this part.
pub(super) async fn reach(globals: &Globals, urls: &[String]) -> Result<(Connection, Nats), Failed> {
    let config = globals.load_to_reach(urls)?.config;
    Ok((connected(&config).await?, config.nats))
}

/// A connection as a configuration says.
pub(super) async fn connected(config: &Config) -> Result<Connection, Failed> {
    let Some(access) = server::nats_access(config) else {
        return Err(Failed::with(Exit::Usage, "no NATS server is named").advise(
            "name one with --nats nats://HOST:PORT, nats.urls in the configuration, or MFA_LEDGER__NATS__URLS",
        ));
    };
    Ok(connect(&access).await?)
}

impl From<ConnectFailed> for Failed {
    fn from(error: ConnectFailed) -> Self {
        let exit = if matches!(error, ConnectFailed::Refused(_)) { Exit::NotAllowed } else { Exit::Remote };
        told(exit, &error)
    }
}

impl From<ConsumerFailed> for Failed {
    fn from(error: ConsumerFailed) -> Self {
        let exit = match error {
            ConsumerFailed::Name(_) | ConsumerFailed::Filter(_) => Exit::Usage,
            ConsumerFailed::Exists(_) => Exit::Conflict,
            ConsumerFailed::Unknown(_) | ConsumerFailed::NoStream(_) => Exit::NotFound,
            ConsumerFailed::Failed(_) => Exit::Remote,
        };
        told(exit, &error)
    }
}

impl From<ReadFailed> for Failed {
    fn from(error: ReadFailed) -> Self {
        let exit = match error {
            ReadFailed::Filter(_) => Exit::Usage,
            ReadFailed::NoStream(_) => Exit::NotFound,
            ReadFailed::Foreign(_) | ReadFailed::Altered(..) | ReadFailed::Gap(_) => Exit::Tampering,
            ReadFailed::Broke | ReadFailed::Failed(_) => Exit::Remote,
        };
        told(exit, &error)
    }
}

fn told(exit: Exit, error: &dyn std::error::Error) -> Failed {
    let failed = Failed::with(exit, error.to_string());
    match error.source() {
        Some(source) => failed.because(source),
        None => failed,
    }
}
