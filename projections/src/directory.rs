//! Administrators, roles, settings, sessions, service accounts and reset requests as of a position:
//! what decisions read, and what the API shows.

mod fold;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mfa_ledger_schemas::bodies::{ResetStory, SettingsBody};
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    AdministratorId, Instant, Permission, Position, ResetRequestId, RoleId, Scope, ServiceAccountId,
    SessionId, SessionStage,
};
use serde::{Deserialize, Serialize};

use crate::{Administrator, Throttle};

/// User names whose log-ins are slowed down after failures from places that are not known; the oldest go first.
pub const SLOWED_NAMES: usize = 10_000;

/// A name that somebody tries from a place that is not known. Names that nobody has stand in one table with those of
/// accounts, so that neither is forgotten sooner: a difference would tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TriedName {
    /// That of an account.
    Account(AdministratorId),
    /// One that nobody has, by its keyed hash.
    Nobody(String),
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: BTreeSet<Permission>,
    /// Whether its holders must use MFA.
    pub mfa_required: bool,
    /// The record that defined it last.
    pub version: Position,
}

/// A session of an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub administrator: AdministratorId,
    /// What it can do.
    pub stage: SessionStage,
    /// Since when.
    pub started: Instant,
    /// Until when.
    pub expires: Instant,
    /// When a second factor was last proved in it.
    pub verified_at: Option<Instant>,
    /// Where it was started from.
    pub address: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
}

/// A program that calls the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Its id.
    pub id: ServiceAccountId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when.
    pub expires: Option<Instant>,
    /// Since when.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
    /// Whether its token no longer works.
    pub revoked: bool,
    /// Whether its token does not work until somebody resumes it: the log was restored.
    pub suspended: bool,
}

/// A request that somebody's MFA be reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResetRequest {
    /// Its id.
    pub id: ResetRequestId,
    /// The record that filed it.
    pub position: Position,
    /// Whose MFA.
    pub target: AdministratorId,
    /// Who filed it.
    pub requester: Actor,
    /// When.
    pub at: Instant,
    /// Until when it can be used.
    pub expires: Instant,
    /// What was documented.
    pub story: ResetStory,
    /// How far it got.
    pub stage: ResetRequestStage,
}

impl ResetRequest {
    /// Whether it can still lead to a reset: an approved one too.
    pub fn is_live(&self, now: Instant) -> bool {
        let is_usable = matches!(self.stage, ResetRequestStage::Open | ResetRequestStage::Approved { .. });
        is_usable && self.expires > now
    }

    /// Who approved it, and when, while it is to be carried out.
    pub fn approval(&self) -> Option<(AdministratorId, Instant)> {
        match self.stage {
            ResetRequestStage::Approved { by, at } => Some((by, at)),
            ResetRequestStage::Open
            | ResetRequestStage::Declined
            | ResetRequestStage::Suspicious
            | ResetRequestStage::Used(_) => None,
        }
    }
}

/// How far a reset request got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResetRequestStage {
    /// Waits for a second person.
    Open,
    /// May be carried out.
    Approved {
        /// By whom.
        by: AdministratorId,
        /// When.
        at: Instant,
    },
    /// Will not be carried out.
    Declined,
    /// Looked like an attack.
    Suspicious,
    /// Carried out.
    Used(Position),
}

/// Everything of this file, as of a position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    administrators: BTreeMap<AdministratorId, Administrator>,
    by_user_name: BTreeMap<String, AdministratorId>,
    roles: BTreeMap<RoleId, Role>,
    settings: Option<SettingsBody>,
    settings_version: Position,
    sessions: BTreeMap<SessionId, Session>,
    sessions_by_end: BTreeSet<(Instant, SessionId)>,
    service_accounts: BTreeMap<ServiceAccountId, ServiceAccount>,
    reset_requests: BTreeMap<ResetRequestId, ResetRequest>,
    slowed: BTreeMap<TriedName, Throttle>,
    slowed_by_age: VecDeque<TriedName>,
    reads: BTreeMap<(String, Vec<u8>), Instant>,
}

impl Directory {
    /// One administrator.
    pub fn administrator(&self, id: AdministratorId) -> Option<&Administrator> {
        self.administrators.get(&id)
    }

    /// The administrator with a user name, whatever its case.
    pub fn by_user_name(&self, user_name: &str) -> Option<&Administrator> {
        self.by_user_name.get(&user_name.to_lowercase()).and_then(|id| self.administrators.get(id))
    }

    /// All administrators, by id.
    pub fn administrators(&self) -> impl ExactSizeIterator<Item = &Administrator> {
        self.administrators.values()
    }

