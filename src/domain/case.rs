//! One decision in the making: the state, the caller, the moment, and everything looked at so far.

use std::cell::RefCell;
use std::collections::BTreeMap;

use mfa_ledger_projections::{Administrator, Role, Session, State};
use mfa_ledger_schemas::bodies::{Annex, SettingsBody};
use mfa_ledger_schemas::record::{Actor, Read};
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Instant, Permission, Position, RefusalCode, RoleId, Scope, SessionId,
    SessionStage, StreamName,
};

use crate::{Asked, Caller, Evidence, No, Prepared, Undecided, policy, presets};

/// One decision in the making.
pub struct Case<'a> {
    state: &'a State,
    asked: &'a Asked<'a>,
    prepared: &'a Prepared,
    reads: RefCell<BTreeMap<StreamName, Position>>,
    /// When.
    pub(crate) now: Instant,
}

/// The acting administrator and their session.
pub(crate) struct Acting<'a> {
    pub administrator: &'a Administrator,
    pub session: &'a Session,
}

impl<'a> Case<'a> {
    /// Nothing has been looked at yet.
    pub fn new(state: &'a State, asked: &'a Asked<'a>, prepared: &'a Prepared) -> Self {
        Self { state, asked, prepared, reads: RefCell::default(), now: asked.now }
    }

