//! Whether commands are taken: asked before anything is drawn, put or recorded.

use std::sync::Arc;

use mfa_ledger_base::vitals::{Condition, Vitals};
use mfa_ledger_log::Health;
use mfa_ledger_vault::VaultError;

use super::{Failure, Service};

impl Service {
    /// Refuses a command that could not be carried out to its end. A reset is not recorded while the secrets that it
    /// ends could not be destroyed.
    ///
    /// # Errors
    /// [`Failure::ReadOnly`], [`Failure::Vault`] or [`Failure::Unavailable`]: nothing was recorded.
    pub fn admit(&self) -> Result<(), Failure> {
        self.guard.admit().map_err(Failure::ReadOnly)?;
        self.vault.admit()?;
        self.log.refusal().map_or(Ok(()), |why| Err(Failure::Unavailable(why.into())))
    }

    /// How the log fares. Never waits.
    pub fn log_health(&self) -> Health {
        self.log.health()
    }

    /// How the writer of the vault fares. Never waits.
    pub fn vault_condition(&self) -> Condition {
        self.vault.vitals().condition()
    }

    /// What the writer of the vault tells of itself.
    pub fn vault_vitals(&self) -> Arc<Vitals> {
        Arc::clone(self.vault.vitals())
    }

    /// Writes nothing to the vault any more, whoever still holds this service.
    ///
    /// # Errors
    /// When the vault did not end in good order.
    pub async fn close_vault(&self) -> Result<(), VaultError> {
        self.vault.close().await
    }
}
