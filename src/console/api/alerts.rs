//! `/v1/alerts`, `/v1/rules`, `/v1/silences`.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{AlertId, Instant, Position, Severity, SilenceId};
use serde::Deserialize;

/// How far an alert got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertStage {
    Open,
    Acknowledged,
    Resolved,
}

impl AlertStage {
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// As the API has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// An alert.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Alert {
    pub id: AlertId,
    pub position: Position,
    pub at: Instant,
    pub rule: String,
    pub title: String,
    pub severity: Severity,
    pub group: String,
    pub positions: Vec<Position>,
    pub silenced: bool,
    pub stage: AlertStage,
    pub acknowledged: Option<Step>,
    pub resolved: Option<Step>,
    pub false_positive: bool,
}

/// What somebody did with it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step {
    pub at: Instant,
    pub actor: String,
    pub note: Option<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
}

/// A rule in force.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rule {
    pub id: String,
    pub title: String,
    pub description: String,
    pub severity: Severity,
    pub kind: String,
    pub window_seconds: u64,
    pub tags: Vec<String>,
    pub false_positives: Vec<String>,
    pub origin: String,
    pub sha256: String,
    /// Its file, where one rule was asked for.
    pub text: Option<String>,
}

/// All rules in force.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rules {
    pub data: Vec<Rule>,
    pub filters: usize,
}

/// A silence.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Silence {
    pub id: SilenceId,
    pub at: Instant,
    pub author: String,
    pub rule: String,
    pub group: Option<String>,
    pub until: Instant,
    pub in_force: bool,
    pub note: Option<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
}

/// What a rule would have raised.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Report {
    pub records: u64,
    pub resets: u64,
    pub resets_touched: u64,
    pub alerts: u64,
    /// By rule, then by the Monday of the week.
    pub weeks: BTreeMap<String, BTreeMap<String, u64>>,
    pub would_raise: Vec<WouldRaise>,
    pub cut: bool,
}

/// An alert that would have been raised.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WouldRaise {
    pub title: String,
    pub at: Instant,
    pub group: String,
    pub position: Position,
    pub positions: Vec<Position>,
}

#[cfg(test)]
impl Alert {
    pub fn sample(stage: AlertStage) -> Self {
        let at = Instant::default();
        let step = Step { at, actor: "<b>s</b>".to_owned(), note: Some("<i>".to_owned()), unreadable: true };
        Self {
            id: AlertId::from_bytes([5; 16]),
            position: Position(8),
            at,
            rule: "mass-resets".to_owned(),
            title: "Many resets by <one>".to_owned(),
            severity: Severity::High,
            group: "=cmd()".to_owned(),
            positions: vec![Position(2), Position(4)],
            silenced: true,
            stage,
            acknowledged: (stage != AlertStage::Open).then(|| step.clone()),
            resolved: (stage == AlertStage::Resolved).then_some(step),
            false_positive: true,
        }
    }
}

#[cfg(test)]
impl Rule {
    pub fn sample() -> Self {
        Self {
            id: "mass-resets".to_owned(),
            title: "Many resets".to_owned(),
            description: "More than <three> within an hour.".to_owned(),
            severity: Severity::Critical,
            kind: "event_count".to_owned(),
            window_seconds: 3_600,
            tags: vec!["attack.t1556".to_owned()],
            false_positives: vec!["A new phone for <everybody>".to_owned()],
            origin: "pack".to_owned(),
            sha256: "00ff".to_owned(),
            text: Some("title: <Many>\nid: x\n".to_owned()),
        }
    }
}

#[cfg(test)]
impl Silence {
    pub fn sample() -> Self {
        let at = Instant::default();
        Self {
            id: SilenceId::from_bytes([6; 16]),
            at,
            author: "<b>s</b>".to_owned(),
            rule: "mass-resets".to_owned(),
            group: Some("<g>".to_owned()),
            until: at,
            in_force: true,
            note: Some("<i>roll-out</i>".to_owned()),
            unreadable: true,
        }
    }
}
