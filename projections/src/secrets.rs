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
        self.annexes.extend(event.annexes().iter().map(|annex| annex.id));
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
        let credentials = self.credentials.iter().map(|(id, secret)| (id.bytes(), *secret));
        credentials.chain(self.annexes.iter().map(|id| (id.bytes(), Secret::Annex)))
    }

    /// The entry behind `after` in the order of ids, annexes last, and what it holds; the first where there is none.
    pub fn after(&self, after: Option<(EntryId, Secret)>) -> Option<(EntryId, Secret)> {
        let first_annex = match after {
            Some((id, Secret::Annex)) => (Bound::Excluded(AnnexId::from_bytes(id)), Bound::Unbounded),
            before => {
                let from =
                    before.map_or(Bound::Unbounded, |(id, _)| Bound::Excluded(CredentialId::from_bytes(id)));
                if let Some((id, secret)) = self.credentials.range((from, Bound::Unbounded)).next() {
                    return Some((id.bytes(), *secret));
                }
                (Bound::Unbounded, Bound::Unbounded)
            }
        };
        self.annexes.range(first_annex).next().map(|id| (id.bytes(), Secret::Annex))
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
