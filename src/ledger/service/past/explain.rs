//! Whether somebody could have reset somebody's MFA at a moment, and which rule says so: the very decision that a
//! reset would have been given then.

use mfa_ledger_api::explain::{Explanation, Party, RestsOn};
use mfa_ledger_domain::command::{Documented, ResetMfa};
use mfa_ledger_domain::{self as domain, Asked, Caller, Evidence, Prepared, Undecided};
use mfa_ledger_projections::{Administrator, ResetRequest, ResetRequestStage, Session, State};
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, Position, RefusalCode, ResetReason, ResetRequestId,
    SessionId, SessionStage, StreamName, VerificationMethod, Words,
};

use super::{Past, Service};

/// The session that is supposed: the decision wants one, and names it nowhere that is shown.
const SUPPOSED: SessionId = SessionId::from_bytes([0; 16]);
/// How long it lasts, in minutes: long enough for one decision.
const SUPPOSED_MINUTES: i64 = 1;

/// What is supposed of the attempt, whether or not it would have been so.
const ASSUMED: &[&str] = &[
    "the actor is logged in, and proved their second factor, if they have one, at that moment",
    "identity was verified by an acceptable method",
    "reason, requester and time of the request are documented",
    "the confirmation repeats the target's user name",
    "an approved request for the target is used, where there was one",
];

/// Who would reset whom: ids or user names, of that moment or of now.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who would reset.
    pub actor: String,
    /// Who would be reset.
    pub target: String,
}

impl Service {
    /// Whether an administrator could have reset another's MFA at a moment; `None` when nobody is, or was then,
    /// known by one of the names.
    pub fn explain_reset(&self, past: &Past, question: &Question) -> Option<Explanation> {
        let (actor, target) = {
            let present = self.state();
            let find = |text: &str| named(&past.state, text).or_else(|| named(&present, text)).map(party);
            (find(&question.actor)?, find(&question.target)?)
        };
        Some(explain(past, actor, target))
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

fn explain(past: &Past, actor: Party, target: Party) -> Explanation {
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
    let reset_request = approved(state, &actor, &target, now).map(|request| request.id);
    let command = attempt(&target, reset_request, now);
    let asked = Asked { caller: &caller, address: None, expected: None, now };
    let mut retry_at = None;
    let (code, explanation, rests_on) = match domain::decide(&supposed, &asked, &command, &UNPREPARED) {
        Ok(decision) => {
            let reads = decision.reads.iter().map(|read| rests_on(&read.stream, read.position)).collect();
            if let Event::CommandRefused(refused) = decision.event {
                retry_at = refused.retry_at;
                (Some(refused.code.name()), in_words(refused.code), reads)
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
        assumed: ASSUMED.iter().map(|&text| text.to_owned()).collect(),
    }
}

fn rests_on(stream: &StreamName, position: Position) -> RestsOn {
    RestsOn { stream: stream.to_string(), position }
}

/// Nothing is sealed, and no id is wanted: the reset is not recorded.
const UNPREPARED: Prepared = Prepared {
    id: [0; 16],
    credential: CredentialId::from_bytes([0; 16]),
    annex: None,
    evidence: Evidence::Nothing,
};

/// A reset with all that the guide wants documented.
fn attempt(target: &Party, reset_request: Option<ResetRequestId>, now: Instant) -> ResetMfa {
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
        let by_another = |by| by != actor.administrator;
        request.target == target.administrator
            && request.expires > now
            && matches!(request.stage, ResetRequestStage::Approved { by, .. } if by_another(by))
    })
}

/// The rules of a reset.
fn in_words(code: RefusalCode) -> &'static str {
    use RefusalCode as C;
    match code {
        C::MfaNotAvailable => "MFA is switched off system-wide",
        C::PermissionDenied => "the actor does not hold manage-mfa",
        C::EnrollmentRequired => "MFA is required of the actor, who has not enrolled",
        C::SecondFactorRequired => "the actor has not shown a second factor",
        C::AdministratorNotFound => "there was no such administrator yet",
        C::AdministratorInactive => "the target is not active",
        C::SelfReset => "one cannot reset oneself",
        C::SuperAdminRequired => "only a super administrator resets a super administrator",
        C::PrivilegeTooHigh => "the target may do more than the actor",
        C::MfaNotEnabled => "the target has no MFA that could be reset",
        C::ActorMfaRequired => "the actor has no MFA, which whoever resets others must have",
        C::StepUpRequired => "the actor has not proved a second factor a short while before",
        C::ResetRateLimited => "the policy allows no more resets of the target, or by the actor, for a while",
        C::ApprovalRequired => {
            "a second person must approve first, and nobody had whom the actor could rely on"
        }
        C::UnderSuspicion => {
            "a request about the target looked like an attack: a second person must approve first, and nobody had"
        }
        C::AdministratorFrozen => "the target is frozen: they denied a reset",
        C::ApprovalVoid => "the approver is no longer active or no longer holds manage-mfa",
        C::ApproverNotIndependent => "the actor and the approver are not independent of each other",
        // No rule of a reset, or one that the attempt keeps.
        C::ApprovedStoryDiffers
        | C::ApproverTooNew
        | C::PartyToReset
        | C::NoteRequired
        | C::RepudiationTooLate
        | C::NotUnderSuspicion
        | C::RequestTimeImplausible
        | C::TicketRequired
        | C::LogInRequired
        | C::VerificationRequired
        | C::VerificationUnacceptable
        | C::ReasonRequired
        | C::ConfirmationRequired
        | C::VersionMismatch
        | C::UserNameTaken
        | C::RoleNotFound
        | C::LastSuperAdmin
        | C::SelfDeactivation
        | C::AlreadyActive
        | C::MfaAlreadyEnabled
        | C::NoPendingEnrollment
        | C::MfaRequired
        | C::PasswordUnacceptable
        | C::WrongPassword
        | C::ResetRequestNotFound
        | C::ResetRequestClosed
        | C::OwnRequest
        | C::ResetNotFound
        | C::AlreadyRepudiated
        | C::ServiceAccountNotFound
        | C::NothingToErase
        | C::StillActive
        | C::SelfRoleChange
        | C::NotVerified
        | C::AlertNotFound
        | C::AlertClosed
        | C::AlertExists
        | C::SilenceNotFound
        | C::WebhookNotFound
        | C::WebhookInactive
        | C::TooManyWebhooks
        | C::DeliveryNotFound
        | C::Unknown(_) => "a rule refuses it",
    }
}
