//! Going on without the vault that belonged to a log, because an operator says so. What is left of it is set aside, never
//! deleted; a new vault is made; and the loss is recorded, with the people whose password or MFA must be reset.

use data_encoding::HEXLOWER;
use mfa_ledger_schemas::bodies::VaultLossAccepted;
use mfa_ledger_schemas::limits::LOST_NAMED;
use mfa_ledger_schemas::{AdministratorId, Secret};

use super::{found, free_place, lock};
use crate::config::Config;
use crate::data_dir::keys::master;
use crate::data_dir::open::open_initialised;
use crate::data_dir::vault::remembered;
use crate::data_dir::{Means, Opened, StartError};
use crate::service::{Caller, Unreadable, command};
use crate::vault::{Loss, Remembered, Vault};

/// Opens a ledger. Where its vault is lost, goes on with a new one and records that: then the answer is `true`.
pub(super) async fn open_accepting(
    config: &Config,
    reason: &str,
    caller: &Caller,
    means: &Means,
) -> Result<(Opened, bool), StartError> {
    let opened = match open_initialised(config, means).await {
        Err(error) if error.is_vault_lost() => {
            begin_anew(config, &error, reason, means)?;
            open_initialised(config, means).await?
        }
        opened => opened?,
    };
    let dir = &config.data_dir;
    let Some(Remembered { vault, loss: Some(loss) }) = remembered(dir)? else { return Ok((opened, false)) };
    // An earlier attempt may have recorded it and died before the note was changed.
    let is_on_record = opened.service.peek(|state| state.secrets.has_begun(&vault));
    let recorded = if is_on_record { Ok(()) } else { record(&opened, caller, &vault, loss).await };
    let recorded = recorded.and_then(|()| {
        let done = Remembered { vault, loss: None };
        done.store(dir, &means.disk).map_err(StartError::io(Remembered::path(dir)))
    });
    match recorded {
        Ok(()) => Ok((opened, true)),
        Err(error) => {
            // Why it could not be recorded matters more than how the log closed.
            let _unheard = opened.close().await;
            Err(error)
        }
    }
}

/// Sets aside what is left of the vault, and makes a new one. What a crash leaves in between is refused by a plain start.
fn begin_anew(config: &Config, error: &StartError, reason: &str, means: &Means) -> Result<(), StartError> {
    let (dir, Means { disk, clock, chance }) = (&config.data_dir, means);
    let master = master::read(config)?;
    let _lock = lock(dir)?;
    let path = dir.join("vault");
    if path.exists() {
        let aside = free_place(dir, clock);
        let moved = disk
            .create_dir_all(&aside)
            .and_then(|()| disk.rename(&path, &aside.join("vault")))
            .and_then(|()| disk.sync_dir(&aside))
            .and_then(|()| disk.sync_dir(dir));
        moved.map_err(StartError::io(aside.clone()))?;
        tracing::warn!(aside = %aside.display(), "what is left of the vault was set aside");
    }
    let vault = Vault::open(&path, &master, disk.clone(), chance.clone())?;
    let loss = Some(Loss { reason: reason.trim().to_owned(), found: found(error) });
    let made = Remembered { loss, ..Remembered::new(vault.id()) };
    made.store(dir, disk).map_err(StartError::io(Remembered::path(dir)))
}

async fn record(opened: &Opened, caller: &Caller, vault: &str, loss: Loss) -> Result<(), StartError> {
    let entries = opened.service.unreadable();
    let count = |is: fn(Secret) -> bool| entries.iter().filter(|it| is(it.secret)).count() as u64;
    let event = VaultLossAccepted {
        reason: loss.reason,
        found: loss.found,
        vault: vault.to_owned(),
        passwords: count(|it| matches!(it, Secret::Password(_))),
        totp_seeds: count(|it| matches!(it, Secret::TotpSeed(_))),
        backup_codes: count(|it| matches!(it, Secret::BackupCodes(_))),
        webhook_secrets: count(|it| matches!(it, Secret::WebhookSecret(_))),
        annexes: count(|it| matches!(it, Secret::Annex)),
        reset_passwords_of: of(&entries, |it| matches!(it, Secret::Password(_))),
        reset_mfa_of: of(&entries, |it| matches!(it, Secret::TotpSeed(_) | Secret::BackupCodes(_))),
    };
    let (passwords, seeds) = (event.passwords, event.totp_seeds);
    let done = opened.execute(caller, command::AcceptVaultLoss(event)).await?;
    tracing::warn!(
        position = %done.receipt.position,
        vault = HEXLOWER.encode(&opened.service.vault_id()),
        passwords,
        authenticators = seeds,
        "the loss of the vault was accepted, and is on record: reset these passwords, and the MFA of these people; \
         doctor lists them"
    );
    Ok(())
}

/// The administrators whose these are: the first of them, each once.
fn of(lost: &[Unreadable], is: fn(Secret) -> bool) -> Vec<AdministratorId> {
    let mut people: Vec<_> =
        lost.iter().filter(|it| is(it.secret)).filter_map(|it| it.administrator).collect();
    people.sort_unstable();
    people.dedup();
    people.truncate(LOST_NAMED);
    people
}
