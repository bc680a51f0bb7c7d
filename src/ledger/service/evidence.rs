//! Compares what was typed with what lies in the vault. Only the outcome goes on to the rules.

use mfa_ledger_domain::command::LogIn;
use mfa_ledger_domain::{Evidence, Question, is_person};
use mfa_ledger_schemas::{AdministratorId, CredentialId, Instant, Secret};
use mfa_ledger_vault::{SecretText, backup_codes::BackupCode, totp};

use super::{Failure, Service};

impl Service {
    /// Answers a question of the rules. A secret that is not there was replaced a moment ago: the decision sees another
    /// credential and asks again. Or it is damaged: then nothing fits, at the same cost.
    pub(super) async fn evidence(&self, question: Question<'_>) -> Result<Evidence, Failure> {
        match question {
            Question::Nothing => Ok(Evidence::Nothing),
            Question::Password { with, like, typed } => {
                let stored =
                    with.or(like).and_then(|(of, credential)| self.sealed(credential, Secret::Password(of)));
                let compared = match stored {
                    Some(stored) => self.passwords.verify(&stored, typed).await?,
                    None => self.passwords.verify_nobody(typed).await?,
                };
                // A password that fits the account that only stood in fits nobody.
                let fits = compared && with.is_some();
                Ok(Evidence::Password { credential: with.map(|(_, credential)| credential), fits })
            }
            Question::Totp { administrator, credential, typed } => {
                Ok(self.totp(administrator, credential, typed))
            }
            Question::BackupCode { administrator, backup_codes, typed } => {
                self.backup_code(administrator, backup_codes, typed).await
            }
            Question::Words { annex, given } => {
                let same = self.words(Some(annex)).known().is_some_and(|sealed| given.agrees_with(&sealed));
                Ok(Evidence::Words { annex, same })
            }
            Question::Requester { personal, given } => {
                let sealed = self.personal(Some(personal)).known();
                Ok(Evidence::Requester { personal, fits: sealed.is_some_and(|it| is_person(given, &it)) })
            }
        }
    }

    fn totp(&self, administrator: AdministratorId, credential: CredentialId, typed: &SecretText) -> Evidence {
        let stored = self.sealed(credential, Secret::TotpSeed(administrator));
        let Some(seed) = stored.and_then(|bytes| totp::Seed::from_bytes(&bytes)) else {
            return Evidence::Totp { credential, step: None, drift: None };
        };
        // Codes go by the clock itself, wherever the log has got to.
        let seconds = u64::try_from(Instant::from_unix_ms(self.clock.unix_ms()).unix_seconds()).unwrap_or(0);
        let check = totp::check(&seed, typed.expose(), seconds);
        Evidence::Totp { credential, step: check.accepted_step, drift: check.drift_steps }
    }

    async fn backup_code(
        &self,
        administrator: AdministratorId,
        backup_codes: CredentialId,
        typed: &SecretText,
    ) -> Result<Evidence, Failure> {
        let Some(stored) = self.sealed(backup_codes, Secret::BackupCodes(administrator)) else {
            self.passwords.verify_nobody(typed).await?;
            return Ok(Evidence::BackupCode { backup_codes, index: None });
        };
        let index = match BackupCode::parse(typed.expose()) {
            Some(code) => self.backup_codes.attempt(&stored, &code).await?,
            None => None,
        };
        Ok(Evidence::BackupCode { backup_codes, index })
    }

    /// A log-in with what was typed. The log holds a keyed hash in place of a name that nobody has.
    pub fn log_in(&self, user_name: String, password: SecretText) -> LogIn {
        let mac = self.names.mac(&[user_name.to_lowercase().as_bytes()]);
        LogIn { user_name, name_hash: data_encoding::HEXLOWER.encode(&mac[..16]), password }
    }
}
