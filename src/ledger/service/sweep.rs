//! The sweep: destroys what the vault holds and no event names, at a start and every minute.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::Instant;
use mfa_ledger_vault::EntryId;

use super::{Failure, Service};

/// Entries that are looked for while the state is held. Commands wait for it meanwhile.
pub(super) const AT_ONCE: usize = 1_024;

impl Service {
    /// Destroys vault entries that nothing names any more, and returns how many there were. Entries of commands that
    /// are being carried out are left alone.
    ///
    /// # Errors
    /// [`Failure::ReadOnly`] when there is too little room: a later sweep can do it.
    pub async fn sweep(&self) -> Result<usize, Failure> {
        self.guard.admit().map_err(Failure::ReadOnly)?;
        let now = self.now();
        // In this order: an entry that was put by then is among the drafted, or its record is folded already.
        let (mut entries, doubtful) = (self.vault.ids(), self.vault.doubtful());
        let drafted = self.duties.drafted();
        // A slot whose id may be damaged can be that of an entry that is missing: it stays until none is.
        if !doubtful.is_empty() && self.state().secrets.iter().all(|(id, _)| self.vault.holds(id)) {
            entries.extend(doubtful);
        }
        let pieces = entries.chunks(AT_ONCE);
        let mut orphans: Vec<_> = pieces.flat_map(|ids| orphans(&self.state(), ids, now)).collect();
        orphans.retain(|id| !drafted.contains(id));
        self.duties.owe(&orphans, now);
        self.pay().await
    }
}

/// Those entries of the vault that nothing in the state names.
pub fn orphans(state: &State, entries: &[EntryId], now: Instant) -> Vec<EntryId> {
    entries.iter().copied().filter(|id| !state.secrets.names(id, now)).collect()
}
