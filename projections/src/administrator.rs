//! One administrator as of a position.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mfa_ledger_schemas::{
    AdministratorId, AnnexId, CredentialId, Factor, Instant, MfaStatus, Position, RoleId, SessionId,
};
use serde::{Deserialize, Serialize};

/// Addresses remembered as known, per administrator.
pub const KNOWN_ADDRESSES: usize = 20;
/// Consecutive failures after which an authenticator is blocked (NIST SP 800-63B-4, 3.2.2: at most 100).
pub const BLOCKING_FAILURES: u32 = 100;
/// The same for passwords, whose failures are counted apart for known and unknown addresses.
pub const BLOCKING_PASSWORD_FAILURES: u32 = 50;

/// How long an account counts as one that its maker may use, in days. The maker generated its password.
pub const USED_BY_MAKER_DAYS: i64 = 30;

/// An administrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Administrator {
    /// Who.
    pub id: AdministratorId,
    /// As it was given; compared without regard to case.
    pub user_name: String,
    /// The role.
    pub role: RoleId,
    /// Whether a super administrator.
    pub super_administrator: bool,
    /// Whether allowed to log in at all.
    pub active: bool,
    /// Whether frozen after a repudiated reset.
    pub frozen: bool,
    /// The resets whose denials froze them.
    pub denied: BTreeSet<Position>,
    /// A request about them that looked like an attack, until it is cleared or over.
    pub suspicion: Option<Suspicion>,
    /// Who registered them, gave them a role, or made them a super administrator, and when last.
    pub raised_by: BTreeMap<AdministratorId, Instant>,
    /// Who last generated a password for them, and so saw it, and when.
    pub password_seen_by: Option<(AdministratorId, Instant)>,
    /// Since when they have held `manage-mfa` without a break, in an account that was open all the time.
    pub manages_mfa_since: Option<Instant>,
    /// Display name and e-mail addresses, unless erased.
    pub personal: Option<AnnexId>,
    /// When registered.
    pub registered_at: Instant,
    /// The last record about them, other than log-ins, ended sessions, notices and follow-ups; the `ETag`.
    pub version: Position,
    /// The password in force.
    pub password: Password,
    /// Where they stand with MFA.
    pub mfa: Mfa,
    /// The highest TOTP time step accepted of the authenticator that they have.
    pub last_step: Option<u64>,
    /// Failure counters.
    pub throttles: Throttles,
    /// Where finished log-ins came from, newest last.
    pub known_addresses: VecDeque<String>,
    /// Their sessions.
    pub sessions: BTreeSet<SessionId>,
    /// When and with what a second factor was last accepted.
    pub last_used: Option<(Factor, Instant)>,
    /// The last finished log-in.
    pub last_log_in: Option<Instant>,
    /// The last reset of their MFA.
    pub last_reset: Option<Position>,
    /// When their MFA was reset within the last 24 hours.
    pub recent_resets: VecDeque<Instant>,
    /// When they reset others within the last hour.
    pub recent_resets_of_others: VecDeque<Instant>,
    /// Raised by every reset.
    pub epoch: u32,
    /// The sealed values that concern them and are not erased.
    pub annexes: BTreeSet<AnnexId>,
}

/// A request that looked like an attack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The record that reported it.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
    /// Until when a reset needs a second person.
    pub until: Instant,
    /// Who cleared it. For them it goes on: the one who cleared it is not the one who resets alone.
    pub cleared_by: Option<AdministratorId>,
}

/// A password in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Where its hash lies.
    pub credential: CredentialId,
    /// From when on a generated password is refused; none for a chosen one.
    pub expires: Option<Instant>,
    /// Since when.
    pub set_at: Instant,
    /// Blocked by too many failures from known addresses.
    pub blocked_known: bool,
    /// Blocked by too many failures from anywhere else.
    pub blocked_unknown: bool,
}

impl Password {
    /// A new one, not blocked.
    pub fn new(credential: CredentialId, expires: Option<Instant>, set_at: Instant) -> Self {
        Self { credential, expires, set_at, blocked_known: false, blocked_unknown: false }
    }

    /// Whether it was generated and not changed in time.
    pub fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    /// Whether it is blocked for callers from known addresses, or for others.
    pub fn blocked(&self, known: bool) -> bool {
        if known { self.blocked_known } else { self.blocked_unknown }
    }

    pub(crate) fn blocked_mut(&mut self, known: bool) -> &mut bool {
        if known { &mut self.blocked_known } else { &mut self.blocked_unknown }
    }
}

/// Where an administrator stands with MFA.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mfa {
    /// A seed that waits for its first code.
    pub pending: Option<Pending>,
    /// A confirmed authenticator.
    pub enrolled: Option<Enrolled>,
}

/// A seed that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Where the seed lies.
    pub credential: CredentialId,
    /// Until when it can be confirmed.
    pub expires: Instant,
}

