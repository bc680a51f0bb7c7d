//! The only one that appends to the log: [`Service::execute`] for what changes, [`Service::query`] for what asks.

mod annexes;
mod answer;
mod carried;
mod damage;
mod door;
mod draft;
mod duties;
mod evidence;
mod execute;
mod following;
pub mod guard;
mod leaves;
mod locks;
mod notices;
mod pace;
pub mod past;
mod queries;
mod rehash;
pub mod reset_graph;
mod search;
mod sweep;
mod webhooks;

use std::sync::Arc;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::vitals::Since;
use mfa_ledger_log::Log;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::record::{Context, Origin};
use mfa_ledger_schemas::{Instant, LedgerId, Position};
use mfa_ledger_vault::backup_codes::BackupCodes;
use mfa_ledger_vault::hashing::Hashing;
use mfa_ledger_vault::password::Passwords;
use mfa_ledger_vault::tokens::Tokens;
use mfa_ledger_vault::{Label, MasterKey, Subkey, Vault, VaultError};

use crate::follow::project::{Projector, Stopped};
use crate::follow::snapshot::Snapshots;

pub use answer::{Answer, Done, EnrollmentShown, Receipt, Rejected, Rejection, Shown, receipt};
pub use damage::{Unreadable, Value, entry_name, owners};
pub use duties::{Owed, SWEEP_EVERY};
pub use following::Followed;
pub use guard::{Guard, ReadOnly};
pub use leaves::{Leaf, StoredRecord};
pub use mfa_ledger_domain::policy::{self, Right};
pub use mfa_ledger_domain::{
    BACKUP_CODES_LOW, Caller, EXPORT, FORMER_ADDRESS_DAYS, Failed, PASSWORD_CHARS, READ, Reading, UseCase,
    WATCHDOG, command, presets,
};
pub use mfa_ledger_vault::SecretText;
pub use notices::{LINK_DAYS, Link};
pub use past::{Deed, Past, PastError, Question, difference};
pub use queries::{ActivityRecord, Denied, PAST};
pub use search::{Found, NotSearched, UNSEALED};
pub use sweep::orphans;

/// The parts that a service is made of.
pub struct Parts {
    /// The log.
    pub log: Arc<dyn Log>,
    /// The vault.
    pub vault: Vault,
    /// What everything keyed is derived from.
    pub master: MasterKey,
    /// The argon2 pool.
    pub hashing: Arc<Hashing>,
    /// Time.
    pub clock: Arc<Clock>,
    /// Chance.
    pub chance: Arc<Chance>,
    /// Which log this is.
    pub ledger: LedgerId,
    /// Whether there is room to record anything.
    pub guard: Guard,
    /// Where snapshots of the fold are kept, if they are.
    pub snapshots: Option<Arc<Snapshots>>,
}

/// The service.
pub struct Service {
    log: Arc<dyn Log>,
    projector: Projector,
    vault: Vault,
    passwords: Passwords,
    backup_codes: BackupCodes,
    tokens: Tokens,
    names: Subkey,
    clock: Arc<Clock>,
    pace: pace::Pace,
    chance: Arc<Chance>,
    ledger: LedgerId,
    locks: locks::Locks,
    sequence: std::sync::Mutex<Instant>,
    guard: Guard,
    folds: past::Folds,
    duties: Arc<duties::Duties>,
    damage: damage::Damage,
    runtime: tokio::runtime::Handle,
}

/// A command's circumstances.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// From where.
    pub origin: Origin,
    /// The request's id.
    pub request: String,
    /// The caller's key, and a fingerprint of the request (see [`Service::fingerprint`]).
    pub idempotency: Option<(String, [u8; 32])>,
    /// The version that the caller saw.
    pub if_match: Option<Position>,
    /// What the command belongs to.
    pub context: Context,
}

impl Call {
    /// The call of a part of ours, or of the machine's own command line.
    pub fn by(caller: Caller, request: impl Into<String>) -> Self {
        let (origin, request) = (Origin::default(), request.into());
        Self { caller, origin, request, idempotency: None, if_match: None, context: Context::default() }
    }
}

