//! Beginning a ledger: key, settings, the recommended roles, and the first super administrator.

use std::sync::Arc;

use mfa_ledger_schemas::{Instant, Personal};

use super::keys::master;
use super::meta::Meta;
use super::open::{Opened, open_ledger};
use super::{Means, StartError};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::service::{Caller, SecretText, command, presets};

/// The role of the first administrator.
const FIRST_ROLE: &str = "system-administrator";

/// Who is to be the first administrator.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    /// The user name.
    pub user_name: String,
    /// The display name.
    pub display_name: String,
    /// The e-mail addresses.
    pub emails: Vec<String>,
    /// The user of the operating system who does this, for the record.
    pub operator: String,
}

/// A ledger that has begun.
#[derive(Debug)]
pub struct Initialised {
    /// The user name of the first administrator.
    pub user_name: String,
    /// The generated password: shown here and never again.
    pub password: SecretText,
}

/// Begins a ledger. What an earlier attempt that was interrupted has done already is not done again; a
/// ledger with administrators is refused.
pub async fn init(
    config: &Config,
    first: FirstAdministrator,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
) -> Result<Initialised, StartError> {
    init_with(config, first, &Means::of(clock, chance)).await
}

/// The same on a disk of choice.
pub async fn init_with(
    config: &Config,
    first: FirstAdministrator,
    means: &Means,
) -> Result<Initialised, StartError> {
    let dir = &config.data_dir;
    let Means { disk, clock, chance } = means;
    let meta = if let Some(meta) = Meta::read(dir)? {
        meta
    } else {
        // The key first: a ledger whose key is lost at once would be of no use.
        master::read_or_make(config, chance, disk)?;
        Meta::create(dir, Instant::from_unix_ms(clock.unix_ms()), chance, disk)?
    };
    let opened = open_ledger(config, &meta, means).await?;
    let begun = begin(&opened, first).await;
    let closed = opened.close().await;
    let begun = begun?;
    closed.map(|()| begun)
}

async fn begin(opened: &Opened, first: FirstAdministrator) -> Result<Initialised, StartError> {
    if opened.has_administrators() {
        return Err(StartError::AlreadyInitialised(opened.data_dir().into()));
    }
    let caller = Caller::Operator(first.operator);
    if opened.service.peek(|state| state.directory.settings().is_none()) {
        opened.execute(&caller, command::ChangeSettings::default()).await?;
    }
    for role in presets::roles() {
        if opened.service.peek(|state| state.directory.role(&role.role).is_none()) {
            opened.execute(&caller, role).await?;
        }
    }
    let command = command::RegisterAdministrator {
        user_name: first.user_name.clone(),
        role: FIRST_ROLE.parse().expect("a preset has a role id"),
        super_administrator: true,
        personal: Personal::new(first.display_name, first.emails),
    };
    let done = opened.execute(&caller, command).await?;
    let password = done.shown.secret().cloned().expect("a registration shows its password");
    Ok(Initialised { user_name: first.user_name, password })
}
