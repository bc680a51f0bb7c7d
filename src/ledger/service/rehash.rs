//! Passwords are hashed again where `hashing.*` has changed since: the cost of a guess is that of now for everybody who has
//! signed in since, and so is the time of an answer.

use std::sync::Arc;

use mfa_ledger_domain::command::RehashPassword;
use mfa_ledger_schemas::bodies::SessionStarted;
use mfa_ledger_schemas::{CredentialId, Secret};
use mfa_ledger_vault::SecretText;

use super::{Done, Service};

/// What does it, for the record.
const HASHING: &str = "hashing";

impl Service {
    /// Hashes a password again that has just opened a session, where its hash has another cost than new ones. Where that
    /// fails the hash stays as it is: the next log-in tries again.
    pub async fn rehash(self: &Arc<Self>, started: &Done<SessionStarted>, password: SecretText) {
        let administrator = started.event.administrator;
        let known = self.state().directory.administrator(administrator).map(|it| it.password.credential);
        let Some(replaced) = known.filter(|credential| self.is_outdated(*credential, started)) else {
            return;
        };
        // One that was chosen since has the cost of now, and is never replaced by this one.
        let command = RehashPassword { administrator, replaced, password };
        let done = match self.reaction(HASHING, started.receipt.position).await {
            Ok(call) => self.execute(call, command).await.map(drop),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = done {
            tracing::warn!(%failure, "a password was not hashed at the cost of now; its next log-in tries again");
        }
    }

    fn is_outdated(&self, credential: CredentialId, started: &Done<SessionStarted>) -> bool {
        let stored = self.sealed(credential, Secret::Password(started.event.administrator));
        stored.is_some_and(|stored| self.passwords.is_outdated(&stored))
    }
}
