//! From what a caller wants to a command that can be decided: secrets are compared here, and only the
//! outcome goes on.

use mfa_ledger_domain::command::{
    AcknowledgeAlert, ApproveMfaReset, ChangeAdministrator, ConfirmMfaEnrollment, CreateServiceAccount,
    CreateWebhook, DeactivateAdministrator, DeclineMfaReset, DisableMfa, EndSilence, EnrollMfa,
    ErasePersonalData, ExportActivity, FactorProof, LogIn, LookBack, PasswordProof, ReactivateAdministrator,
    ReadActivity, RecordFollowUp, RegenerateBackupCodes, RegisterAdministrator, RemoveWebhook,
    ReportSuspiciousRequest, RepudiateReset, RequestMfaReset, ResendDelivery, ResetMfa, ResetPassword,
    ResolveAlert, RevokeServiceAccount, RevokeSessions, RotateWebhookSecret, SetPassword, SilenceRule,
    TestWebhook, VerifyForHost, VerifySecondFactor,
};
use mfa_ledger_domain::{Caller, Command, account, policy};
use mfa_ledger_schemas::{AdministratorId, CredentialId, Factor, Instant, Secret};
use mfa_ledger_vault::{SecretText, backup_codes::BackupCode, totp};

use super::draft::{Draft, own};
use super::intent::{Intent, TypedFactor};
use super::{Call, Failure, Service};

impl Service {
    pub(super) async fn command(
        &self,
        call: &Call,
        intent: &Intent,
        draft: &Draft,
    ) -> Result<Command, Failure> {
        let own = own(&call.caller);
        let address = call.origin.address.clone();
        Ok(match intent {
            Intent::LogIn { user_name, password } => {
                let name_hash = self.name_hash(user_name);
                let proof = self.password_proof(user_name, &name_hash, password, address.as_deref()).await?;
                let user_name = user_name.clone();
                Command::LogIn(LogIn { user_name, name_hash, proof, session: draft.session, address })
            }
            Intent::SetPassword { current, new } => self.set_password(own, current, new, draft).await?,
            Intent::VerifySecondFactor { factor } => {
                let proof = self.factor_proof(own, factor).await?;
                Command::VerifySecondFactor(VerifySecondFactor { proof, address })
            }
            Intent::VerifyForHost { administrator, factor } => {
                let allowed = self.may_verify(&call.caller);
                let proof = self.factor_proof(allowed.then_some(*administrator), factor).await?;
                Command::VerifyForHost(VerifyForHost { administrator: *administrator, proof })
            }
            Intent::ConfirmMfaEnrollment { code } => {
                let proof = self.pending_proof(own, code);
                Command::ConfirmMfaEnrollment(ConfirmMfaEnrollment { proof, backup_codes: draft.credential })
            }
            Intent::DisableMfa { code } => {
                Command::DisableMfa(DisableMfa { proof: self.code_proof(own, code) })
            }
            Intent::RegenerateBackupCodes { code } => {
                let proof = self.code_proof(own, code);
                Command::RegenerateBackupCodes(RegenerateBackupCodes {
                    proof,
                    backup_codes: draft.credential,
                })
            }
            plain => without_evidence(plain, draft),
        })
    }

    /// A keyed hash of a user name, for the log.
    fn name_hash(&self, user_name: &str) -> String {
        let mac = self.names.mac(&[user_name.to_lowercase().as_bytes()]);
        data_encoding::HEXLOWER.encode(&mac[..16])
    }

    async fn password_proof(
        &self,
        user_name: &str,
        name_hash: &str,
        password: &SecretText,
        address: Option<&str>,
    ) -> Result<PasswordProof, Failure> {
        let now = self.now();
        let known = {
            let state = self.state();
            if policy::password_wait(&state, user_name, name_hash, address, now).is_some() {
                return Ok(PasswordProof::NotLooked);
            }
            state.directory.by_user_name(user_name).map(|it| (it.id, it.password.credential))
        };
        let Some((administrator, credential)) = known else {
            // The same work as for a user who exists, so that time tells nothing.
            let fits = self.passwords.verify_nobody(password).await?;
            return Ok(PasswordProof::Compared { credential: None, fits });
        };
        self.compare_password(administrator, credential, password).await
    }

