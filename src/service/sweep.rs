//! At start: destroy what no live credential or annex names.

use std::collections::BTreeSet;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::Instant;

use super::{Failure, Service};
use crate::vault::EntryId;

impl Service {
    /// Destroys vault entries that nothing names any more, and tells how many. To be called before the
    /// first command: an entry is put shortly before the record that names it.
    ///
    /// # Errors
    /// [`Failure::ReadOnly`] when there is too little room: the next start can do it.
    pub async fn sweep(&self) -> Result<usize, Failure> {
        self.guard.admit().map_err(Failure::ReadOnly)?;
        let now = self.now();
        let orphans = orphans(&self.state(), self.vault.ids(), now);
        if orphans.is_empty() {
            return Ok(0);
        }
        Ok(self.vault.destroy(&orphans).await?)
    }
}

/// Those entries of the vault that nothing in the state names.
pub fn orphans(state: &State, entries: Vec<EntryId>, now: Instant) -> Vec<EntryId> {
    let live = live(state, now);
    entries.into_iter().filter(|id| !live.contains(id)).collect()
}

fn live(state: &State, now: Instant) -> BTreeSet<EntryId> {
    let mut live = BTreeSet::new();
    for it in state.directory.administrators() {
        live.insert(it.password.credential.bytes());
        live.extend(it.mfa.pending.iter().map(|pending| pending.credential.bytes()));
        if let Some(enrolled) = &it.mfa.enrolled {
            live.insert(enrolled.credential.bytes());
            live.insert(enrolled.backup_codes.bytes());
        }
        live.extend(it.annexes.iter().map(|annex| annex.bytes()));
        live.extend(it.personal.iter().map(|annex| annex.bytes()));
    }
    for it in state.webhooks.iter() {
        live.insert(it.secret.bytes());
        live.extend(it.replaced_secret(now).map(mfa_ledger_schemas::CredentialId::bytes));
    }
    live
}
