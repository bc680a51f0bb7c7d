//! `/v1/reset-requests`.

use mfa_ledger_schemas::{
    AdministratorId, Instant, Position, ResetReason, ResetRequestId, VerificationMethod,
};
use serde::Deserialize;

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Open,
    Approved,
    Declined,
    Suspicious,
    Used,
    Expired,
}

impl Stage {
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Approved, Self::Declined, Self::Suspicious, Self::Used, Self::Expired];

    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Suspicious => "suspicious",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// A request that somebody's MFA be reset.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Request {
    pub id: ResetRequestId,
    pub administrator: AdministratorId,
    pub user_name: String,
    pub stage: Stage,
    pub filed_by: FiledBy,
    pub filed_at: Instant,
    pub expires: Instant,
    pub reason: Option<ResetReason>,
    pub reason_text: Option<String>,
    pub verification: Option<VerificationMethod>,
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    pub approved_at: Option<Instant>,
    pub reset: Option<Position>,
}

/// Who filed it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FiledBy {
    pub administrator: Option<AdministratorId>,
    pub name: String,
}

#[cfg(test)]
impl Request {
    pub fn sample(stage: Stage) -> Self {
        let at = Instant::default();
        Self {
            id: ResetRequestId::from_bytes([3; 16]),
            administrator: AdministratorId::from_bytes([2; 16]),
            user_name: "dana.reyes".to_owned(),
            stage,
            filed_by: FiledBy {
                administrator: Some(AdministratorId::from_bytes([4; 16])),
                name: "<b>nils</b>".to_owned(),
            },
            filed_at: at,
            expires: at,
            reason: Some(ResetReason::Other),
            reason_text: Some("</textarea><script>alert(1)</script>".to_owned()),
            verification: Some(VerificationMethod::InPersonPhotoId),
            requester_name: Some("Dana Reyes".to_owned()),
            requester_contact: Some("+1 555 0100".to_owned()),
            unreadable: true,
            requested_at: Some(at),
            ticket: Some("HD-1".to_owned()),
            approved_at: Some(at),
            reset: Some(Position(11)),
        }
    }
}
