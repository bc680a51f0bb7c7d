//! Whether somebody could have done something at a moment, and which rule says so: the very decision that the attempt
//! would have been given then.

mod words;

use mfa_ledger_api::explain::{Explanation, Party, RestsOn};
use mfa_ledger_domain::command::{ApproveMfaReset, ChangeAdministrator, Documented, ResetMfa};
use mfa_ledger_domain::{self as domain, Asked, Caller, Command, Decision, Evidence, Prepared, Undecided};
use mfa_ledger_projections::{Administrator, ResetRequest, Session, State};
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, Position, RefusalCode, ResetReason, ResetRequestId,
    SessionId, SessionStage, StreamName, VerificationMethod, Words,
};

use self::words::in_words;
use super::{Past, Service};

/// The session that is supposed: the decision wants one, and names it nowhere that is shown.
const SUPPOSED: SessionId = SessionId::from_bytes([0; 16]);
/// How long it lasts, in minutes: long enough for one decision.
const SUPPOSED_MINUTES: i64 = 1;

/// What is supposed of every attempt, whether or not it would have been so.
const LOGGED_IN: &str =
    "the actor is logged in, and proved their second factor, if they have one, at that moment";

/// What is supposed of a reset besides.
const DOCUMENTED: &[&str] = &[
    "identity was verified by an acceptable method",
    "reason, requester and time of the request are documented",
    "the confirmation repeats the target's user name",
    "an approved request for the target is used, where there was one",
];

/// What somebody would do. Names are ids or user names, of that moment or of now.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Reset somebody's MFA.
    Reset {
        /// Whose.
        target: String,
    },
    /// Approve a request for a reset.
    Approve {
        /// Which.
        reset_request: ResetRequestId,
    },
    /// Change somebody's names or addresses.
    Change {
        /// Whose.
        target: String,
    },
}

/// Who would do what.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who.
    pub actor: String,
    /// What.
    pub deed: Deed,
}

impl Service {
    /// Whether an administrator could have done something at a moment; `None` when nobody is, or was then, known by one of
    /// the names, or no request has that id.
    pub fn explain(&self, past: &Past, question: &Question) -> Option<Explanation> {
        let (actor, target) = {
            let present = self.state();
            let find = |text: &str| named(&past.state, text).or_else(|| named(&present, text)).map(party);
            let target = match &question.deed {
                Deed::Reset { target } | Deed::Change { target } => find(target),
                Deed::Approve { reset_request } => {
                    let request = present.directory.reset_request(*reset_request)?;
                    find(&request.target.to_string())
                }
            };
            (find(&question.actor)?, target?)
        };
        Some(explain(past, &question.deed, actor, target))
    }
}

fn named<'a>(state: &'a State, text: &str) -> Option<&'a Administrator> {
    match text.parse::<AdministratorId>() {
        Ok(id) => state.directory.administrator(id),
        Err(_) => state.directory.by_user_name(text),
    }
}

fn party(it: &Administrator) -> Party {
    Party { administrator: it.id, user_name: it.user_name.clone() }
}

