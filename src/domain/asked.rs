//! A command's circumstances, and what is made ready for it.

use mfa_ledger_schemas::bodies::Annex;
use mfa_ledger_schemas::{AdministratorId, CredentialId, Instant, Position, ServiceAccountId, SessionId};

use crate::Evidence;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An administrator in a session.
    Session {
        /// Who.
        administrator: AdministratorId,
        /// In which session.
        session: SessionId,
    },
    /// A program.
    ServiceAccount(ServiceAccountId),
    /// Somebody at the machine's own command line, by the operating system's name.
    Operator(String),
    /// A part of this system, by its name.
    System(&'static str),
    /// Whoever holds the link in the notice of a reset.
    NoticeLink(Position),
    /// Nobody known yet.
    Anonymous,
}

/// The circumstances of a command.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// From where.
    pub address: Option<&'a str>,
    /// The version of the target that the caller saw (`If-Match`).
    pub expected: Option<Position>,
    /// When.
    pub now: Instant,
}

/// What is made ready before a command is decided: fresh ids, what lies sealed, and what came of its [`Question`].
///
/// [`Question`]: crate::Question
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The id of what the command brings to life: an administrator, a session, a request, a webhook.
    pub id: [u8; 16],
    /// The id of the secret that it brings to life.
    pub credential: CredentialId,
    /// What lies sealed.
    pub annex: Option<Annex>,
    /// What came of the comparison.
    pub evidence: Evidence,
}