    /// The state without a note: for facts that cannot change any more, or whose streams are noted already.
    pub(crate) fn state(&self) -> &'a State {
        self.state
    }

    pub(crate) fn caller(&self) -> &'a Caller {
        self.asked.caller
    }

    /// From where the caller asks.
    pub(crate) fn address(&self) -> Option<&'a str> {
        self.asked.address
    }

    /// The administrator in whose session the caller acts.
    pub(crate) fn own(&self) -> Option<AdministratorId> {
        match self.asked.caller {
            Caller::Session { administrator, .. } => Some(*administrator),
            Caller::ServiceAccount(_)
            | Caller::Operator(_)
            | Caller::System(_)
            | Caller::NoticeLink(_)
            | Caller::Anonymous => None,
        }
    }

    /// A fresh id, made into one of the kind that is wanted.
    pub(crate) fn fresh<T>(&self, make: fn([u8; 16]) -> T) -> T {
        make(self.prepared.id)
    }

    /// A fresh id for a secret.
    pub(crate) fn credential(&self) -> CredentialId {
        self.prepared.credential
    }

    /// What lies sealed for this command.
    pub(crate) fn annex(&self) -> Option<Annex> {
        self.prepared.annex.clone()
    }

    /// The same, for a command that always has something sealed.
    pub(crate) fn sealed(&self) -> Result<Annex, No> {
        self.annex().ok_or(Undecided::StaleEvidence.into())
    }

    /// What came of the comparison.
    pub(crate) fn evidence(&self) -> Evidence {
        self.prepared.evidence
    }

    pub(crate) fn note(&self, stream: StreamName) {
        let tip = self.state.tip(&stream);
        self.reads.borrow_mut().insert(stream, tip);
    }

    pub(crate) fn into_reads(self, own: &StreamName) -> Vec<Read> {
        self.note(own.clone());
        self.reads.into_inner().into_iter().map(|(stream, position)| Read { stream, position }).collect()
    }

    pub(crate) fn settings(&self) -> &SettingsBody {
        self.note(StreamName::Settings);
        self.state.directory.settings().unwrap_or(&presets::SETTINGS)
    }

    /// When a session that begins now ends.
    pub(crate) fn session_end(&self) -> Instant {
        self.now.plus_hours(self.settings().session_hours.into())
    }

    /// When a password that is generated now expires.
    pub(crate) fn generated_password_end(&self) -> Instant {
        self.now.plus_hours(self.settings().generated_password_hours.into())
    }

    pub(crate) fn role(&self, id: &RoleId) -> Option<&'a Role> {
        self.note(StreamName::Role(id.clone()));
        self.state.directory.role(id)
    }

    /// An administrator. A new user name is a record of the directory, and can bring a new rank with it:
    /// what is true of somebody rests on both streams.
    pub(crate) fn administrator(&self, id: AdministratorId) -> Result<&'a Administrator, No> {
        self.note(StreamName::Administrator(id));
        self.note(StreamName::Directory);
        self.state.directory.administrator(id).ok_or(RefusalCode::AdministratorNotFound.into())
    }

    /// Whoever says who they are must be it still, before anything else is said about the command.
    pub(crate) fn authenticate(&self) -> Result<(), No> {
        let stands = match self.asked.caller {
            Caller::Session { administrator, session } => {
                self.note(StreamName::Administrator(*administrator));
                let live = self.state.directory.session(*session, self.now);
                live.is_some_and(|session| session.administrator == *administrator)
            }
            Caller::ServiceAccount(id) => {
                self.note(StreamName::ServiceAccount(*id));
                policy::live_account(&self.state.directory, *id, self.now).is_some()
            }
            Caller::Operator(_) | Caller::System(_) | Caller::NoticeLink(_) | Caller::Anonymous => true,
        };
        if stands { Ok(()) } else { Err(No::Undecided(Undecided::Unauthenticated)) }
    }

    /// The acting administrator, in a session that may do everything its owner may.
    pub(crate) fn acting(&self) -> Result<Acting<'a>, No> {
        self.acting_at(&[SessionStage::Done])
    }

    /// The acting administrator, in a session of one of these stages.
    pub(crate) fn acting_at(&self, stages: &[SessionStage]) -> Result<Acting<'a>, No> {
        let Caller::Session { administrator, session } = self.asked.caller else {
            return Err(RefusalCode::PermissionDenied.into());
        };
        let administrator = self.administrator(*administrator)?;
        let live = self.state.directory.session(*session, self.now);
        let session = live
            .filter(|session| session.administrator == administrator.id)
            .ok_or(No::Undecided(Undecided::Unauthenticated))?;
        self.settings();
        self.role(&administrator.role);
        match policy::stage(&self.state.directory, session) {
            stage if stages.contains(&stage) => Ok(Acting { administrator, session }),
            SessionStage::Verify => Err(RefusalCode::SecondFactorRequired.into()),
            SessionStage::Enroll => Err(RefusalCode::EnrollmentRequired.into()),
            // A session that is done has nothing left to verify or to enroll.
            SessionStage::Done | SessionStage::Unknown(_) => Err(RefusalCode::MfaNotEnabled.into()),
        }
    }

    /// The caller holds a permission: by role, as a super administrator, or at the command line.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), No> {
        if matches!(self.asked.caller, Caller::Operator(_)) {
            return Ok(());
        }
        let acting = self.acting()?;
        if policy::holds(&self.state.directory, acting.administrator, permission) {
            Ok(())
        } else {
            Err(RefusalCode::PermissionDenied.into())
        }
    }

    /// The caller holds a permission, or is a service account with a scope.
    pub(crate) fn require_or_scope(&self, permission: Permission, scope: Scope) -> Result<(), No> {
        self.require_right(policy::Right::PermissionOrScope(permission, scope))
    }

    /// The caller has a right that permissions and scopes give.
    pub(crate) fn require_right(&self, right: policy::Right) -> Result<(), No> {
        let (permissions, scopes) = right.given_by();
        let directory = &self.state.directory;
        let allowed = match self.asked.caller {
            Caller::Operator(_) => true,
            Caller::ServiceAccount(id) => {
                self.note(StreamName::ServiceAccount(*id));
                let account = policy::live_account(directory, *id, self.now)
                    .ok_or(No::Undecided(Undecided::Unauthenticated))?;
                scopes.iter().any(|scope| account.scopes.contains(scope))
            }
            Caller::Session { .. } | Caller::System(_) | Caller::NoticeLink(_) | Caller::Anonymous => {
                let acting = self.acting()?.administrator;
                permissions.iter().any(|permission| policy::holds(directory, acting, *permission))
            }
        };
        if allowed { Ok(()) } else { Err(RefusalCode::PermissionDenied.into()) }
    }

    /// A part of this system asks, and nobody else.
    pub(crate) fn require_system(&self) -> Result<(), No> {
        match self.asked.caller {
            Caller::System(_) => Ok(()),
            Caller::Session { .. }
            | Caller::ServiceAccount(_)
            | Caller::Operator(_)
            | Caller::NoticeLink(_)
            | Caller::Anonymous => Err(RefusalCode::PermissionDenied.into()),
        }
    }

    /// The administrator with a user name.
    pub(crate) fn by_user_name(&self, user_name: &str) -> Option<&'a Administrator> {
        self.note(StreamName::Directory);
        let found = self.state.directory.by_user_name(user_name)?;
        self.note(StreamName::Administrator(found.id));
        Some(found)
    }

    /// Whether nobody else who is a super administrator can log in. "No" rests on whoever else can: one
    /// is enough. "Yes" rests on nobody becoming one meanwhile, and is the careful answer if somebody does.
    pub(crate) fn is_last_super_administrator(&self, target: &Administrator) -> bool {
        if !target.super_administrator || !target.can_log_in() {
            return false;
        }
        self.note(StreamName::Directory);
        match self.state.directory.another_super_administrator(target.id) {
            Some(other) => {
                self.note(StreamName::Administrator(other.id));
                false
            }
            None => true,
        }
    }

    /// The sessions that a change to the target ends: those that ran out by themselves are not among them.
    pub(crate) fn live_sessions(&self, target: &Administrator) -> Vec<SessionId> {
        let live = |id: &SessionId| self.state.directory.session(*id, self.now).is_some();
        target.sessions.iter().copied().filter(live).collect()
    }

    /// How many they are, one that stays left out.
    pub(crate) fn count_sessions(&self, target: &Administrator, kept: Option<SessionId>) -> u32 {
        let ended = self.live_sessions(target).into_iter().filter(|id| Some(*id) != kept).count();
        u32::try_from(ended).unwrap_or(u32::MAX)
    }

    /// Whether the caller may do what only super administrators may.
    pub(crate) fn is_super(&self) -> bool {
        match self.asked.caller {
            Caller::Operator(_) => true,
            Caller::Session { administrator, .. } => {
                self.administrator(*administrator).is_ok_and(|it| it.super_administrator)
            }
            Caller::ServiceAccount(_) | Caller::System(_) | Caller::NoticeLink(_) | Caller::Anonymous => {
                false
            }
        }
    }

    /// Nobody hands out what they do not hold themselves.
    pub(crate) fn require_own(&self, permissions: impl IntoIterator<Item = Permission>) -> Result<(), No> {
        if self.is_super() {
            return Ok(());
        }
        let acting = self.acting()?;
        let holds = |permission| policy::holds(&self.state.directory, acting.administrator, permission);
        if permissions.into_iter().all(holds) { Ok(()) } else { Err(RefusalCode::PrivilegeTooHigh.into()) }
    }

    pub(crate) fn is_self(&self, id: AdministratorId) -> bool {
        matches!(self.asked.caller, Caller::Session { administrator, .. } if *administrator == id)
    }

    /// The version of an administrator.
    pub(crate) fn version_of(&self, id: AdministratorId) -> Option<Position> {
        let it = self.state.directory.administrator(id)?;
        self.note(StreamName::Administrator(it.id));
        Some(it.version)
    }

    /// How the record names the caller.
    pub(crate) fn actor(&self) -> Actor {
        if let Caller::Session { administrator, .. } = self.asked.caller {
            self.note(StreamName::Administrator(*administrator));
            self.note(StreamName::Directory);
        }
        policy::actor(&self.state.directory, self.asked.caller)
    }
}
