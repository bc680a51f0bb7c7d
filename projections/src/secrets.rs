//! What the vault beside a log must hold: the entries that events named and no event has ended. The one answer to what
//! of a vault is live, for the sweep, `doctor`, backups and restores alike.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use mfa_ledger_schemas::{AnnexId, CredentialId, Event, Instant, Secret};
use serde::{Deserialize, Serialize};

/// The bytes of an entry's id: those of the credential or annex that it belongs to.
pub type EntryId = [u8; 16];

/// The entries that events named and no event has ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Secrets {
    credentials: BTreeMap<CredentialId, Secret>,
    annexes: BTreeSet<AnnexId>,
    /// Replaced keys of webhooks, which sign until a moment and end with it, without an event of their own.
    ending: BTreeMap<CredentialId, Instant>,
    /// The vault that began when the loss of the one before was accepted, by its id in hexadecimal.
    begun: Option<String>,
}

impl Secrets {
    /// Takes the next effective event.
    pub fn take(&mut self, event: &Event) {
        self.annexes.extend(event.annex().map(|annex| annex.id));
        self.credentials.extend(event.created_secret());
        for id in event.ended_entries() {
            self.end(id);
        }
        if let Event::VaultLossAccepted(loss) = event {
            self.begun = Some(loss.vault.clone());
        }
        if let Event::WebhookSecretRotated(rotated) = event
            && self.credentials.remove(&rotated.replaced).is_some()
        {
            self.ending.insert(rotated.replaced, rotated.signs_until);
        }
    }

    /// Whether an entry is live: it was named, and neither an event nor its time has ended it.
    pub fn names(&self, id: &EntryId, now: Instant) -> bool {
        let signs = self.ending.get(&CredentialId::from_bytes(*id)).is_some_and(|until| now < *until);
        signs || self.of(id).is_some()
    }

    /// Whether a vault began after an accepted loss: it need not have what the log named before. By its id in hexadecimal.
    pub fn has_begun(&self, vault: &str) -> bool {
        self.begun.as_deref() == Some(vault)
    }

    /// What an entry holds that a vault must have; `None` for one that it may be without.
    pub fn of(&self, id: &EntryId) -> Option<Secret> {
        if self.annexes.contains(&AnnexId::from_bytes(*id)) {
            return Some(Secret::Annex);
        }
        self.credentials.get(&CredentialId::from_bytes(*id)).copied()
    }

    /// Every entry that a vault must have, and what it holds. Replaced keys of webhooks are not among them.
    pub fn iter(&self) -> impl Iterator<Item = (EntryId, Secret)> {
        self.behind(None)
    }

    /// The same behind `after` in the order of ids, annexes last; from the first on where there is none.
    pub fn behind(&self, after: Option<(EntryId, Secret)>) -> impl Iterator<Item = (EntryId, Secret)> {
        let (credentials, annexes) = match after {
            None => (Some(Bound::Unbounded), Bound::Unbounded),
            Some((id, Secret::Annex)) => (None, Bound::Excluded(AnnexId::from_bytes(id))),
            Some((id, _)) => (Some(Bound::Excluded(CredentialId::from_bytes(id))), Bound::Unbounded),
        };
        let credentials =
            credentials.into_iter().flat_map(|from| self.credentials.range((from, Bound::Unbounded)));
        let annexes = self.annexes.range((annexes, Bound::Unbounded));
        let credentials = credentials.map(|(id, secret)| (id.bytes(), *secret));
        credentials.chain(annexes.map(|id| (id.bytes(), Secret::Annex)))
    }

    /// How many entries a vault must have.
    pub fn len(&self) -> usize {
        self.credentials.len() + self.annexes.len()
    }

    /// Whether a vault need not have any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn end(&mut self, id: EntryId) {
        self.annexes.remove(&AnnexId::from_bytes(id));
        self.credentials.remove(&CredentialId::from_bytes(id));
        self.ending.remove(&CredentialId::from_bytes(id));
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_schemas::AdministratorId;

    use super::*;

    #[test]
    fn entries_are_read_on_from_each_of_them() {
        let secret = Secret::Password(AdministratorId::from_bytes([9; 16]));
        let secrets = Secrets {
            credentials: [1, 3].map(|id| (CredentialId::from_bytes([id; 16]), secret)).into(),
            annexes: [2, 4].map(|id| AnnexId::from_bytes([id; 16])).into(),
            ..Secrets::default()
        };
        let all: Vec<_> = secrets.iter().collect();
        let annex = Secret::Annex;
        assert_eq!(all, [([1; 16], secret), ([3; 16], secret), ([2; 16], annex), ([4; 16], annex)]);
        for (at, entry) in all.iter().enumerate() {
            assert_eq!(secrets.behind(Some(*entry)).collect::<Vec<_>>(), all[at + 1..], "{at}");
        }
        // One that was ended meanwhile is as good.
        assert_eq!(secrets.behind(Some(([2; 16], secret))).count(), 3);
    }
}
