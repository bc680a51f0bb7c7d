//! What the guide wants documented about a reset.

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::bodies::ResetStory;
use mfa_ledger_schemas::{Instant, RefusalCode, ResetReason, ResetRequestId, VerificationMethod, Words};

use super::requester;
use crate::{Case, Evidence, No, Question, ToSeal, Undecided};

/// The longest time between a request and what is done about it, in days.
const REQUEST_DAYS: i64 = 7;

/// How far the requester's clock may be ahead, in minutes.
const CLOCKS_DIFFER_MINUTES: i64 = 5;

/// What is documented about a reset.
#[derive(Clone, Debug, Default)]
pub struct Documented {
    pub reason: Option<ResetReason>,
    pub verification: Option<VerificationMethod>,
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    /// Requester's name and contact, the reason in words.
    pub words: Words,
    /// The approved request that is used.
    pub reset_request: Option<ResetRequestId>,
}

impl Documented {
    /// Identity was verified by an acceptable method, and what the guide wants documented is there and can be true.
    pub(super) fn check(&self, case: &Case<'_>, target: &Administrator) -> Result<(), No> {
        match self.verification {
            None => return Err(RefusalCode::VerificationRequired.into()),
            Some(method) if !method.is_acceptable() => {
                return Err(RefusalCode::VerificationUnacceptable.into());
            }
            Some(_) => {}
        }
        let Words { requester_name, requester_contact, text } = &self.words;
        let told = match self.reason {
            None => false,
            Some(ResetReason::Other) => text.is_some(),
            Some(_) => true,
        };
        let requester = requester_name.is_some() && requester_contact.is_some();
        let Some(requested_at) = self.requested_at.filter(|_| told && requester) else {
            return Err(RefusalCode::ReasonRequired.into());
        };
        let earliest = case.now.plus_hours(-REQUEST_DAYS * 24);
        if requested_at < earliest || requested_at > case.now.plus_minutes(CLOCKS_DIFFER_MINUTES) {
            return Err(RefusalCode::RequestTimeImplausible.into());
        }
        if self.verification == Some(VerificationMethod::AuthenticatedTicket) && self.ticket.is_none() {
            return Err(RefusalCode::TicketRequired.into());
        }
        // Under another name it is the same person only where the performer says how.
        if text.is_none() && !requester::is_target(case, &self.words, target)? {
            return Err(RefusalCode::ThirdPartyRequester.into());
        }
        Ok(())
    }

    /// What must be compared before [`Self::check`].
    pub(super) fn question(&self, target: Option<&Administrator>) -> Question<'_> {
        if self.words.text.is_some() { Question::Nothing } else { requester::question(&self.words, target) }
    }

    /// Whether nothing is told but the request that is used.
    pub(super) fn is_bare(&self) -> bool {
        let Self { reason, verification, requested_at, ticket, words, reset_request: _ } = self;
        reason.is_none()
            && verification.is_none()
            && requested_at.is_none()
            && ticket.is_none()
            && words.is_empty()
    }

    /// Whether nothing here differs from what was approved. What is left out is taken from there.
    pub(super) fn agrees_with(&self, approved: &ResetStory, evidence: Evidence) -> Result<bool, No> {
        fn same<T: PartialEq>(given: Option<&T>, approved: Option<&T>) -> bool {
            given.is_none() || given == approved
        }
        let words = match (&approved.words, evidence) {
            _ if self.words.is_empty() => true,
            (Some(sealed), Evidence::Words { annex, same }) if annex == sealed.id => same,
            (None, _) => false,
            // They were compared with other words, or with none yet.
            (Some(_), _) => return Err(Undecided::StaleEvidence.into()),
        };
        Ok(words
            && same(self.reason.as_ref(), approved.reason.as_ref())
            && same(self.verification.as_ref(), approved.verification.as_ref())
            && same(self.requested_at.as_ref(), approved.requested_at.as_ref())
            && same(self.ticket.as_ref(), approved.ticket.as_ref()))
    }

    /// As events keep it.
    pub(super) fn story(&self, case: &Case<'_>) -> ResetStory {
        ResetStory {
            reason: self.reason,
            verification: self.verification,
            requested_at: self.requested_at,
            ticket: self.ticket.clone(),
            words: case.annex(),
            reset_request: self.reset_request,
        }
    }

    /// The words are sealed.
    pub(super) fn to_seal(&self) -> ToSeal {
        if self.words.is_empty() { ToSeal::Nothing } else { ToSeal::Words(self.words.clone()) }
    }
}