impl Service {
    /// The call of a part of ours that reacts to a record: it belongs to what that belongs to.
    pub async fn reaction(&self, by: &'static str, cause: Position) -> Result<Call, Failure> {
        let led_here = self.record(cause).await?;
        let correlation = led_here.context.correlation.or(Some(led_here.request));
        let context =
            Context { causation: Some(cause), correlation, traceparent: led_here.context.traceparent };
        Ok(Call { context, ..Call::by(Caller::System(by), self.fresh_request_id()) })
    }
}

/// No answer by rule: nothing was recorded, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The session or token does not stand.
    #[error("the session or token is not valid")]
    Unauthenticated,
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The record would be above the limit.
    #[error("the request holds more than a record can")]
    TooLarge,
    /// There is too little room on the disk: nothing was recorded, nor will be until there is more.
    #[error("nothing is recorded for want of room")]
    ReadOnly(#[source] ReadOnly),
    /// Too much waits already: nothing was recorded, try again soon.
    #[error("too many commands are waiting")]
    Busy,
    /// The vault cannot be read or written: nothing was recorded.
    #[error("the vault is not available")]
    Vault(#[source] VaultError),
    /// The log cannot be read or written: nothing was recorded.
    #[error("the log cannot be written")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Whether it was recorded is not known: ask again with the same key.
    #[error("whether the command was recorded is not known")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Service {
    /// Puts the parts together, starts to fold, and sees to what records owe from here on. Needs a runtime.
    pub fn start(parts: Parts) -> Arc<Self> {
        let Parts { log, vault, master, hashing, clock, chance, ledger, guard, snapshots } = parts;
        let service = Arc::new(Self {
            projector: Projector::start(&log, snapshots),
            passwords: Passwords::new(Arc::clone(&hashing), &master),
            backup_codes: BackupCodes::new(hashing, &master),
            tokens: Tokens::new(&master),
            names: master.subkey(Label::Names),
            log,
            vault,
            clock,
            pace: pace::Pace::default(),
            chance,
            ledger,
            locks: locks::Locks::default(),
            sequence: std::sync::Mutex::default(),
            guard,
            folds: past::Folds::default(),
            duties: Arc::default(),
            damage: damage::Damage::default(),
            runtime: tokio::runtime::Handle::current(),
        });
        tokio::spawn(duties::see_to(Arc::downgrade(&service), Arc::clone(&service.duties)));
        service
    }

    /// Waits until everything that the log holds is folded.
    pub async fn catch_up(&self) -> Result<Position, Stopped> {
        let head = self.log.head().await.map_err(|error| Stopped(error.to_string().into()))?;
        self.projector.wait(Position(head.0)).await?;
        Ok(Position(head.0))
    }

    /// Keeps the fold for the next start. Nothing may be executed any more.
    pub async fn keep(&self) {
        if self.guard.admit().is_ok() {
            self.projector.keep().await;
        }
    }

    /// The time, never earlier than the newest record. While the clock is behind that, it passes at half the
    /// pace of the clock.
    pub fn now(&self) -> Instant {
        self.now_in(&self.state())
    }

    /// The same, for whoever has the state already: it is not to be taken twice.
    fn now_in(&self, state: &State) -> Instant {
        Instant::from_unix_ms(self.pace.time(self.clock.unix_ms(), state.at().unix_ms()))
    }

    /// An id for a request that came without one.
    pub fn fresh_request_id(&self) -> String {
        self.chance.uuid_at(self.clock.unix_ms()).simple().to_string()
    }

    /// Which log this is.
    pub fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// The watch over the room on the disk.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Waits until more than a position is folded.
    pub async fn wait_beyond(&self, position: Position) -> Result<Position, Stopped> {
        self.projector.wait_beyond(position).await
    }

    /// Whether the fold still goes on.
    pub fn projection_stopped(&self) -> Option<Stopped> {
        self.projector.stopped()
    }

    /// Since when it does not.
    pub fn projection_stopped_at(&self) -> Option<Since> {
        self.projector.stopped_at()
    }

    /// The state, for internal reading; callers go through [`Service::query`].
    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.projector.state()
    }
}
