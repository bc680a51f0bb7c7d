//! What is amiss with a data directory, and with the machine that it lies on. It looks, and changes
//! nothing: no sweep, no repair, and it keeps no lock; one small file is written, synced and removed again.
//!
//! To add a check: a file beside this one, and a line in [`CHECKS`].

mod anchors;
mod clock;
mod configuration;
mod data_directory;
mod disk_space;
mod key_file;
mod log;
mod master_key;
mod nats;
mod proxies;
mod rules;
mod set_aside;
mod signing_keys;
mod sync;
mod synchronised;
mod vault;
mod vault_orphans;

use serde::Serialize;

use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::{self, Look, StartError};
use crate::error_chain::error_chain;

/// What the checks are told.
#[derive(Debug)]
pub struct Context {
    /// The configuration, which can be used.
    pub config: Config,
    /// The time of the machine, in milliseconds since 1970.
    pub now_ms: i64,
    /// What the data directory holds, or why nothing of it can be told.
    pub look: Result<Look, StartError>,
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Its name; stable.
    pub name: &'static str,
    /// Looks.
    pub run: fn(&Context) -> Outcome,
}

/// All checks, in the order in which they are told: what others rest on comes first.
pub const CHECKS: &[Check] = &[
    Check { name: configuration::NAME, run: configuration::check },
    Check { name: "data-directory", run: data_directory::check },
    Check { name: "key-file", run: key_file::check },
    Check { name: "master-key", run: master_key::check },
    Check { name: "vault", run: vault::check },
    Check { name: "log", run: log::check },
    Check { name: "signing-keys", run: signing_keys::check },
    Check { name: "anchors", run: anchors::check },
    Check { name: "disk-space", run: disk_space::check },
    Check { name: "sync", run: sync::check },
    Check { name: "clock", run: clock::check },
    Check { name: "vault-orphans", run: vault_orphans::check },
    Check { name: "set-aside", run: set_aside::check },
    Check { name: "proxies", run: proxies::check },
    Check { name: "rules", run: rules::check },
    Check { name: "nats", run: nats::check },
];

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// It does not work, or must not stay so.
    Fail,
    /// It could not be looked at; the detail says why.
    Skipped,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How well it is.
    pub status: Status,
    /// What was seen.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Whether the log was altered, cut or rolled back.
    #[serde(skip)]
    pub altered: bool,
}

/// A check's name, and what it has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub name: &'static str,
    /// What it has found.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Why a configuration cannot be used, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Why.
    pub why: String,
    /// What to do.
    pub advice: Option<String>,
}

/// Runs all checks. Blocks: reads all of the journal if no server holds it.
pub fn run(config: Result<Config, Unusable>, clock: &Clock) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(unusable) => return without_configuration(&unusable),
    };
    let look = data_dir::look(&config);
    let context = Context { config, now_ms: clock.unix_ms(), look };
    CHECKS.iter().map(|check| Finding { name: check.name, outcome: (check.run)(&context) }).collect()
}

fn without_configuration(unusable: &Unusable) -> Vec<Finding> {
    let fault = Outcome { advice: unusable.advice.clone(), ..Outcome::ok(&*unusable.why) };
    let fault = Outcome { status: Status::Fail, ..fault };
    let outcome = |check: &Check| match check.name {
        configuration::NAME => fault.clone(),
        _ => Outcome::skipped("without a configuration that can be used there is nothing to look at"),
    };
    CHECKS.iter().map(|check| Finding { name: check.name, outcome: outcome(check) }).collect()
}

impl Context {
    /// What the data directory holds; a check that needs it is skipped without.
    pub fn look(&self) -> Result<&Look, Outcome> {
        self.look.as_ref().map_err(|_| Outcome::skipped("there is no ledger to look at; see data-directory"))
    }
}

impl Outcome {
    /// All is well.
    pub fn ok(detail: impl Into<String>) -> Self {
        Self { status: Status::Ok, detail: detail.into(), advice: None, altered: false }
    }

    /// It could not be looked at.
    pub fn skipped(detail: impl Into<String>) -> Self {
        Self { status: Status::Skipped, ..Self::ok(detail) }
    }

    /// It works, and should be looked at.
    pub fn warn(detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status: Status::Warn, advice: Some(advice.into()), ..Self::ok(detail) }
    }

    /// It does not work.
    pub fn fail(detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status: Status::Fail, ..Self::warn(detail, advice) }
    }

    /// A server would not start because of this.
    pub fn refused(error: &StartError) -> Self {
        let detail = error_chain(error);
        Self {
            status: Status::Fail,
            advice: error.advice(),
            altered: error.is_integrity(),
            ..Self::ok(detail)
        }
    }
}
