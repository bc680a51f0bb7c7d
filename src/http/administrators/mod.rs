//! `/v1/administrators`: the accounts, and what is done to them.

mod authentication;
mod change;
pub(crate) mod create;
mod deactivate;
mod erase_personal_data;
pub(super) mod list;
pub(crate) mod mfa;
mod password_reset;
mod reactivate;
mod revoke_sessions;
mod security;
mod show;
mod suspicion;

use mfa_ledger_api::administrators::{AdministratorBody, LastUsed, MfaInBrief, RoleName};
use mfa_ledger_ledger::service::{Caller, Denied, Right, policy};
use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::{AdministratorId, AnnexId, Instant, Permission, RoleId, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change))
        .routes(routes!(security::security))
        .routes(routes!(authentication::authentication))
        .routes(routes!(deactivate::deactivate))
        .routes(routes!(reactivate::reactivate))
        .routes(routes!(password_reset::reset_password))
        .routes(routes!(revoke_sessions::revoke))
        .routes(routes!(erase_personal_data::erase))
        .routes(routes!(suspicion::clear))
        .merge(mfa::routes())
}

/// Who sees the accounts: whoever works with them, their roles, their MFA, or their doings.
const SEES_ACCOUNTS: Right = Right::AnyOfOrScope(
    &[
        Permission::ManageMfa,
        Permission::ManageAdministrators,
        Permission::ManageRoles,
        Permission::ViewActivity,
    ],
    &[Scope::ViewMfa],
);

/// Who sees MFA status, where MFA is available at all (the guide, "Visibility").
const SEES_MFA: Right = Right::PermissionOrScope(Permission::ManageMfa, Scope::ViewMfa);

/// Whether MFA is switched on system-wide.
pub(super) fn mfa_available(state: &State) -> bool {
    state.directory.settings().is_none_or(|settings| settings.mfa_available)
}

/// Whether a caller sees where others stand with MFA.
pub(super) fn sees_mfa(state: &State, caller: &Caller, now: Instant) -> bool {
    mfa_available(state) && policy::may(state, caller, SEES_MFA, now).is_ok()
}

/// Names the administrator whose id a text is, where the caller may see the accounts.
pub(super) fn named<'s>(
    state: &'s State,
    caller: &Caller,
    now: Instant,
) -> impl Fn(&str) -> Option<String> + use<'s> {
    let sees = policy::may(state, caller, SEES_ACCOUNTS, now).is_ok();
    move |text| {
        let id = text.parse().ok().filter(|_| sees)?;
        state.directory.administrator(id).map(|it| it.user_name.clone())
    }
}

pub(super) fn last_used(administrator: &Administrator) -> Option<LastUsed> {
    administrator.last_used.map(|(method, at)| LastUsed { method, at })
}

pub(super) fn role_name(state: &State, id: &RoleId) -> RoleName {
    RoleName { id: id.clone(), name: state.directory.role(id).map(|role| role.name.clone()) }
}

/// An account as the state has it; the sealed half is read without holding the state.
struct Account {
    body: AdministratorBody,
    personal: Option<AnnexId>,
}

impl Account {
    fn of(state: &State, it: &Administrator, sees_mfa: bool, now: Instant) -> Self {
        let mfa = || MfaInBrief { status: it.mfa.status(now), required: state.directory.mfa_required(it) };
        let body = AdministratorBody {
            id: it.id,
            user_name: it.user_name.clone(),
            display_name: None,
            emails: Vec::new(),
            unreadable: false,
            role: role_name(state, &it.role),
            super_administrator: it.super_administrator,
            active: it.active,
            frozen: it.frozen,
            registered_at: it.registered_at,
            last_log_in: it.last_log_in,
            password_expires: it.password.expires,
            mfa: sees_mfa.then(mfa),
            version: it.version,
        };
        Self { body, personal: it.personal }
    }

    fn unseal(self, app: &App) -> AdministratorBody {
        let mut body = self.body;
        let personal = app.service.personal(self.personal);
        body.unreadable = personal.is_unreadable();
        if let Some(personal) = personal.known() {
            body.display_name = Some(personal.display_name);
            body.emails = personal.emails;
        }
        body
    }
}

/// One account, for a caller who may see it: anybody sees their own.
fn account(app: &App, caller: &Caller, id: AdministratorId) -> Result<AdministratorBody, Problem> {
    let own = matches!(caller, Caller::Session { administrator, .. } if *administrator == id);
    let right = if own { Right::OwnProfile } else { SEES_ACCOUNTS };
    let account = app.service.query(caller, right, |state, now| {
        let sees_mfa = sees_mfa(state, caller, now);
        state.directory.administrator(id).map(|it| Account::of(state, it, sees_mfa, now))
    })?;
    Ok(account.ok_or_else(|| Problem::new("not-found"))?.unseal(app))
}

/// When the first account was registered.
pub(super) fn registered_since(app: &App, caller: &Caller) -> Result<Option<Instant>, Denied> {
    app.service.query(caller, SEES_ACCOUNTS, |state, _| {
        state.directory.administrators().next().map(|it| it.registered_at)
    })
}