    /// A super administrator who can log in, other than this one.
    pub fn another_super_administrator(&self, than: AdministratorId) -> Option<&Administrator> {
        let counts = |it: &&Administrator| it.super_administrator && it.can_log_in() && it.id != than;
        self.administrators().find(counts)
    }

    /// Whether somebody's password is refused since it was not changed in time. The last super administrator is never kept
    /// out so.
    pub fn is_password_expired(&self, it: &Administrator, now: Instant) -> bool {
        let is_last =
            it.super_administrator && it.can_log_in() && self.another_super_administrator(it.id).is_none();
        it.password.is_expired(now) && !is_last
    }

    /// Everybody that somebody has what they may do from, or that can act as them, over any steps.
    pub fn above(&self, it: &Administrator, now: Instant) -> BTreeSet<AdministratorId> {
        let mut found = BTreeSet::new();
        let mut next: Vec<_> = it.depends_on(now).collect();
        while let Some(id) = next.pop() {
            if found.insert(id)
                && let Some(above) = self.administrator(id)
            {
                next.extend(above.depends_on(now));
            }
        }
        found
    }

    /// One role.
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    /// All roles, by id.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The settings; none before the log was initialised.
    pub fn settings(&self) -> Option<&SettingsBody> {
        self.settings.as_ref()
    }

    /// The record that changed the settings last.
    pub fn settings_version(&self) -> Position {
        self.settings_version
    }

    /// One session, ended or expired ones excepted.
    pub fn session(&self, id: SessionId, now: Instant) -> Option<&Session> {
        self.sessions.get(&id).filter(|session| session.expires > now)
    }

    /// What is not of one administrator alone, and tells where each of them stands.
    pub(crate) fn shared(&self) -> Self {
        Self {
            roles: self.roles.clone(),
            settings: self.settings.clone(),
            settings_version: self.settings_version,
            ..Self::default()
        }
    }

    /// The sessions of an administrator.
    pub(crate) fn sessions_of(&self, it: &Administrator) -> impl Iterator<Item = &Session> {
        it.sessions.iter().filter_map(|session| self.sessions.get(session))
    }

    /// Takes administrators and their sessions instead of those that it has.
    pub(crate) fn fill(&mut self, administrators: Vec<Administrator>, sessions: Vec<Session>) {
        self.by_user_name = administrators.iter().map(|it| (it.user_name.to_lowercase(), it.id)).collect();
        self.sessions_by_end = sessions.iter().map(|it| (it.expires, it.id)).collect();
        self.administrators = administrators.into_iter().map(|it| (it.id, it)).collect();
        self.sessions = sessions.into_iter().map(|it| (it.id, it)).collect();
    }

    pub(crate) fn suppose(&mut self, session: Session) {
        self.sessions_by_end.insert((session.expires, session.id));
        self.sessions.insert(session.id, session);
    }

    /// One service account, revoked or not.
    pub fn service_account(&self, id: ServiceAccountId) -> Option<&ServiceAccount> {
        self.service_accounts.get(&id)
    }

    /// All service accounts, by id.
    pub fn service_accounts(&self) -> impl Iterator<Item = &ServiceAccount> {
        self.service_accounts.values()
    }

    /// One reset request.
    pub fn reset_request(&self, id: ResetRequestId) -> Option<&ResetRequest> {
        self.reset_requests.get(&id)
    }

    /// All reset requests, by id, and so by age.
    pub fn reset_requests(&self) -> impl DoubleEndedIterator<Item = &ResetRequest> {
        self.reset_requests.values()
    }

    /// Failures under a name from places that are not known: how long the next try has to wait.
    pub fn slowed(&self, name: &TriedName) -> Throttle {
        self.slowed.get(name).copied().unwrap_or_default()
    }

    /// Whether this caller's reading (`activity.read`, `activity.exported`) of this minute is on record.
    pub fn has_read(&self, action: &str, actor: &Actor, minute: Instant) -> bool {
        self.reads.get(&(action.to_owned(), fold::caller_key(actor))) == Some(&minute)
    }

    /// Whether MFA is required of an administrator, by role or for all.
    pub fn mfa_required(&self, administrator: &Administrator) -> bool {
        let settings = self.settings.as_ref();
        settings.is_some_and(|settings| {
            settings.mfa_available
                && (settings.mfa_required_for_all
                    || self.roles.get(&administrator.role).is_some_and(|role| role.mfa_required))
        })
    }

    /// Whether nobody else who is a super administrator can log in.
    pub fn is_last_super_administrator(&self, id: AdministratorId) -> bool {
        let counts = |other: &Administrator| other.super_administrator && other.can_log_in();
        self.administrators.get(&id).is_some_and(counts)
            && !self.administrators.values().any(|other| other.id != id && counts(other))
    }
}
