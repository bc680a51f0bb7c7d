//! Alerts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Annex;
use crate::body::Body;
use crate::{AlertId, Instant, Position, RuleId, Severity, SilenceId};

/// A rule matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertRaised {
    pub alert: AlertId,
    pub rule: RuleId,
    pub rule_sha256: super::Commitment,
    pub title: String,
    pub severity: Severity,
    /// What the rule grouped by.
    pub group: String,
    /// The records that made it match, at most the newest fifty.
    pub positions: Vec<Position>,
}

impl Body for AlertRaised {}

/// Somebody looks into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertAcknowledged {
    pub alert: AlertId,
    pub note: Option<Annex>,
}

impl Body for AlertAcknowledged {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// It is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertResolved {
    pub alert: AlertId,
    pub false_positive: bool,
    pub note: Option<Annex>,
}

impl Body for AlertResolved {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// For a while, alerts of a rule are recorded, and passed on to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleSilenced {
    pub silence: SilenceId,
    pub rule: RuleId,
    /// Only those that the rule grouped by this; all of them where there is none.
    pub group: Option<String>,
    pub until: Instant,
    pub note: Option<Annex>,
}

impl Body for RuleSilenced {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// A silence ends before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SilenceEnded {
    pub silence: SilenceId,
    pub rule: RuleId,
}

impl Body for SilenceEnded {}