fn explain(past: &Past, deed: &Deed, actor: Party, target: Party) -> Explanation {
    let (state, now) = (&*past.state, past.at);
    let session = Session {
        id: SUPPOSED,
        administrator: actor.administrator,
        stage: SessionStage::Done,
        started: now,
        expires: now.plus_minutes(SUPPOSED_MINUTES),
        verified_at: Some(now),
        address: None,
        user_agent: None,
    };
    // Whoever could not log in had no session, and gets none here.
    let could_log_in =
        state.directory.administrator(actor.administrator).is_some_and(Administrator::can_log_in);
    let supposed = state.supposing(could_log_in.then_some(session));
    let caller = Caller::Session { administrator: actor.administrator, session: SUPPOSED };
    let reset_request = match deed {
        Deed::Reset { .. } => approved(state, &actor, &target, now).map(|request| request.id),
        Deed::Approve { reset_request } => Some(*reset_request),
        Deed::Change { .. } => None,
    };
    let asked = Asked { caller: &caller, address: None, expected: None, now };
    let tried =
        |request| domain::decide(&supposed, &asked, &*attempt(deed, &target, request, now), &UNPREPARED);
    let with_request = tried(reset_request);
    // An approval that does not hold helps nobody: the reset is one without it.
    let goes_without =
        matches!(deed, Deed::Reset { .. }) && reset_request.is_some() && is_void(&with_request);
    let (reset_request, decided) =
        if goes_without { (None, tried(None)) } else { (reset_request, with_request) };
    let mut retry_at = None;
    let (code, explanation, rests_on) = match decided {
        Ok(decision) => {
            let reads = decision.reads.iter().map(|read| rests_on(&read.stream, read.position)).collect();
            if let Event::CommandRefused(refused) = decision.event {
                retry_at = refused.retry_at;
                (Some(refused.code.name()), in_words(deed, refused.code), reads)
            } else {
                (None, "no rule refuses it", reads)
            }
        }
        Err(Undecided::Unauthenticated | Undecided::StaleEvidence) => {
            let stream = StreamName::Administrator(actor.administrator);
            let reads = vec![rests_on(&stream, state.tip(&stream))];
            (
                Some("unauthenticated"),
                "the actor could not log in: not registered yet, deactivated, or frozen",
                reads,
            )
        }
    };
    let more = if matches!(deed, Deed::Reset { .. }) { DOCUMENTED } else { &[] };
    Explanation {
        allowed: code.is_none(),
        code: code.map(str::to_owned),
        explanation: explanation.to_owned(),
        retry_at,
        actor,
        target,
        position: past.position(),
        at: now,
        rests_on,
        reset_request,
        assumed: std::iter::once(LOGGED_IN).chain(more.iter().copied()).map(str::to_owned).collect(),
    }
}

fn rests_on(stream: &StreamName, position: Position) -> RestsOn {
    RestsOn { stream: stream.to_string(), position }
}

/// Whether it is the approval that is refused.
fn is_void(decided: &Result<Decision, Undecided>) -> bool {
    let Ok(Decision { event: Event::CommandRefused(refused), .. }) = decided else { return false };
    matches!(
        refused.code,
        RefusalCode::ApprovalVoid | RefusalCode::ApproverNotIndependent | RefusalCode::UnderSuspicion
    )
}

/// Nothing is sealed, and no id is wanted: the reset is not recorded.
const UNPREPARED: Prepared = Prepared {
    id: [0; 16],
    credential: CredentialId::from_bytes([0; 16]),
    annex: None,
    evidence: Evidence::Nothing,
};

/// The command that would be given.
fn attempt(
    deed: &Deed,
    target: &Party,
    reset_request: Option<ResetRequestId>,
    now: Instant,
) -> Box<dyn Command> {
    match deed {
        Deed::Reset { .. } => Box::new(reset(target, reset_request, now)),
        Deed::Approve { reset_request } => {
            Box::new(ApproveMfaReset { reset_request: *reset_request, note: None })
        }
        Deed::Change { .. } => Box::new(ChangeAdministrator {
            administrator: target.administrator,
            user_name: None,
            super_administrator: None,
            display_name: None,
            emails: Some(Vec::new()),
        }),
    }
}

/// A reset with all that the guide wants documented.
fn reset(target: &Party, reset_request: Option<ResetRequestId>, now: Instant) -> ResetMfa {
    let requester = Some(target.user_name.clone());
    // The approved request holds the details; the reset adds none.
    let told = Documented { reset_request, ..Documented::default() };
    let documented = if reset_request.is_some() {
        told
    } else {
        Documented {
            reason: Some(ResetReason::LostOrStolenDevice),
            verification: Some(VerificationMethod::VideoCall),
            requested_at: Some(now),
            ticket: None,
            words: Words { requester_name: requester.clone(), requester_contact: requester, text: None },
            reset_request: None,
        }
    };
    let confirmation = Some(target.user_name.clone());
    ResetMfa { administrator: target.administrator, documented, confirmation }
}

/// A request that the actor could have used then, the newest one.
fn approved<'a>(state: &'a State, actor: &Party, target: &Party, now: Instant) -> Option<&'a ResetRequest> {
    state.directory.reset_requests().rev().find(|request| {
        let by_another = |(by, _)| by != actor.administrator;
        request.target == target.administrator
            && request.expires > now
            && request.approval().is_some_and(by_another)
    })
}
