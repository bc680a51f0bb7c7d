//! Requests that somebody be reset.

use std::borrow::Cow;

use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    AdministratorId, Instant, Position, RedFlag, ResetReason, ResetRequestId, VerificationMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::resets::ToldOfReset;
use crate::several::Several;
use crate::text::{Name, Text, Ticket};

/// Whose MFA, and what is documented. What a rule misses is refused with a code of its own, and recorded.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    pub administrator: AdministratorId,
    #[schema(nullable = false)]
    pub reason: Option<ResetReason>,
    /// The reason in words: needed for `other`, and to say how requester and administrator are one where the names differ.
    #[schema(nullable = false)]
    pub reason_text: Option<Text>,
    /// How the identity of the person was verified. Unacceptable ways can be named, and are refused.
    #[schema(nullable = false)]
    pub verification: Option<VerificationMethod>,
    #[schema(nullable = false)]
    pub requester_name: Option<Name>,
    #[schema(nullable = false)]
    pub requester_contact: Option<Name>,
    /// When the person asked.
    #[schema(nullable = false)]
    pub requested_at: Option<Instant>,
    #[schema(nullable = false)]
    pub ticket: Option<Ticket>,
}

/// The request that waits for a second person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RequestFiled {
    pub reset_request: ResetRequestId,
    pub administrator: AdministratorId,
    pub stage: RequestStage,
    pub expires: Instant,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestStage {
    /// Waits for a second person.
    Open,
    /// May be carried out.
    Approved,
    /// Will not be carried out.
    Declined,
    /// Looked like an attack.
    Suspicious,
    /// Carried out.
    Used,
    /// Ran out before it was carried out.
    Expired,
}

/// A request that somebody's MFA be reset.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetRequestBody {
    pub id: ResetRequestId,
    /// The record that filed it.
    pub position: Position,
    pub administrator: AdministratorId,
    pub user_name: String,
    pub stage: RequestStage,
    /// Who filed it.
    pub filed_by: Actor,
    pub filed_at: Instant,
    pub expires: Instant,
    pub reason: Option<ResetReason>,
    pub verification: Option<VerificationMethod>,
    #[serde(flatten)]
    pub told: ToldOfReset,
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    pub approved_by: Option<AdministratorId>,
    pub approved_at: Option<Instant>,
    /// The reset that it led to.
    pub reset: Option<Position>,
}

/// What became of a request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RequestDecided {
    pub reset_request: ResetRequestId,
    pub administrator: AdministratorId,
    pub stage: RequestStage,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Why a request looks like an attack.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspicion {
    #[schema(value_type = Vec<RedFlag>, min_items = 1, max_items = 8)]
    pub red_flags: Several<RedFlag, 8>,
    /// What was observed, in words.
    #[schema(nullable = false)]
    pub description: Option<Text>,
}

/// A report of a suspicious request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SuspicionReported {
    pub administrator: AdministratorId,
    /// The request that is closed by it, if one was filed.
    pub reset_request: Option<ResetRequestId>,
    pub red_flags: Vec<RedFlag>,
    /// What to do next.
    pub next_steps: [Cow<'static, str>; 3],
    #[serde(flatten)]
    pub receipt: Receipt,
}

impl RequestStage {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Approved, Self::Declined, Self::Suspicious, Self::Used, Self::Expired];

    /// As it stands in JSON.
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