    async fn compare_password(
        &self,
        administrator: AdministratorId,
        credential: CredentialId,
        password: &SecretText,
    ) -> Result<PasswordProof, Failure> {
        let stored = self.sealed(credential, Secret::Password(administrator));
        let fits = match stored {
            Some(stored) => self.passwords.verify(&stored, password).await?,
            // Replaced a moment ago: the decision sees another credential and asks again. Or damaged: then no password
            // matches, at the same cost.
            None => self.passwords.verify_nobody(password).await?,
        };
        Ok(PasswordProof::Compared { credential: Some(credential), fits })
    }

    async fn set_password(
        &self,
        own: Option<AdministratorId>,
        current: &SecretText,
        new: &SecretText,
        draft: &Draft,
    ) -> Result<Command, Failure> {
        let now = self.now();
        let known = own.and_then(|id| {
            let state = self.state();
            // Too early: the decision refuses it, and hashing would only cost time.
            if policy::own_password_wait(&state, id, now).is_some() {
                return None;
            }
            state.directory.administrator(id).map(|it| (it.id, it.password.credential, it.user_name.clone()))
        });
        let (current, acceptable) = match known {
            None => (PasswordProof::NotLooked, false),
            Some((id, credential, user_name)) => (
                self.compare_password(id, credential, current).await?,
                account::password_is_acceptable(new.expose(), &user_name),
            ),
        };
        Ok(Command::SetPassword(SetPassword { current, password: draft.credential, acceptable }))
    }

    fn may_verify(&self, caller: &Caller) -> bool {
        let Caller::ServiceAccount(id) = caller else { return false };
        let now = self.now();
        let state = self.state();
        policy::live_account(&state.directory, *id, now)
            .is_some_and(|account| account.scopes.contains(&mfa_ledger_schemas::Scope::VerifySecondFactor))
    }

    async fn factor_proof(
        &self,
        administrator: Option<AdministratorId>,
        factor: &TypedFactor,
    ) -> Result<FactorProof, Failure> {
        match factor {
            TypedFactor::Code(code) => Ok(self.code_proof(administrator, code)),
            TypedFactor::BackupCode(code) => self.backup_code_proof(administrator, code).await,
        }
    }

    fn code_proof(&self, id: Option<AdministratorId>, code: &SecretText) -> FactorProof {
        let now = self.now();
        let credential = id.and_then(|id| {
            let state = self.state();
            let it = state.directory.administrator(id)?;
            let wait = it.throttles.totp.next_attempt.is_some_and(|next| next > now);
            it.mfa
                .enrolled
                .as_ref()
                .filter(|enrolled| !wait && !enrolled.totp_blocked)
                .map(|it| it.credential)
        });
        self.totp_proof(id.zip(credential), code)
    }

    fn pending_proof(&self, id: Option<AdministratorId>, code: &SecretText) -> FactorProof {
        let now = self.now();
        let credential = id.and_then(|id| {
            let state = self.state();
            let it = state.directory.administrator(id)?;
            let wait = it.throttles.totp.next_attempt.is_some_and(|next| next > now);
            it.mfa.pending.as_ref().filter(|_| !wait).map(|pending| pending.credential)
        });
        self.totp_proof(id.zip(credential), code)
    }

    fn totp_proof(&self, seed_of: Option<(AdministratorId, CredentialId)>, code: &SecretText) -> FactorProof {
        let Some((administrator, credential)) = seed_of else { return FactorProof::NotLooked(Factor::Totp) };
        let stored = self.sealed(credential, Secret::TotpSeed(administrator));
        let Some(seed) = stored.and_then(|bytes| totp::Seed::from_bytes(&bytes)) else {
            // Replaced a moment ago: the decision sees another credential and asks again. Or damaged: no code matches.
            return FactorProof::Totp { credential, step: None, drift: None };
        };
        // Codes go by the clock itself, wherever the log has got to.
        let seconds = u64::try_from(Instant::from_unix_ms(self.clock.unix_ms()).unix_seconds()).unwrap_or(0);
        let check = totp::check(&seed, code.expose(), seconds);
        FactorProof::Totp { credential, step: check.accepted_step, drift: check.drift_steps }
    }

