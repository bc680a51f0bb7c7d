//! How records change the directory.

mod account;
mod mfa;
mod session;

use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{AdministratorId, Event, Instant, Outcome, Position, Record};

use super::Directory;
use crate::Administrator;

impl Directory {
    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        self.drop_expired_sessions(record.at);
        match &record.event {
            Event::AdministratorRegistered(event) => self.register(position, record.at, event),
            Event::AdministratorChanged(event) => self.change(event),
            Event::AdministratorDeactivated(event) => {
                self.end_sessions(event.administrator, None);
                self.with(event.administrator, |it| it.active = false);
            }
            Event::AdministratorReactivated(event) => {
                self.with(event.administrator, |it| (it.active, it.frozen) = (true, false));
            }
            Event::PasswordSet(event) => {
                let kept = record.actor.session;
                self.set_password(event.administrator, event.password, None, record.at, kept);
            }
            Event::PasswordReset(event) => {
                self.set_password(event.administrator, event.password, Some(event.expires), record.at, None);
            }
            Event::RoleDefined(event) => self.define_role(position, event),
            Event::RoleAssigned(event) => {
                self.with(event.administrator, |it| it.role = event.role.clone());
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
            Event::PersonalDataErased(event) => self.erase(event),
            Event::ActivityRead(event) => self.note_reading(record, event.minute),
            Event::ActivityExported(event) => self.note_reading(record, event.minute),
            _ => {
                self.apply_session(record);
                self.apply_mfa(record);
                self.apply_reset(position, record);
            }
        }
        self.note_target(position, record);
    }

    fn with(&mut self, id: AdministratorId, change: impl FnOnce(&mut Administrator)) {
        if let Some(administrator) = self.administrators.get_mut(&id) {
            change(administrator);
        }
    }

    fn note_reading(&mut self, record: &Record, minute: Instant) {
        self.reads.insert((record.event.action(), caller_key(&record.actor)), minute);
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
                    | Event::SecondFactorVerified(_)
                    | Event::FollowUpRecorded(_)
                    | Event::NotificationRecorded(_)
            );
        self.with(target.administrator, |it| {
            it.annexes.extend(record.event.annexes().iter().map(|annex| annex.id));
            if counts {
                it.version = position;
            }
        });
    }
}

pub(super) fn caller_key(actor: &Actor) -> Vec<u8> {
    actor.id().map_or_else(|| actor.name.as_bytes().to_vec(), Vec::from)
}
