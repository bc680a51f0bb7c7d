//! Who may what: the questions that decisions and queries ask alike.

use mfa_ledger_projections::directory::TriedName;
use mfa_ledger_projections::{Administrator, Directory, ServiceAccount, Session, State, Throttle};
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Instant, Permission, RefusalCode, Scope, ServiceAccountId, SessionStage,
};

use super::Caller;
use super::delay;

/// How records name whoever held the link in the notice of a reset.
const NOTICE_LINK: &str = "notice-link";

/// What a query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// One's own session, at whatever stage.
    OwnSession,
    /// One's own profile; also while enrollment is forced.
    OwnProfile,
    /// Everything that any administrator may see: roles, permissions.
    Signed,
    /// A permission, held by role or as a super administrator.
    Permission(Permission),
    /// Any of these permissions.
    AnyOf(&'static [Permission]),
    /// A permission, or a scope of a service account.
    PermissionOrScope(Permission, Scope),
    /// Any of these permissions, or any of these scopes.
    AnyOfOrScope(&'static [Permission], &'static [Scope]),
}

impl Right {
    /// Permissions and scopes of which any is enough; none where it is not by these that it is given.
    pub fn given_by(&self) -> (&[Permission], &[Scope]) {
        match self {
            Self::OwnSession | Self::OwnProfile | Self::Signed => (&[], &[]),
            Self::Permission(permission) => (std::slice::from_ref(permission), &[]),
            Self::AnyOf(permissions) => (permissions, &[]),
            Self::PermissionOrScope(permission, scope) => {
                (std::slice::from_ref(permission), std::slice::from_ref(scope))
            }
            Self::AnyOfOrScope(permissions, scopes) => (permissions, scopes),
        }
    }
}

/// Whether a caller may ask; `Err` is the reason why not, `None` in it that nobody known asks.
pub fn may(state: &State, caller: &Caller, right: Right, now: Instant) -> Result<(), Option<RefusalCode>> {
    let directory = &state.directory;
    let (permissions, scopes) = right.given_by();
    match caller {
        Caller::Operator(_) => Ok(()),
        Caller::System(_) | Caller::NoticeLink(_) | Caller::Anonymous => Err(None),
        Caller::ServiceAccount(id) => {
            let account = live_account(directory, *id, now).ok_or(None)?;
            if scopes.iter().any(|scope| account.scopes.contains(scope)) {
                Ok(())
            } else {
                Err(Some(RefusalCode::PermissionDenied))
            }
        }
        Caller::Session { administrator, session } => {
            let session = directory.session(*session, now);
            let session = session.filter(|session| session.administrator == *administrator).ok_or(None)?;
            let administrator = directory.administrator(*administrator).ok_or(None)?;
            match (stage(directory, session), right) {
                (_, Right::OwnSession)
                | (SessionStage::Enroll, Right::OwnProfile)
                | (SessionStage::Done, _) => {}
                (SessionStage::Verify, _) => return Err(Some(RefusalCode::SecondFactorRequired)),
                _ => return Err(Some(RefusalCode::EnrollmentRequired)),
            }
            let unrestricted = matches!(right, Right::OwnSession | Right::OwnProfile | Right::Signed);
            if unrestricted || permissions.iter().any(|it| holds(directory, administrator, *it)) {
                Ok(())
            } else {
                Err(Some(RefusalCode::PermissionDenied))
            }
        }
    }
}

/// Whether an administrator holds a permission.
pub fn holds(directory: &Directory, administrator: &Administrator, permission: Permission) -> bool {
    administrator.super_administrator
        || directory.role(&administrator.role).is_some_and(|role| role.permissions.contains(&permission))
}

/// What a session can do now: requirements that came after its start act at once.
pub fn stage(directory: &Directory, session: &Session) -> SessionStage {
    let Some(administrator) = directory.administrator(session.administrator) else {
        return SessionStage::Verify;
    };
    // Also a session that was opened by a password alone while MFA was switched off system-wide.
    let unproved = session.verified_at.is_none()
        && administrator.mfa.enrolled.is_some()
        && directory.settings().is_some_and(|settings| settings.mfa_available);
    if session.stage == SessionStage::Verify || unproved {
        return SessionStage::Verify;
    }
    if administrator.mfa.enrolled.is_none() && directory.mfa_required(administrator) {
        SessionStage::Enroll
    } else {
        SessionStage::Done
    }
}

/// A service account whose token works.
pub fn live_account(directory: &Directory, id: ServiceAccountId, now: Instant) -> Option<&ServiceAccount> {
    directory.service_account(id).filter(|account| {
        !account.revoked && !account.suspended && account.expires.is_none_or(|expires| expires > now)
    })
}

/// Whether a password may be looked at now, or when; the same question for unknown names.
pub fn password_wait(
    state: &State,
    user_name: &str,
    name_hash: &str,
    address: Option<&str>,
    now: Instant,
) -> Option<Instant> {
    let known = state.directory.by_user_name(user_name);
    delay::wait(password_throttle(&state.directory, known, name_hash, address), now)
}

/// What slows down passwords for a name from an address. From places that are not known, names that nobody has are treated
/// as those of accounts are.
pub(crate) fn password_throttle(
    directory: &Directory,
    known: Option<&Administrator>,
    name_hash: &str,
    address: Option<&str>,
) -> Throttle {
    match known {
        Some(it) if it.knows(address) => it.throttles.password(true),
        Some(it) => directory.slowed(&TriedName::Account(it.id)),
        None => directory.slowed(&TriedName::Nobody(name_hash.to_owned())),
    }
}

/// Whether one's own current password may be looked at now, or when.
pub fn own_password_wait(state: &State, id: AdministratorId, now: Instant) -> Option<Instant> {
    delay::wait(state.directory.administrator(id)?.throttles.own_password, now)
}

/// How a record names a caller.
pub fn actor(directory: &Directory, caller: &Caller) -> Actor {
    match caller {
        Caller::Anonymous => Actor::anonymous(),
        // Not known to be the person: whoever reads their mail.
        Caller::NoticeLink(_) => Actor { name: NOTICE_LINK.to_owned(), ..Actor::anonymous() },
        Caller::System(name) => {
            Actor { kind: ActorKind::System, name: (*name).to_owned(), ..Actor::anonymous() }
        }
        Caller::Operator(name) => {
            Actor { kind: ActorKind::Operator, name: name.clone(), ..Actor::anonymous() }
        }
        Caller::ServiceAccount(id) => Actor {
            kind: ActorKind::ServiceAccount,
            service_account: Some(*id),
            name: directory.service_account(*id).map(|account| account.name.clone()).unwrap_or_default(),
            ..Actor::anonymous()
        },
        Caller::Session { administrator, session } => {
            let known = directory.administrator(*administrator);
            Actor {
                kind: ActorKind::Administrator,
                administrator: Some(*administrator),
                service_account: None,
                name: known.map(|it| it.user_name.clone()).unwrap_or_default(),
                role: known.map(|it| it.role.clone()),
                session: Some(*session),
            }
        }
    }
}
