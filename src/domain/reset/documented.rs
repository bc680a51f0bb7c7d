//! What the guide wants documented about a reset.

use mfa_ledger_schemas::v1::ResetStory;
use mfa_ledger_schemas::{Instant, RefusalCode, ResetReason, ResetRequestId, VerificationMethod, Words};

use crate::{Case, No, ToSeal};

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
    /// Identity was verified by an acceptable method, and what the guide wants documented is there.
    pub(super) fn check(&self) -> Result<(), No> {
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
        if told && requester && self.requested_at.is_some() {
            Ok(())
        } else {
            Err(RefusalCode::ReasonRequired.into())
        }
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
