//! How records change the directory.

mod accounts;
mod sessions;

use mfa_ledger_schemas::bodies::{self, MfaReset};
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    AdministratorId, CommandName, CredentialId, Event, Factor, Instant, Outcome, Position, Record,
    RefusalCode, ResetRequestId, SessionId, SessionStage,
};

use super::{Directory, ResetRequest, ResetRequestStage, ServiceAccount, TriedName};
use crate::administrator::{Enrolled, Mfa, Password, Pending, Suspicion};
use crate::{Administrator, Throttle};

const DAY_HOURS: i64 = 24;

impl Directory {
    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        self.drop_expired_sessions(record.at);
        match &record.event {
            Event::AdministratorRegistered(event) => self.register(position, record, event),
            Event::AdministratorChanged(event) => self.change(record, event),
            Event::AdministratorDeactivated(event) => self.deactivate(event),
            Event::AdministratorReactivated(event) => self.reactivate(record, event),
            Event::PasswordSet(event) => {
                let kept = record.actor.session;
                self.set_password(event.administrator, event.password, None, record.at, kept);
                self.with(event.administrator, |it| it.throttles.own_password = Throttle::default());
            }
            Event::PasswordRehashed(event) => {
                self.with(event.administrator, |it| it.password.credential = event.password);
            }
            Event::PasswordReset(event) => {
                self.set_password(event.administrator, event.password, Some(event.expires), record.at, None);
                let seen_by = record.actor.administrator.map(|by| (by, record.at));
                self.with(event.administrator, |it| it.password_seen_by = seen_by);
            }
            Event::RoleDefined(_)
            | Event::RoleAssigned(_)
            | Event::SettingsChanged(_)
            | Event::ServiceAccountCreated(_)
            | Event::ServiceAccountRevoked(_)
            | Event::ServiceAccountResumed(_) => self.apply_settings(position, record),
            Event::LogRestored(_) => self.restored(record.at),
            Event::PersonalDataErased(event) => self.erase(event),
            Event::CommandRefused(event) => self.count_wrong_password(record, event),
            Event::ActivityRead(event) => self.note_reading(record, event.minute),
            Event::ActivityExported(event) => self.note_reading(record, event.minute),
            Event::SessionStarted(_)
            | Event::LogInFailed(_)
            | Event::SecondFactorVerified(_)
            | Event::BackupCodeUsed(_)
            | Event::SecondFactorFailed(_)
            | Event::SessionEnded(_)
            | Event::SessionsRevoked(_) => self.apply_session(record),
            Event::MfaEnrollmentStarted(_)
            | Event::MfaEnrollmentCancelled(_)
            | Event::MfaEnabled(_)
            | Event::MfaDisabled(_)
            | Event::BackupCodesRegenerated(_) => self.apply_mfa(record),
            Event::MfaReset(_)
            | Event::MfaResetRequested(_)
            | Event::MfaResetApproved(_)
            | Event::MfaResetDeclined(_)
            | Event::SuspiciousRequestReported(_)
            | Event::SuspicionCleared(_)
            | Event::ResetRepudiated(_) => self.apply_reset(position, record),
            // Nothing of the directory. Each is named, so that an event that is added is thought of.
            Event::FollowUpRecorded(_)
            | Event::AlertRaised(_)
            | Event::AlertAcknowledged(_)
            | Event::AlertResolved(_)
            | Event::RuleSilenced(_)
            | Event::SilenceEnded(_)
            | Event::NotificationRecorded(_)
            | Event::LossAccepted(_)
            | Event::VaultLossAccepted(_)
            | Event::SigningKeyRotated(_)
            | Event::WebhookCreated(_)
            | Event::WebhookChanged(_)
            | Event::WebhookSecretRotated(_)
            | Event::WebhookRemoved(_)
            | Event::WebhookDisabled(_)
            | Event::WebhookTested(_)
            | Event::DeliveryResent(_) => {}
        }
        self.note_target(position, record);
    }

    fn apply_settings(&mut self, position: Position, record: &Record) {
        match &record.event {
            Event::RoleDefined(event) => self.define_role(position, record, event),
            Event::RoleAssigned(event) => {
                self.with(event.administrator, |it| it.role = event.role.clone());
                self.note_rise(event.administrator, record);
            }
            Event::SettingsChanged(event) => {
                self.settings = Some(event.settings.clone());
                self.settings_version = position;
            }
            Event::ServiceAccountCreated(event) => self.create_service_account(record, event),
            Event::ServiceAccountRevoked(event) => {
                if let Some(account) = self.service_accounts.get_mut(&event.service_account) {
                    account.revoked = true;
                }
            }
            Event::ServiceAccountResumed(event) => {
                if let Some(account) = self.service_accounts.get_mut(&event.service_account) {
                    account.suspended = false;
                }
            }
            _ => {}
        }
    }

    fn apply_mfa(&mut self, record: &Record) {
        match &record.event {
            Event::MfaEnrollmentStarted(event) => self.with(event.administrator, |it| {
                it.mfa.pending = Some(Pending { credential: event.credential, expires: event.expires });
            }),
            Event::MfaEnrollmentCancelled(event) => {
                self.with(event.administrator, |it| it.mfa.pending = None);
            }
            Event::MfaEnabled(event) => self.enable(record, event),
            Event::MfaDisabled(event) => {
                self.end_sessions(event.administrator, record.actor.session);
                self.with(event.administrator, |it| {
                    it.mfa = Mfa::default();
                    it.last_step = it.last_step.max(event.step);
                    *it.throttles.factor_mut(event.factor) = Throttle::default();
                    it.last_used = Some((event.factor, record.at));
                });
            }
            Event::BackupCodesRegenerated(event) => self.with(event.administrator, |it| {
                it.last_step = it.last_step.max(Some(event.step));
                it.throttles.totp = Throttle::default();
                it.last_used = Some((Factor::Totp, record.at));
                if let Some(enrolled) = &mut it.mfa.enrolled {
                    enrolled.backup_codes = event.backup_codes;
                    enrolled.unused = (0..event.backup_codes_count).collect();
                    enrolled.backup_codes_blocked = false;
                }
            }),
            _ => {}
        }
    }

    fn apply_reset(&mut self, position: Position, record: &Record) {
        match &record.event {
            Event::MfaReset(event) => self.reset(position, record, event),
            Event::MfaResetRequested(event) => {
                let request = ResetRequest {
                    id: event.reset_request,
                    position,
                    target: event.administrator,
                    requester: record.actor.clone(),
                    at: record.at,
                    expires: event.expires,
                    story: event.story.clone(),
                    stage: ResetRequestStage::Open,
                };
                self.reset_requests.insert(request.id, request);
            }
            Event::MfaResetApproved(event) => {
                if let Some(by) = record.actor.administrator {
                    self.move_request(event.reset_request, ResetRequestStage::Approved { by, at: record.at });
                }
            }
            Event::MfaResetDeclined(event) => {
                self.move_request(event.reset_request, ResetRequestStage::Declined);
            }
            Event::SuspiciousRequestReported(event) => {
                if let Some(request) = event.reset_request {
                    self.move_request(request, ResetRequestStage::Suspicious);
                }
                if let Some(until) = event.suspected_until {
                    let by = record.actor.name.clone();
                    let suspicion = Suspicion { position, at: record.at, by, until, cleared_by: None };
                    self.with(event.administrator, |it| it.suspicion = Some(suspicion));
                }
            }
            Event::SuspicionCleared(event) => self.with(event.administrator, |it| {
                let cleared_by = record.actor.administrator;
                it.suspicion = it.suspicion.take().filter(|_| cleared_by.is_some());
                if let Some(suspicion) = &mut it.suspicion {
                    suspicion.cleared_by = cleared_by;
                }
            }),
            Event::ResetRepudiated(event) => {
                self.end_sessions(event.administrator, None);
                self.with(event.administrator, |it| {
                    it.frozen = it.frozen || event.frozen;
                    if event.frozen {
                        it.denied.insert(event.reset);
                        it.manages_mfa_since = None;
                    }
                });
            }
            _ => {}
        }
    }

    fn with(&mut self, id: AdministratorId, change: impl FnOnce(&mut Administrator)) {
        if let Some(administrator) = self.administrators.get_mut(&id) {
            change(administrator);
        }
    }

    fn set_password(
        &mut self,
        id: AdministratorId,
        credential: CredentialId,
        expires: Option<Instant>,
        set_at: Instant,
        kept: Option<SessionId>,
    ) {
        self.end_sessions(id, kept);
        if let Some(slowed) = self.slowed.get_mut(&TriedName::Account(id)) {
            slowed.next_attempt = None;
        }
        self.with(id, |it| {
            it.password = Password::new(credential, expires, set_at);
            // A block is lifted by a new password; the count is not (NIST SP 800-63B-4, 3.2.2).
            for throttle in [&mut it.throttles.password_known, &mut it.throttles.password_unknown] {
                throttle.next_attempt = None;
            }
        });
    }

    /// A wrong current password counts; a refusal that came too early repeats the moment and does not.
    fn count_wrong_password(&mut self, record: &Record, event: &bodies::CommandRefused) {
        let is_wrong = event.command == CommandName::SetPassword && event.code == RefusalCode::WrongPassword;
        let Some(id) = record.actor.administrator.filter(|_| is_wrong) else { return };
        self.with(id, |it| {
            let throttle = &mut it.throttles.own_password;
            if event.retry_at.is_none() || event.retry_at != throttle.next_attempt {
                let consecutive = throttle.consecutive.saturating_add(1);
                *throttle = Throttle { consecutive, next_attempt: event.retry_at };
            }
        });
    }

    /// What was revoked after the moment that the log went on from may not come back with it.
    fn restored(&mut self, at: Instant) {
        for session in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.end_session(session);
        }
        for enrolled in self.administrators.values_mut().filter_map(|it| it.mfa.enrolled.as_mut()) {
            enrolled.unused.clear();
        }
        for account in self.service_accounts.values_mut() {
            account.suspended = true;
        }
        for request in self.reset_requests.values_mut() {
            request.expires = request.expires.min(at);
        }
    }

    fn create_service_account(&mut self, record: &Record, event: &bodies::ServiceAccountCreated) {
        let account = ServiceAccount {
            id: event.service_account,
            name: event.name.clone(),
            scopes: event.scopes.iter().copied().collect(),
            expires: event.expires,
            created_at: record.at,
            created_by: record.actor.name.clone(),
            revoked: false,
            suspended: false,
        };
        self.service_accounts.insert(account.id, account);
    }

    fn erase(&mut self, event: &bodies::PersonalDataErased) {
        self.with(event.administrator, |it| {
            for annex in &event.annexes {
                it.annexes.remove(annex);
                if it.personal == Some(*annex) {
                    it.personal = None;
                }
            }
        });
    }

    fn enable(&mut self, record: &Record, event: &bodies::MfaEnabled) {
        let at = record.at;
        let stage = self.sessions.get(&event.session).map(|session| session.stage);
        self.end_sessions(event.administrator, Some(event.session));
        self.refresh(Some(event.session), Some(event.expires), at);
        self.with(event.administrator, |it| {
            it.mfa.pending = None;
            it.mfa.enrolled = Some(Enrolled {
                credential: event.credential,
                at,
                backup_codes: event.backup_codes,
                unused: (0..event.backup_codes_count).collect(),
                totp_blocked: false,
                backup_codes_blocked: false,
            });
            // Of a new seed no step was accepted before.
            it.last_step = Some(event.step);
            it.last_used = Some((Factor::Totp, at));
            // The counters stay: whoever enrolls holds the seed, so that its first code proves nothing about
            // whom the failures were held against (NIST SP 800-63B-4: a new secret resets no counter).
            // Whoever was made to enroll has finished the log-in with it.
            if stage == Some(SessionStage::Enroll) {
                it.last_log_in = Some(at);
                it.remember(record.origin.address.as_deref());
            }
        });
    }

    fn reset(&mut self, position: Position, record: &Record, event: &MfaReset) {
        self.end_sessions(event.administrator, None);
        let day_ago = record.at.plus_hours(-DAY_HOURS);
        self.with(event.administrator, |it| {
            it.mfa = Mfa::default();
            it.last_reset = Some(position);
            it.epoch = event.epoch;
            it.recent_resets.retain(|at| *at > day_ago);
            it.recent_resets.push_back(record.at);
        });
        let hour_ago = record.at.plus_hours(-1);
        if let Some(actor) = record.actor.administrator {
            self.with(actor, |it| {
                it.recent_resets_of_others.retain(|at| *at > hour_ago);
                it.recent_resets_of_others.push_back(record.at);
            });
        }
        if let Some(request) = event.story.reset_request {
            self.move_request(request, ResetRequestStage::Used(position));
        }
    }

    fn move_request(&mut self, id: ResetRequestId, stage: ResetRequestStage) {
        if let Some(request) = self.reset_requests.get_mut(&id) {
            request.stage = stage;
        }
    }

    fn note_reading(&mut self, record: &Record, minute: Instant) {
        self.reads.insert((record.event.action().to_owned(), caller_key(&record.actor)), minute);
    }

    /// Annexes belong to whom they concern; the version is that of the last change of the account or of
    /// its MFA, so that log-ins do not spoil an `If-Match`.
    fn note_target(&mut self, position: Position, record: &Record) {
        let Some(target) = &record.target else { return };
        let counts = record.event.outcome() == Outcome::Success
            && !matches!(
                record.event,
                Event::SessionStarted(_)
                    | Event::SessionEnded(_)
                    | Event::SessionsRevoked(_)
                    | Event::PasswordRehashed(_)
                    | Event::SecondFactorVerified(_)
                    | Event::FollowUpRecorded(_)
                    | Event::NotificationRecorded(_)
            );
        self.with(target.administrator, |it| {
            it.annexes.extend(record.event.annex().map(|annex| annex.id));
            if counts {
                it.version = position;
            }
        });
    }
}

pub(super) fn caller_key(actor: &Actor) -> Vec<u8> {
    actor.id().map_or_else(|| actor.name.as_bytes().to_vec(), Vec::from)
}
