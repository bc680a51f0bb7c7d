//! Alerts, and what people do about them.

use mfa_ledger_schemas::{AlertId, Instant, Position, RuleId, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::rules::RuleBody;
use crate::text::Text;

/// How far an alert got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertStage)]
pub enum Stage {
    /// Nobody has looked into it.
    Open,
    /// Somebody looks into it.
    Acknowledged,
    /// It is settled.
    Resolved,
}

/// What somebody did with an alert.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertStep)]
pub struct StepBody {
    pub position: Position,
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// `null` when not given, or erased.
    pub note: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}

/// An alert.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertBody {
    pub id: AlertId,
    /// The record that raised it.
    pub position: Position,
    pub at: Instant,
    /// The rule that matched.
    pub rule: RuleId,
    pub title: String,
    pub severity: Severity,
    /// What the rule grouped by.
    pub group: String,
    /// The user name of the administrator that `group` names; `null` where it names none, and for those who may not see
    /// the accounts.
    pub user_name: Option<String>,
    /// The records that made it match, at most the newest fifty.
    pub positions: Vec<Position>,
    /// Whether a silence was in force: it was passed on to nobody.
    pub silenced: bool,
    pub stage: Stage,
    /// Who looks into it.
    pub acknowledged: Option<StepBody>,
    /// Who settled it.
    pub resolved: Option<StepBody>,
    /// Whether it was settled as one that should not have been raised.
    pub false_positive: bool,
}

/// An alert, and its rule.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AlertShown {
    #[serde(flatten)]
    pub alert: AlertBody,
    /// The rule as it is in force now; `null` where it no longer is.
    pub rule_in_force: Option<RuleBody>,
}

/// What became of an alert.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AlertDecided {
    pub alert: AlertId,
    pub stage: Stage,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// How an alert was settled.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// Whether it should not have been raised.
    #[serde(default)]
    #[schema(default = false)]
    pub false_positive: bool,
    /// A note for the record, kept sealed beside the log.
    #[schema(nullable = false)]
    pub note: Option<Text>,
}

impl AlertBody {
    /// Whom or what it is about.
    pub fn about(&self) -> &str {
        self.user_name.as_deref().unwrap_or(&self.group)
    }
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}
