//! Sessions.

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::{AdministratorId, Instant, SessionId, SessionStage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::me::Profile;
use crate::receipt::Receipt;
use crate::settings::Settings;
use crate::text::{Typed, UserName};

/// A session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionBody {
    pub session: SessionId,
    pub administrator: AdministratorId,
    pub user_name: String,
    /// What it can do next: `done`, `verify` a second factor, or `enroll`.
    pub next: SessionStage,
    pub expires: Instant,
    /// When a second factor was last proved in it.
    pub verified_at: Option<Instant>,
    /// The password was generated and is to be changed before it runs out.
    pub password_change_due: bool,
}

/// What a client shows around everything else.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Viewer {
    pub session: SessionBody,
    /// `null` until the second factor is shown.
    pub profile: Option<Profile>,
    /// `null` until the session can do everything.
    pub settings: Option<Settings>,
    /// When the first account was registered; `null` for those who may not see the accounts.
    pub accounts_since: Option<Instant>,
}

/// A code of the authenticator app, or a backup code: exactly one of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
pub struct SecondFactor {
    #[schema(nullable = false)]
    pub code: Option<Typed>,
    #[schema(nullable = false)]
    pub backup_code: Option<Typed>,
}

/// The session as it is now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Verified {
    pub next: SessionStage,
    pub expires: Option<Instant>,
    /// After a backup code: how many are left.
    pub backup_codes_left: Option<u8>,
    /// Few backup codes are left: make new ones.
    pub backup_codes_low: bool,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// User name and password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub user_name: UserName,
    pub password: Typed,
}

/// A session and its token.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Started {
    /// To be sent as `Authorization: Bearer`; also set as a cookie.
    #[schema(value_type = String)]
    pub token: JsonSecret,
    #[serde(flatten)]
    pub session: SessionBody,
    #[serde(flatten)]
    pub receipt: Receipt,
}
