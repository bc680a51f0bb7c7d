//! What is documented before a reset, as it was typed.

use mfa_ledger_schemas::{ResetReason, ResetRequestId, VerificationMethod};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Case;
use crate::{Zone, chosen, given};

/// The form, over all its pages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Story {
    key: String,
    #[serde(deserialize_with = "chosen")]
    pub verification: Option<VerificationMethod>,
    #[serde(deserialize_with = "chosen")]
    pub reason: Option<ResetReason>,
    #[serde(deserialize_with = "given")]
    pub reason_text: Option<String>,
    #[serde(deserialize_with = "given")]
    pub requester_name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub requester_contact: Option<String>,
    /// In the viewer's zone, as the browser's input has it.
    #[serde(deserialize_with = "given")]
    pub requested_at: Option<String>,
    #[serde(deserialize_with = "given")]
    pub ticket: Option<String>,
    #[serde(deserialize_with = "chosen")]
    reset_request: Option<ResetRequestId>,
    #[serde(deserialize_with = "given")]
    confirmation: Option<String>,
}

impl Story {
    /// What is likely: the person asked for themselves, just now.
    pub fn fresh(case: &Case, zone: &Zone) -> Self {
        Self {
            requester_name: Some(case.it.shown().to_owned()),
            requested_at: Some(zone.input(case.explanation.at)),
            reset_request: case.explanation.reset_request,
            ..Self::default()
        }
    }

    /// The same as the API takes it.
    pub fn documented(&self, zone: &Zone) -> Value {
        json!({
            "reason": self.reason,
            "reason_text": self.reason_text,
            "verification": self.verification,
            "requester_name": self.requester_name,
            "requester_contact": self.requester_contact,
            "requested_at": self.requested_at.as_deref().and_then(|text| zone.typed(text)),
            "ticket": self.ticket,
        })
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn confirmation(&self) -> Option<&str> {
        self.confirmation.as_deref()
    }

    pub fn reset_request(&self) -> Option<ResetRequestId> {
        self.reset_request
    }

    /// Everything that the first page asked for, for the hidden fields of the second.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("verification", self.verification.map(|it| it.name().to_owned())),
            ("reason", self.reason.map(|it| it.name().to_owned())),
            ("reason_text", self.reason_text.clone()),
            ("requester_name", self.requester_name.clone()),
            ("requester_contact", self.requester_contact.clone()),
            ("requested_at", self.requested_at.clone()),
            ("ticket", self.ticket.clone()),
            ("reset_request", self.reset_request.map(|it| it.to_string())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

#[cfg(test)]
impl Story {
    pub fn sample() -> Self {
        Self {
            key: "0123".to_owned(),
            verification: Some(VerificationMethod::EmailOnly),
            reason: Some(ResetReason::Other),
            reason_text: Some("</textarea><script>alert(1)</script>".to_owned()),
            requester_name: Some("\"><script>alert(1)</script>".to_owned()),
            requester_contact: Some("=cmd()".to_owned()),
            requested_at: Some("2026-05-04T11:00".to_owned()),
            ticket: Some("HD-1".to_owned()),
            reset_request: Some(ResetRequestId::from_bytes([3; 16])),
            confirmation: Some("dana".to_owned()),
        }
    }
}
