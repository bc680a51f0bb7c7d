//! What every subcommand can be told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::exit::Failed;
use super::telemetry;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Flags, Loaded, Sources};

#[derive(Debug, Args)]
pub(super) struct Globals {
    /// Configuration file [default: /etc/mfa-ledger/config.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "MFA_LEDGER_CONFIG")]
    config: Option<PathBuf>,
    /// Data directory
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// File with the token to call a running server with, instead of `MFA_LEDGER_TOKEN`
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

impl Globals {
    /// All layers of the configuration.
    pub fn load(&self, listen: Option<SocketAddr>) -> Result<Loaded, Failed> {
        self.load_with(listen, Vec::new())
    }

    /// The same with the addresses of a NATS server.
    pub fn load_with(&self, listen: Option<SocketAddr>, nats: Vec<String>) -> Result<Loaded, Failed> {
        // What is not UTF-8 cannot be one of ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let flags = Flags { data_dir: self.data_dir.clone(), listen, nats };
        Ok(Loaded::load(Sources { file: self.config.clone(), environment: environment.collect(), flags })?)
    }

    /// For a command that speaks to NATS, at these addresses if there are any.
    pub fn load_to_reach(&self, nats: &[String]) -> Result<Loaded, Failed> {
        let loaded = self.load_with(None, nats.to_vec())?;
        telemetry::begin(&loaded, &format!("warn,{}", telemetry::CLIENT_OF_NATS))?;
        Ok(loaded)
    }

    /// All layers for a command that is over soon: only what is amiss is told, unless asked for more.
    pub fn load_quietly(&self) -> Result<Loaded, Failed> {
        let loaded = self.load(None)?;
        telemetry::begin(&loaded, "warn")?;
        Ok(loaded)
    }
}

/// The time of the operating system.
pub(super) fn clock() -> Arc<Clock> {
    Arc::new(Clock::System)
}

/// The randomness of the operating system.
pub(super) fn chance() -> Arc<Chance> {
    Arc::new(Chance::System)
}
