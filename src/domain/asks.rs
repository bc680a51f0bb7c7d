//! What each command requires of its caller. Each command declares it in its own file; it is enforced here, once.

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::{AdministratorId, Instant, Permission, RefusalCode, SessionStage};

use crate::{Caller, Case, No, policy};

/// What a command requires of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// How they prove who they are.
    pub proof: Proof,
    /// Whom they may do it to.
    pub rank: Rank,
}

/// How a caller proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not at all: nobody is known yet, or a part of the system acts.
    None,
    /// By a session or token that stands.
    Session,
    /// By a session whose log-in, with the password, is no older than a code may be.
    LogIn,
    /// By a password or code that is typed with the command.
    Typed,
    /// By MFA of their own, and a code of it no older than the policy says.
    StepUp,
    /// The same, where it is done to somebody else.
    StepUpForOthers,
}

/// Whom a command may be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Nobody is acted upon, or everybody may be.
    Any,
    /// Oneself, or somebody who holds no permission that the caller lacks, nor is a super administrator where the caller
    /// is none.
    NotAbove,
}

impl Asks {
    /// A live session or token, and the command's own permission.
    pub const SESSION: Self = Self { proof: Proof::Session, rank: Rank::Any };
    /// A first authenticator of one's own.
    pub const LOG_IN: Self = Self { proof: Proof::LogIn, rank: Rank::Any };
    /// A secret of one's own.
    pub const TYPED: Self = Self { proof: Proof::Typed, rank: Rank::Any };
    /// Nobody that is known.
    pub const NOTHING: Self = Self { proof: Proof::None, rank: Rank::Any };
    /// It changes who gets in, or who may reset.
    pub const STEP_UP: Self = Self { proof: Proof::StepUp, rank: Rank::NotAbove };
    /// The same, where it is done to somebody else.
    pub const STEP_UP_FOR_OTHERS: Self = Self { proof: Proof::StepUpForOthers, rank: Rank::NotAbove };
}

impl Case<'_> {
    /// Whether the caller gives what a command asks. Asked behind the command's own rules, which may ask earlier.
    pub(crate) fn meets(&self, asks: Asks, target: Option<AdministratorId>) -> Result<(), No> {
        let oneself = target.is_some_and(|id| self.is_self(id)) || self.holds_link();
        match asks.rank {
            Rank::Any => {}
            Rank::NotAbove => {
                if let Some(target) = target.filter(|_| !oneself) {
                    self.require_rank(self.administrator(target)?)?;
                }
            }
        }
        match asks.proof {
            // A session is looked at before any rule, and what is typed by the rules themselves.
            Proof::None | Proof::Session | Proof::Typed => Ok(()),
            Proof::LogIn => self.logged_in(),
            Proof::StepUpForOthers if oneself => Ok(()),
            Proof::StepUp | Proof::StepUpForOthers => self.step_up().map(|_| ()),
        }
    }

    /// The caller gave their password within the time that the policy gives for a second factor.
    fn logged_in(&self) -> Result<(), No> {
        let started = self.acting_at(&[SessionStage::Done, SessionStage::Enroll])?.session.started;
        if self.is_fresh(started) { Ok(()) } else { Err(RefusalCode::LogInRequired.into()) }
    }

    /// Whether a proof still counts.
    fn is_fresh(&self, at: Instant) -> bool {
        at.plus_minutes(self.settings().step_up_minutes.into()) > self.now
    }

    /// When the caller proved their own second factor, within the time that the policy gives; none at the command line and
    /// for parts of the system.
    pub(crate) fn step_up(&self) -> Result<Option<Instant>, No> {
        match self.caller() {
            Caller::Operator(_) | Caller::System(_) => return Ok(None),
            Caller::Session { .. }
            | Caller::ServiceAccount(_)
            | Caller::NoticeLink(_)
            | Caller::Anonymous => {}
        }
        // While MFA is off nobody can prove anything: what asks for a proof waits, or is done at the command line.
        if !self.settings().mfa_available {
            return Err(RefusalCode::MfaNotAvailable.into());
        }
        let acting = self.acting()?;
        if acting.administrator.mfa.enrolled.is_none() {
            return Err(RefusalCode::ActorMfaRequired.into());
        }
        match acting.session.verified_at {
            Some(at) if self.is_fresh(at) => Ok(Some(at)),
            Some(_) | None => Err(RefusalCode::StepUpRequired.into()),
        }
    }

    /// Nobody acts on somebody who holds a permission that they do not hold, nor on a super administrator without being
    /// one. A part of the system acts by policy, and stands in for nobody's rank.
    pub(crate) fn require_rank(&self, target: &Administrator) -> Result<(), No> {
        let by_policy = matches!(self.caller(), Caller::System(_));
        if by_policy || self.is_super() || self.is_self(target.id) {
            return Ok(());
        }
        if target.super_administrator {
            return Err(RefusalCode::SuperAdminRequired.into());
        }
        let role = self.role(&target.role).map(|role| &role.permissions);
        self.require_own(role.into_iter().flatten().copied())
    }

    /// Whether the target holds no permission that the other lacks, and is no super administrator unless the other is one.
    pub(crate) fn outranks(&self, it: &Administrator, target: &Administrator) -> bool {
        self.role(&it.role);
        let theirs = self.role(&target.role).map(|role| &role.permissions);
        let holds = |permission: &Permission| policy::holds(&self.state().directory, it, *permission);
        (it.super_administrator || !target.super_administrator) && theirs.into_iter().flatten().all(holds)
    }

    /// Whether the caller holds the link in the notice of a reset, which stands for the person.
    fn holds_link(&self) -> bool {
        matches!(self.caller(), Caller::NoticeLink(_))
    }
}
