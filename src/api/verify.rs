//! Second factors, for host applications.

use mfa_ledger_schemas::{AdministratorId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::text::Typed;

/// Whose second factor, and what they typed: either a code or a backup code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 2, max_properties = 2)]
#[schema(as = SecondFactorQuestion)]
pub struct Question {
    pub administrator: AdministratorId,
    #[schema(nullable = false)]
    pub code: Option<Typed>,
    #[schema(nullable = false)]
    pub backup_code: Option<Typed>,
}

/// Whether it is good.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SecondFactorVerdict)]
pub struct Verdict {
    /// Whether it was accepted, which it is once and never again.
    pub accepted: bool,
    /// Before this moment nothing is looked at; after failures only.
    pub retry_at: Option<Instant>,
    /// After a backup code: how many are left.
    pub backup_codes_left: Option<u8>,
    #[serde(flatten)]
    pub receipt: Receipt,
}
