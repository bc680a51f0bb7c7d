//! Alerts and what became of them; silences.

use std::collections::BTreeMap;

use mfa_ledger_schemas::bodies::{AlertRaised, RuleSilenced};
use mfa_ledger_schemas::{AlertId, AnnexId, Event, Instant, Position, Record, RuleId, Severity, SilenceId};
use serde::{Deserialize, Serialize};

/// How far an alert got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertStage {
    /// Nobody has looked into it.
    Open,
    /// Somebody looks into it.
    Acknowledged,
    /// It is settled.
    Resolved,
}

/// What somebody did with an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its record.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// Further words.
    pub note: Option<AnnexId>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// The record that raised it.
    pub position: Position,
    /// When that was.
    pub at: Instant,
    /// The rule that matched.
    pub rule: RuleId,
    /// What it is about.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What the rule grouped by.
    pub group: String,
    /// The records that made it match.
    pub positions: Vec<Position>,
    /// Whether a silence was in force: it is passed on to nobody.
    pub silenced: bool,
    /// How far it got.
    pub stage: AlertStage,
    /// Who looks into it.
    pub acknowledged: Option<Step>,
    /// Who settled it.
    pub resolved: Option<Step>,
    /// Whether that was because it should not have been raised.
    pub false_positive: bool,
}

/// A silence over a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Its id.
    pub id: SilenceId,
    /// The record that began it.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// By whom.
    pub author: String,
    /// Over which rule.
    pub rule: RuleId,
    /// Over which of its groups; all of them where there is none.
    pub group: Option<String>,
    /// When it ends by itself.
    pub until: Instant,
    /// When it was ended before that.
    pub ended: Option<Instant>,
    /// Further words.
    pub note: Option<AnnexId>,
}

impl Silence {
    /// Whether alerts are kept back by it.
    pub fn is_in_force(&self, now: Instant) -> bool {
        self.ended.is_none() && self.at <= now && now < self.until
    }

    fn covers(&self, alert: &AlertRaised, now: Instant) -> bool {
        let group = self.group.as_ref().is_none_or(|group| *group == alert.group);
        self.is_in_force(now) && self.rule == alert.rule && group
    }
}

/// All alerts and silences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    all: BTreeMap<Position, Alert>,
    by_id: BTreeMap<AlertId, Position>,
    silences: BTreeMap<SilenceId, Silence>,
}

impl Alerts {
    /// One of them.
    pub fn get(&self, id: AlertId) -> Option<&Alert> {
        self.by_id.get(&id).and_then(|position| self.all.get(position))
    }

    /// All before a position, newest first.
    pub fn newest_first(&self, before: Option<Position>) -> impl Iterator<Item = &Alert> {
        let end = before.unwrap_or(Position(u64::MAX));
        self.all.range(..end).rev().map(|(_, alert)| alert)
    }

    /// One silence.
    pub fn silence(&self, id: SilenceId) -> Option<&Silence> {
        self.silences.get(&id)
    }

    /// All silences, in no particular order.
    pub fn silences(&self) -> impl Iterator<Item = &Silence> {
        self.silences.values()
    }

    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        match &record.event {
            Event::AlertRaised(event) => self.raise(position, record.at, event),
            Event::AlertAcknowledged(event) => {
                let step = step(position, record, event.note.as_ref().map(|annex| annex.id));
                self.with(event.alert, |alert| {
                    (alert.stage, alert.acknowledged) = (AlertStage::Acknowledged, Some(step));
                });
            }
            Event::AlertResolved(event) => {
                let step = step(position, record, event.note.as_ref().map(|annex| annex.id));
                self.with(event.alert, |alert| {
                    (alert.stage, alert.resolved) = (AlertStage::Resolved, Some(step));
                    alert.false_positive = event.false_positive;
                });
            }
            Event::RuleSilenced(event) => self.begin_silence(position, record, event),
            Event::SilenceEnded(event) => {
                if let Some(silence) = self.silences.get_mut(&event.silence) {
                    silence.ended = Some(record.at);
                }
            }
            _ => {}
        }
    }

    fn raise(&mut self, position: Position, at: Instant, event: &AlertRaised) {
        let alert = Alert {
            id: event.alert,
            position,
            at,
            rule: event.rule.clone(),
            title: event.title.clone(),
            severity: event.severity,
            group: event.group.clone(),
            positions: event.positions.clone(),
            silenced: self.silences.values().any(|silence| silence.covers(event, at)),
            stage: AlertStage::Open,
            acknowledged: None,
            resolved: None,
            false_positive: false,
        };
        self.by_id.insert(alert.id, position);
        self.all.insert(position, alert);
    }

    fn begin_silence(&mut self, position: Position, record: &Record, event: &RuleSilenced) {
        let silence = Silence {
            id: event.silence,
            position,
            at: record.at,
            author: record.actor.name.clone(),
            rule: event.rule.clone(),
            group: event.group.clone(),
            until: event.until,
            ended: None,
            note: event.note.as_ref().map(|annex| annex.id),
        };
        self.silences.insert(silence.id, silence);
    }

    fn with(&mut self, id: AlertId, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.by_id.get(&id).and_then(|position| self.all.get_mut(position)) {
            change(alert);
        }
    }
}

fn step(position: Position, record: &Record, note: Option<AnnexId>) -> Step {
    Step { position, at: record.at, actor: record.actor.name.clone(), note }
}
