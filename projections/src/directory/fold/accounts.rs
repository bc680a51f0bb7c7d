//! How accounts come and change, and what those who act upon them give and take.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mfa_ledger_schemas::{AdministratorId, Instant, Permission, Position, Record, bodies};

use crate::administrator::{Mfa, Password};
use crate::directory::{Directory, Role};
use crate::{Administrator, Throttles};

impl Directory {
    pub(super) fn register(
        &mut self,
        position: Position,
        record: &Record,
        event: &bodies::AdministratorRegistered,
    ) {
        let at = record.at;
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
                denied: BTreeSet::new(),
                suspicion: None,
                raised_by: BTreeMap::new(),
                password_seen_by: None,
                manages_mfa_since: None,
                personal: Some(event.personal.id),
                registered_at: at,
                version: position,
                password: Password::new(event.password, Some(event.password_expires), at),
                mfa: Mfa::default(),
                last_step: None,
                throttles: Throttles::default(),
                known_addresses: VecDeque::new(),
                sessions: BTreeSet::new(),
                last_used: None,
                last_log_in: None,
                last_reset: None,
                recent_resets: VecDeque::new(),
                recent_resets_of_others: VecDeque::new(),
                epoch: 0,
                annexes: BTreeSet::new(),
            },
        );
        self.note_rise(event.administrator, record);
    }

    /// The actor may have given somebody more than they had.
    pub(super) fn note_rise(&mut self, id: AdministratorId, record: &Record) {
        let by = record.actor.administrator.map(|by| (by, record.at));
        self.with(id, |it| it.raised_by.extend(by));
        self.note_manager(id, record.at);
    }

    /// Since when somebody has held `manage-mfa` counts from the record that gave it.
    fn note_manager(&mut self, id: AdministratorId, at: Instant) {
        let Some(it) = self.administrators.get_mut(&id) else { return };
        let role = self.roles.get(&it.role);
        let manages = it.super_administrator
            || role.is_some_and(|role| role.permissions.contains(&Permission::ManageMfa));
        it.manages_mfa_since = (manages && it.can_log_in()).then(|| it.manages_mfa_since.unwrap_or(at));
    }

    pub(super) fn deactivate(&mut self, event: &bodies::AdministratorDeactivated) {
        self.end_sessions(event.administrator, None);
        self.with(event.administrator, |it| (it.active, it.manages_mfa_since) = (false, None));
    }

    pub(super) fn reactivate(&mut self, record: &Record, event: &bodies::AdministratorReactivated) {
        self.with(event.administrator, |it| {
            (it.active, it.frozen) = (true, false);
            it.denied.clear();
        });
        self.note_manager(event.administrator, record.at);
    }

    pub(super) fn change(&mut self, record: &Record, event: &bodies::AdministratorChanged) {
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
        match event.super_administrator {
            Some(true) => self.note_rise(event.administrator, record),
            Some(false) => self.note_manager(event.administrator, record.at),
            None => {}
        }
    }

    pub(super) fn define_role(&mut self, position: Position, record: &Record, event: &bodies::RoleDefined) {
        let role = Role {
            id: event.role.clone(),
            name: event.name.clone(),
            permissions: event.permissions.iter().copied().collect(),
            mfa_required: event.mfa_required,
            version: position,
        };
        self.roles.insert(role.id.clone(), role);
        let holders: Vec<_> =
            self.administrators.values().filter(|it| it.role == event.role).map(|it| it.id).collect();
        for holder in holders {
            if event.granted.is_empty() {
                self.note_manager(holder, record.at);
            } else {
                self.note_rise(holder, record);
            }
        }
    }
}