    async fn backup_code_proof(
        &self,
        id: Option<AdministratorId>,
        code: &SecretText,
    ) -> Result<FactorProof, Failure> {
        let not_looked = FactorProof::NotLooked(Factor::BackupCode);
        let now = self.now();
        let found = id.and_then(|id| {
            let state = self.state();
            let it = state.directory.administrator(id)?;
            let wait = it.throttles.backup_code.next_attempt.is_some_and(|next| next > now);
            let enrolled = it.mfa.enrolled.as_ref().filter(|it| !wait && !it.backup_codes_blocked)?;
            Some((id, enrolled.backup_codes))
        });
        let Some((administrator, backup_codes)) = found else { return Ok(not_looked) };
        let Some(stored) = self.sealed(backup_codes, Secret::BackupCodes(administrator)) else {
            // As with a damaged seed, at the cost of a comparison.
            self.passwords.verify_nobody(code).await?;
            return Ok(FactorProof::BackupCode { backup_codes, index: None });
        };
        let index = match BackupCode::parse(code.expose()) {
            Some(code) => self.backup_codes.attempt(&stored, &code).await?,
            None => None,
        };
        Ok(FactorProof::BackupCode { backup_codes, index })
    }
}

fn without_evidence(intent: &Intent, draft: &Draft) -> Command {
    let annex = || draft.annex.clone();
    match intent {
        Intent::RegisterAdministrator { user_name, role, super_administrator, .. } => {
            Command::RegisterAdministrator(RegisterAdministrator {
                administrator: draft.administrator,
                user_name: user_name.clone(),
                role: role.clone(),
                super_administrator: *super_administrator,
                password: draft.credential,
                personal: annex().expect("a registration always has personal data"),
            })
        }
        Intent::ChangeAdministrator { administrator, user_name, super_administrator, .. } => {
            Command::ChangeAdministrator(ChangeAdministrator {
                administrator: *administrator,
                user_name: user_name.clone(),
                super_administrator: *super_administrator,
                personal: annex(),
            })
        }
        Intent::DeactivateAdministrator { administrator, .. } => {
            Command::DeactivateAdministrator(DeactivateAdministrator {
                administrator: *administrator,
                note: annex(),
            })
        }
        Intent::ReactivateAdministrator { administrator, .. } => {
            Command::ReactivateAdministrator(ReactivateAdministrator {
                administrator: *administrator,
                note: annex(),
            })
        }
        Intent::ResetPassword { administrator } => Command::ResetPassword(ResetPassword {
            administrator: *administrator,
            password: draft.credential,
        }),
        Intent::ErasePersonalData { administrator } => {
            Command::ErasePersonalData(ErasePersonalData { administrator: *administrator })
        }
        Intent::DefineRole(role) => Command::DefineRole(role.clone()),
        Intent::AssignRole(assignment) => Command::AssignRole(assignment.clone()),
        Intent::ChangeSettings(change) => Command::ChangeSettings((**change).clone()),
        Intent::RevokeSessions { administrator } => {
            Command::RevokeSessions(RevokeSessions { administrator: *administrator })
        }
        Intent::EnrollMfa => Command::EnrollMfa(EnrollMfa { credential: draft.credential }),
        Intent::CancelMfaEnrollment => Command::CancelMfaEnrollment,
        Intent::CreateServiceAccount { name, scopes, expires } => {
            Command::CreateServiceAccount(CreateServiceAccount {
                service_account: draft.service_account,
                name: name.clone(),
                scopes: scopes.iter().copied().collect(),
                expires: *expires,
            })
        }
        Intent::RevokeServiceAccount { service_account } => {
            Command::RevokeServiceAccount(RevokeServiceAccount { service_account: *service_account })
        }
        Intent::ReadActivity { query } => Command::ReadActivity(ReadActivity { query: query.clone() }),
        Intent::LookBack { query, right } => {
            Command::LookBack(LookBack { query: query.clone(), right: *right })
        }
        Intent::ExportActivity { format, query } => {
            Command::ExportActivity(ExportActivity { format: format.clone(), query: query.clone() })
        }
        Intent::AcceptLoss(loss) => Command::AcceptLoss(loss.clone()),
        Intent::AcceptVaultLoss(loss) => Command::AcceptVaultLoss(loss.clone()),
        Intent::RotateSigningKey(rotated) => Command::RotateSigningKey(rotated.clone()),
        other => around_an_alert(other, draft),
    }
}

