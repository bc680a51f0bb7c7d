//! Vault entries that the log names and the vault cannot open. Each costs one value: it is shown as unreadable, or it does
//! not match what somebody typed. Everything else goes on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::{AdministratorId, AnnexId, CredentialId, Secret};
use mfa_ledger_vault::{EntryId, Flaw, Purpose, VaultId};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::Service;
use super::sweep::AT_ONCE;

/// An entry that the log names and the vault cannot open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id.
    pub id: EntryId,
    /// What it should hold.
    pub secret: Secret,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// The administrator whose it is, as far as the log tells.
    pub administrator: Option<AdministratorId>,
}

/// What is known of damaged entries.
#[derive(Default)]
pub(super) struct Damage {
    /// Somebody asked for one.
    met: Notify,
    /// How many there were at the last count.
    count: AtomicUsize,
}

/// A sealed value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value<T> {
    /// Here it is.
    Known(T),
    /// There is none: it was never given, or it was erased.
    #[default]
    None,
    /// There should be one, and its vault entry is damaged or missing.
    Unreadable,
}

impl<T> Value<T> {
    /// The value, where it can be read.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::None | Self::Unreadable => None,
        }
    }

    /// Whether there should be one that cannot be read.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable)
    }
}

/// The id of an entry as the API and the log have it: that of its credential or annex.
pub fn entry_name(id: EntryId, secret: Secret) -> String {
    match secret {
        Secret::Annex => AnnexId::from_bytes(id).to_string(),
        Secret::Password(_) | Secret::TotpSeed(_) | Secret::BackupCodes(_) | Secret::WebhookSecret(_) => {
            CredentialId::from_bytes(id).to_string()
        }
    }
}

impl Service {
    /// The id of the vault.
    pub fn vault_id(&self) -> VaultId {
        self.vault.id()
    }

    /// Whether the vault has any of the entries that the log names, if it names some.
    pub fn holds_named_entries(&self) -> bool {
        let state = self.state();
        state.secrets.is_empty() || state.secrets.iter().any(|(id, _)| self.vault.holds(id))
    }

    /// How many entries the log names.
    pub fn vault_entries(&self) -> usize {
        self.state().secrets.len()
    }

    /// How many of them could not be opened at the last count.
    pub fn damaged_entries(&self) -> usize {
        self.damage.count.load(Ordering::Relaxed)
    }

    /// The entries that the log names and the vault is known not to open, and counts them.
    pub fn unreadable(&self) -> Vec<Unreadable> {
        let mut all: Vec<Unreadable> = Vec::new();
        let mut last = None;
        loop {
            // The state is held meanwhile: an entry is destroyed only once its end is folded.
            let state = self.state();
            let before = last;
            for (id, secret) in state.secrets.behind(before).take(AT_ONCE) {
                last = Some((id, secret));
                if let Some(flaw) = self.vault.flaw(id) {
                    all.push(Unreadable { id, secret, flaw, administrator: secret.administrator() });
                }
            }
            if last == before {
                break;
            }
        }
        if all.iter().any(|it| it.secret == Secret::Annex) {
            let owners = owners(&self.state());
            for it in all.iter_mut().filter(|it| it.secret == Secret::Annex) {
                it.administrator = owners.get(&it.id).copied();
            }
        }
        self.damage.count.store(all.len(), Ordering::Relaxed);
        all
    }

    /// What of an administrator cannot be read: `password`, `totp_seed`, `backup_codes`, `personal_data`.
    pub fn unreadable_of(&self, state: &State, it: &Administrator) -> Vec<&'static str> {
        let enrolled = it.mfa.enrolled.as_ref();
        let pending = it.mfa.pending.as_ref();
        let names = ["password", "totp_seed", "totp_seed", "backup_codes", "personal_data"];
        let entries = [
            Some(it.password.credential.bytes()),
            enrolled.map(|it| it.credential.bytes()),
            pending.map(|it| it.credential.bytes()),
            enrolled.map(|it| it.backup_codes.bytes()),
            it.personal.map(AnnexId::bytes),
        ];
        let flawed = self.vault.flawed(entries);
        let log_names = |id: Option<EntryId>| id.is_some_and(|id| state.secrets.of(&id).is_some());
        let unreadable =
            names.into_iter().zip(entries).zip(flawed).filter(|((_, id), flawed)| *flawed && log_names(*id));
        let mut names: Vec<_> = unreadable.map(|((name, _), _)| name).collect();
        names.dedup();
        names
    }

    /// Opens the entry that the log names behind `after`, and returns it; `None` at the end. What is wrong with it is known
    /// from then on.
    pub fn open_entry_after(&self, after: Option<(EntryId, Secret)>) -> Option<(EntryId, Secret)> {
        let (id, secret) = self.state().secrets.behind(after).next()?;
        let (purpose, owner) = Purpose::of(secret);
        if let Err(error) = self.vault.read(id, purpose, owner) {
            tracing::debug!(entry = entry_name(id, secret), %error, "a vault entry cannot be read");
        }
        Some((id, secret))
    }

    /// Waits until somebody asks for a damaged entry.
    pub async fn damage_met(&self) {
        self.damage.met.notified().await;
    }

    /// What the vault holds for a credential; `None` when it was replaced a moment ago, or cannot be read.
    pub(super) fn sealed(&self, credential: CredentialId, secret: Secret) -> Option<Zeroizing<Vec<u8>>> {
        self.sealed_entry(credential.bytes(), secret).known()
    }

    pub(super) fn sealed_entry(&self, id: EntryId, secret: Secret) -> Value<Zeroizing<Vec<u8>>> {
        let (purpose, owner) = Purpose::of(secret);
        match self.vault.read(id, purpose, owner) {
            Ok(Some(stored)) => Value::Known(stored),
            Ok(None) | Err(_) => self.lost(id),
        }
    }

    /// An entry that does not open. Where an event has ended it meanwhile, there is nothing to open.
    fn lost<T>(&self, id: EntryId) -> Value<T> {
        if self.state().secrets.of(&id).is_none() {
            return Value::None;
        }
        self.damage.met.notify_one();
        Value::Unreadable
    }
}

/// The administrators by the entries that hold their names and addresses.
pub fn owners(state: &State) -> BTreeMap<EntryId, AdministratorId> {
    let all = state.directory.administrators();
    all.filter_map(|it| Some((it.personal?.bytes(), it.id))).collect()
}
