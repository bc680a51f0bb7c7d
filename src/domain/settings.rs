//! Roles and system-wide settings.

use std::collections::BTreeSet;

use mfa_ledger_schemas::v1::{RoleAssigned, RoleDefined, SettingsChanged};
use mfa_ledger_schemas::{Event, Permission, RefusalCode};

use super::case::{Case, No};
use super::command::{AssignRole, ChangeSettings, DefineRole};

pub(super) fn define_role(case: &Case<'_>, command: &DefineRole) -> Result<Event, No> {
    case.require(Permission::ManageRoles)?;
    let none = BTreeSet::new();
    let before = case.role(&command.role).map_or(&none, |role| &role.permissions);
    let granted: Vec<_> = command.permissions.difference(before).copied().collect();
    case.require_own(granted.iter().copied())?;
    Ok(RoleDefined {
        role: command.role.clone(),
        name: command.name.clone(),
        permissions: command.permissions.iter().copied().collect(),
        mfa_required: command.mfa_required,
        granted,
        withdrawn: before.difference(&command.permissions).copied().collect(),
    }
    .into())
}

pub(super) fn assign_role(case: &Case<'_>, command: &AssignRole) -> Result<Event, No> {
    case.require(Permission::ManageRoles)?;
    let target = case.administrator(command.administrator)?;
    if case.is_self(target.id) && !case.is_super() {
        return Err(RefusalCode::SelfRoleChange.into());
    }
    case.require_rank(target)?;
    let role = case.role(&command.role).ok_or(RefusalCode::RoleNotFound)?;
    case.require_own(role.permissions.iter().copied())?;
    let previous = target.role.clone();
    Ok(RoleAssigned { administrator: target.id, role: command.role.clone(), previous }.into())
}

pub(super) fn change(case: &Case<'_>, command: &ChangeSettings) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    let mut settings = case.settings().clone();
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident)+) => {$(
            if let Some(value) = &command.$field && *value != settings.$field {
                settings.$field = value.clone();
                changed.push(stringify!($field).to_owned());
            }
        )+};
    }
    take! {
        mfa_available mfa_required_for_all issuer step_up_minutes approval resets_per_target_per_day
        resets_per_actor_per_hour reset_request_hours session_hours enrollment_minutes
        generated_password_hours business_hours reset_notice_subject reset_notice_text
    }
    Ok(SettingsChanged { settings, changed }.into())
}
