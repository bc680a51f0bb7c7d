//! What needs attention.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::administrators::AdministratorBody;
use crate::alerts::AlertBody;
use crate::page::Page;
use crate::reset_requests::ResetRequestBody;
use crate::resets::ResetInBrief;

/// The first pages of four lists; each is `null` for those who may not see that list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// As `GET /v1/resets`.
    pub resets: Option<Page<ResetInBrief>>,
    /// As `GET /v1/administrators?mfa=not_enabled`; `null`, too, where MFA is not available.
    pub administrators_without_mfa: Option<Page<AdministratorBody>>,
    /// As `GET /v1/reset-requests?stage=open`.
    pub open_reset_requests: Option<Page<ResetRequestBody>>,
    /// As `GET /v1/alerts?stage=open`.
    pub open_alerts: Option<Page<AlertBody>>,
}
