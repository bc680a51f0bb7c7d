//! Programs that call the API.

use std::collections::BTreeSet;

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::{Instant, Scope, ServiceAccountId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::text::Name;

/// A program that is to call the API.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccount {
    pub name: Name,
    #[schema(min_items = 1)]
    pub scopes: BTreeSet<Scope>,
    /// From when on its token is not to work; never when absent.
    #[schema(nullable = false)]
    pub expires: Option<Instant>,
}

/// A service account and its token.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceAccountCreated)]
pub struct Created {
    pub service_account: ServiceAccountId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires: Option<Instant>,
    /// To be sent as `Authorization: Bearer`. Shown once, never again: absent in a repeated answer.
    #[schema(value_type = Option<String>)]
    pub token: Option<JsonSecret>,
    /// Whether this answer shows the token; a repeated one does not.
    pub token_shown: bool,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A service account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    /// From when on its token does not work; never when absent.
    pub expires: Option<Instant>,
    pub created_at: Instant,
    /// The name of who created it.
    pub created_by: String,
    /// Whether its token was made not to work.
    pub revoked: bool,
    /// Whether its token does not work until somebody resumes it: the log was restored to an earlier moment.
    pub suspended: bool,
}
