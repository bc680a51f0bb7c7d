//! Accounts, passwords, roles, service accounts.

use mfa_ledger_schemas::v1;
use mfa_ledger_schemas::{AdministratorId, CredentialId, Instant, Position, Record, SessionId};

use super::super::{Directory, Role, ServiceAccount};
use crate::administrator::{Mfa, Password};
use crate::{Administrator, Throttles};

impl Directory {
    pub(super) fn register(&mut self, position: Position, at: Instant, event: &v1::AdministratorRegistered) {
        self.by_user_name.insert(event.user_name.to_lowercase(), event.administrator);
        self.administrators.insert(
            event.administrator,
            Administrator {
                id: event.administrator,
                user_name: event.user_name.clone(),
                role: event.role.clone(),
                super_administrator: event.super_administrator,
                active: true,
                frozen: false,
                personal: Some(event.personal.id),
                registered_at: at,
                version: position,
                password: Password::new(event.password, Some(event.password_expires), at),
                mfa: Mfa::default(),
                last_step: None,
                throttles: Throttles::default(),
                known_addresses: std::collections::VecDeque::new(),
                sessions: std::collections::BTreeSet::new(),
                last_used: None,
                last_log_in: None,
                last_reset: None,
                recent_resets: std::collections::VecDeque::new(),
                recent_resets_of_others: std::collections::VecDeque::new(),
                epoch: 0,
                annexes: std::collections::BTreeSet::new(),
            },
        );
    }

    pub(super) fn change(&mut self, event: &v1::AdministratorChanged) {
        let Some(it) = self.administrators.get_mut(&event.administrator) else { return };
        if let Some(user_name) = &event.user_name {
            self.by_user_name.remove(&it.user_name.to_lowercase());
            self.by_user_name.insert(user_name.to_lowercase(), it.id);
            it.user_name.clone_from(user_name);
        }
        it.super_administrator = event.super_administrator.unwrap_or(it.super_administrator);
        if let Some(personal) = &event.personal {
            it.personal = Some(personal.id);
        }
        if let Some(replaced) = event.replaced {
            it.annexes.remove(&replaced);
        }
    }

    pub(super) fn set_password(
        &mut self,
        id: AdministratorId,
        credential: CredentialId,
        expires: Option<Instant>,
        set_at: Instant,
        kept: Option<SessionId>,
    ) {
        self.end_sessions(id, kept);
        self.with(id, |it| {
            it.password = Password::new(credential, expires, set_at);
            // A block is lifted by a new password; the count is not (NIST SP 800-63B-4, 3.2.2).
            for throttle in [&mut it.throttles.password_known, &mut it.throttles.password_unknown] {
                throttle.next_attempt = None;
            }
        });
    }

    pub(super) fn define_role(&mut self, position: Position, event: &v1::RoleDefined) {
        let role = Role {
            id: event.role.clone(),
            name: event.name.clone(),
            permissions: event.permissions.iter().copied().collect(),
            mfa_required: event.mfa_required,
            version: position,
        };
        self.roles.insert(role.id.clone(), role);
    }

    pub(super) fn create_service_account(&mut self, record: &Record, event: &v1::ServiceAccountCreated) {
        let account = ServiceAccount {
            id: event.service_account,
            name: event.name.clone(),
            scopes: event.scopes.iter().copied().collect(),
            expires: event.expires,
            created_at: record.at,
            created_by: record.actor.name.clone(),
            revoked: false,
        };
        self.service_accounts.insert(account.id, account);
    }

    pub(super) fn erase(&mut self, event: &v1::PersonalDataErased) {
        self.with(event.administrator, |it| {
            for annex in &event.annexes {
                it.annexes.remove(annex);
                if it.personal == Some(*annex) {
                    it.personal = None;
                }
            }
        });
    }
}
