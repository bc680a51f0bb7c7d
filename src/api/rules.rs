//! The rules that raise alerts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mfa_ledger_schemas::bodies::Commitment;
use mfa_ledger_schemas::{AlertId, Instant, Position, RuleId, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be tried.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// The name of a rule in force, or a rule file: Sigma in YAML, up to 32 KiB.
    #[schema(min_length = 1, max_length = 32768)]
    pub rule: String,
    /// Alerts from this moment on.
    #[schema(nullable = false)]
    pub since: Option<Instant>,
    /// Alerts before this moment.
    #[schema(nullable = false)]
    pub until: Option<Instant>,
}

/// An alert that would have been raised.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WouldRaise {
    /// The id that the alert would have, or has.
    pub alert: AlertId,
    #[schema(value_type = String)]
    pub rule: RuleId,
    pub title: String,
    pub at: Instant,
    /// What the rule grouped by.
    pub group: String,
    /// The user name of the administrator that `group` names; `null` where it names none, and for those who may not see
    /// the accounts.
    pub user_name: Option<String>,
    /// The record that completed it; for an absence, the one that began the wait.
    pub position: Position,
    /// The records behind it, at most the newest fifty.
    pub positions: Vec<Position>,
}

/// What a rule would have raised.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BacktestReport {
    /// Records of the range.
    pub records: u64,
    /// Resets of the range.
    pub resets: u64,
    /// Those of them that stand behind an alert.
    pub resets_touched: u64,
    /// The share of them, from 0 to 1.
    pub share_of_resets: f64,
    /// How many alerts there would have been.
    pub alerts: u64,
    /// How many of each rule in each week, by its Monday (UTC).
    pub weeks: BTreeMap<String, BTreeMap<String, u64>>,
    /// The alerts, oldest first, a thousand at most.
    pub would_raise: Vec<WouldRaise>,
    /// Whether there are more alerts than are shown.
    pub cut: bool,
}

/// The rules in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleList {
    pub data: Vec<RuleBody>,
    /// Sigma filters of the site that are in force.
    pub filters: usize,
}

/// A rule in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleBody {
    /// Its name, as alerts and silences have it.
    #[schema(value_type = String)]
    pub id: RuleId,
    /// The id of its Sigma document.
    pub sigma_id: String,
    pub title: String,
    pub description: String,
    pub severity: Severity,
    /// What makes it match: one event, an event that is missing, or one of Sigma's correlations.
    pub kind: Cow<'static, str>,
    /// How far back it looks; 0 for a single event.
    pub window_seconds: u64,
    pub tags: Vec<String>,
    pub false_positives: Vec<String>,
    /// Where it comes from: `pack` or `site`.
    pub origin: Cow<'static, str>,
    /// SHA-256 of its file, in hexadecimal digits, as alerts have it.
    pub sha256: Commitment,
}

/// A rule, and its file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleShown {
    #[serde(flatten)]
    pub rule: RuleBody,
    /// The file, Sigma in YAML.
    pub text: String,
}

impl WouldRaise {
    /// Whom or what it would be about.
    pub fn about(&self) -> &str {
        self.user_name.as_deref().unwrap_or(&self.group)
    }
}