/// A confirmed authenticator and its backup codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// Where the seed lies.
    pub credential: CredentialId,
    /// Since when.
    pub at: Instant,
    /// Where the hashes of the backup codes lie.
    pub backup_codes: CredentialId,
    /// The unused ones, by their index.
    pub unused: BTreeSet<u8>,
    /// Whether TOTP is blocked by too many failures.
    pub totp_blocked: bool,
    /// Whether backup codes are.
    pub backup_codes_blocked: bool,
}

impl Mfa {
    /// The status at a moment: a pending enrollment that ran out is none.
    pub fn status(&self, now: Instant) -> MfaStatus {
        match (&self.enrolled, &self.pending) {
            (Some(_), _) => MfaStatus::Enabled,
            (None, Some(pending)) if pending.expires > now => MfaStatus::Pending,
            _ => MfaStatus::NotEnabled,
        }
    }
}

/// Consecutive failures of one factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    /// How many; zero after a success.
    pub consecutive: u32,
    /// Before this moment nothing is looked at.
    pub next_attempt: Option<Instant>,
}

/// Failure counters, apart, so that one factor never punishes the other and strangers never lock out
/// the owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttles {
    /// Password, from addresses of finished log-ins.
    pub password_known: Throttle,
    /// Password, from anywhere else.
    pub password_unknown: Throttle,
    /// The current password, asked for within a session before it is changed.
    pub own_password: Throttle,
    /// Codes of the authenticator app.
    pub totp: Throttle,
    /// Backup codes.
    pub backup_code: Throttle,
    /// Codes of the authenticator app that host applications asked about.
    pub host_totp: Throttle,
    /// The same for backup codes.
    pub host_backup_code: Throttle,
}

impl Throttles {
    /// The counter for a second factor.
    pub fn factor(&self, factor: Factor) -> Throttle {
        if factor == Factor::BackupCode { self.backup_code } else { self.totp }
    }

    /// The counter for a second factor that a host application asks about: a host that guesses, or whose token was stolen,
    /// keeps nobody out of their own account.
    pub fn host(&self, factor: Factor) -> Throttle {
        if factor == Factor::BackupCode { self.host_backup_code } else { self.host_totp }
    }

    /// The counter for a password from a known address or another.
    pub fn password(&self, known: bool) -> Throttle {
        if known { self.password_known } else { self.password_unknown }
    }

    pub(crate) fn factor_mut(&mut self, factor: Factor) -> &mut Throttle {
        if factor == Factor::BackupCode { &mut self.backup_code } else { &mut self.totp }
    }

    pub(crate) fn host_mut(&mut self, factor: Factor) -> &mut Throttle {
        if factor == Factor::BackupCode { &mut self.host_backup_code } else { &mut self.host_totp }
    }

    pub(crate) fn password_mut(&mut self, known: bool) -> &mut Throttle {
        if known { &mut self.password_known } else { &mut self.password_unknown }
    }
}

impl Administrator {
    /// Whether a finished log-in came from this address before.
    pub fn knows(&self, address: Option<&str>) -> bool {
        address.is_some_and(|address| self.known_addresses.iter().any(|known| known == address))
    }

    /// Whether they can log in, as far as the account goes.
    pub fn can_log_in(&self) -> bool {
        self.active && !self.frozen
    }

    /// Who gave them what they may do, or can act as them: one step up.
    pub(crate) fn depends_on(&self, now: Instant) -> impl Iterator<Item = AdministratorId> {
        let seen = self.password_seen_by.map(|(by, _)| by).filter(move |by| self.may_be_used_by(*by, now));
        self.raised_by.keys().copied().chain(seen)
    }

    /// Whether somebody may still be able to act as this person: they made the account or promoted it, or generated its
    /// password, within [`USED_BY_MAKER_DAYS`].
    pub fn may_be_used_by(&self, other: AdministratorId, now: Instant) -> bool {
        let is_recent = |at: Instant| at.plus_hours(USED_BY_MAKER_DAYS * 24) > now;
        let password = self.password_seen_by.filter(|(by, _)| *by == other).map(|(_, at)| at);
        self.raised_by.get(&other).copied().is_some_and(is_recent) || password.is_some_and(is_recent)
    }

    /// The suspicion that holds at a moment for everybody.
    pub fn suspected(&self, now: Instant) -> Option<&Suspicion> {
        self.suspicion_until(now).filter(|suspicion| suspicion.cleared_by.is_none())
    }

    /// The suspicion whose time is not over, cleared or not.
    pub fn suspicion_until(&self, now: Instant) -> Option<&Suspicion> {
        self.suspicion.as_ref().filter(|suspicion| suspicion.until > now)
    }

    pub(crate) fn remember(&mut self, address: Option<&str>) {
        let Some(address) = address else { return };
        self.known_addresses.retain(|known| known != address);
        self.known_addresses.push_back(address.to_owned());
        if self.known_addresses.len() > KNOWN_ADDRESSES {
            self.known_addresses.pop_front();
        }
    }
}