fn around_an_alert(intent: &Intent, draft: &Draft) -> Command {
    let note = draft.annex.clone();
    match intent {
        Intent::RaiseAlert(alert) => Command::RaiseAlert((**alert).clone()),
        Intent::AcknowledgeAlert { alert, .. } => {
            Command::AcknowledgeAlert(AcknowledgeAlert { alert: *alert, note })
        }
        Intent::ResolveAlert { alert, false_positive, .. } => {
            Command::ResolveAlert(ResolveAlert { alert: *alert, false_positive: *false_positive, note })
        }
        Intent::SilenceRule { rule, group, hours, .. } => Command::SilenceRule(SilenceRule {
            silence: draft.silence,
            rule: rule.clone(),
            group: group.clone(),
            hours: *hours,
            note,
        }),
        Intent::EndSilence { silence } => Command::EndSilence(EndSilence { silence: *silence }),
        Intent::RecordNotification(notification) => Command::RecordNotification(notification.clone()),
        other => around_a_webhook(other, draft),
    }
}

fn around_a_webhook(intent: &Intent, draft: &Draft) -> Command {
    match intent {
        Intent::CreateWebhook { url, actions, form, signing, description } => {
            Command::CreateWebhook(CreateWebhook {
                webhook: draft.webhook,
                url: url.clone(),
                actions: actions.clone(),
                form: *form,
                signing: *signing,
                description: description.clone(),
                secret: draft.credential,
            })
        }
        Intent::ChangeWebhook(change) => Command::ChangeWebhook(change.clone()),
        Intent::RotateWebhookSecret { webhook } => {
            Command::RotateWebhookSecret(RotateWebhookSecret { webhook: *webhook, secret: draft.credential })
        }
        Intent::RemoveWebhook { webhook } => Command::RemoveWebhook(RemoveWebhook { webhook: *webhook }),
        Intent::DisableWebhook(disable) => Command::DisableWebhook(disable.clone()),
        Intent::TestWebhook { webhook } => Command::TestWebhook(TestWebhook { webhook: *webhook }),
        Intent::ResendDelivery { webhook, position } => {
            Command::ResendDelivery(ResendDelivery { webhook: *webhook, position: *position })
        }
        other => around_a_reset(other, draft),
    }
}

fn around_a_reset(intent: &Intent, draft: &Draft) -> Command {
    let note = || draft.annex.clone();
    match intent {
        Intent::ResetMfa { administrator, documented, confirmation } => Command::ResetMfa(ResetMfa {
            administrator: *administrator,
            story: documented.story(draft),
            confirmation: confirmation.clone(),
        }),
        Intent::RequestMfaReset { administrator, documented } => Command::RequestMfaReset(RequestMfaReset {
            reset_request: draft.reset_request,
            administrator: *administrator,
            story: documented.story(draft),
        }),
        Intent::ApproveMfaReset { reset_request, .. } => {
            Command::ApproveMfaReset(ApproveMfaReset { reset_request: *reset_request, note: note() })
        }
        Intent::DeclineMfaReset { reset_request, .. } => {
            Command::DeclineMfaReset(DeclineMfaReset { reset_request: *reset_request, note: note() })
        }
        Intent::ReportSuspiciousRequest { administrator, reset_request, red_flags, .. } => {
            Command::ReportSuspiciousRequest(ReportSuspiciousRequest {
                administrator: *administrator,
                reset_request: *reset_request,
                red_flags: red_flags.iter().copied().collect(),
                words: note(),
            })
        }
        Intent::RecordFollowUp { reset, notified, .. } => {
            Command::RecordFollowUp(RecordFollowUp { reset: *reset, notified: *notified, note: note() })
        }
        Intent::RepudiateReset { reset, .. } => {
            Command::RepudiateReset(RepudiateReset { reset: *reset, note: note() })
        }
        _ => Command::LogOut,
    }
}
