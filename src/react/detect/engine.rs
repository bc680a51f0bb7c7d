//! One pass over the log: leaves in, matches out.

use std::borrow::Cow;
use std::sync::Arc;

use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{AlertId, Instant, Position, RuleId};
use rsigma_eval::{
    CorrelationConfig, CorrelationEngine, CorrelationEventMode, EvaluationResult, Event, EventValue,
    TimestampFallback,
};
use sha2::{Digest, Sha256};

use super::absence::{Missed, Waits};
use super::facts::Facts;
use super::load::Rules;
use super::rule::{Kind, Rule};
use super::seen::{Seen, field, text};
use super::wanted::Wanted;

/// Groups of all correlations whose windows are kept; beyond that, those that moved longest ago are forgotten.
pub const GROUPS: usize = 50_000;
/// Records that an alert names, the newest.
pub const POSITIONS: usize = 50;
/// Steps of the engine's own time in a second: fine enough that no two events share one, so that what came
/// first is never in doubt.
pub(super) const TICKS: u64 = 1_000_000;
/// Records after which windows that have passed are forgotten.
const SWEEP_RECORDS: u32 = 10_000;

/// A match of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The id of its alert, the same whenever and wherever this match is found.
    pub alert: AlertId,
    /// What the rule grouped by.
    pub group: String,
    /// The record that completed it; for an absence, the one that began the wait.
    pub position: Position,
    /// The records behind it, in order.
    pub positions: Vec<Position>,
    /// When: the time of that record; for an absence, the end of the wait.
    pub at: Instant,
}

/// A leaf is not what a leaf must be.
#[derive(Debug, thiserror::Error)]
#[error("position {position} cannot be read")]
pub struct Unreadable {
    position: Position,
    #[source]
    source: serde_json::Error,
}

/// What a leaf was, and what it completed.
#[derive(Debug, Default)]
pub struct Taken {
    /// When it was.
    pub at: Instant,
    /// Whether it was a reset.
    pub is_reset: bool,
    /// What it completed.
    pub matches: Vec<Match>,
}

/// The engine.
pub struct Engine {
    pub(super) rules: Arc<Rules>,
    pub(super) wanted: Arc<Wanted>,
    pub(super) sigma: CorrelationEngine,
    pub(super) facts: Facts,
    pub(super) waits: Waits,
    /// Single rules that raise nothing more for a while.
    pub(super) held_back: Waits,
    pub(super) tick: u64,
    pub(super) until_sweep: u32,
}

impl Engine {
    /// An engine before the first record.
    pub fn new(rules: &Arc<Rules>) -> Self {
        let config = CorrelationConfig {
            timestamp_fields: Vec::new(),
            timestamp_fallback: TimestampFallback::Skip,
            max_state_entries: GROUPS,
            emit_detections: true,
            correlation_event_mode: CorrelationEventMode::Refs,
            max_correlation_events: POSITIONS,
            ..CorrelationConfig::default()
        };
        let mut sigma = CorrelationEngine::new(config);
        sigma.add_collection(rules.collection()).expect("rules are compiled when they are loaded");
        Self {
            rules: Arc::clone(rules),
            wanted: Arc::new(Wanted::by(rules)),
            sigma,
            facts: Facts::default(),
            waits: Waits::default(),
            held_back: Waits::default(),
            tick: 0,
            until_sweep: SWEEP_RECORDS,
        }
    }

    /// Takes the next leaf. What is void changes nothing but the time.
    pub fn take(&mut self, position: Position, leaf: &str, void: bool) -> Result<Taken, Unreadable> {
        let read = self.wanted.read(leaf);
        self.take_read(position, read, void)
    }

    /// Takes a leaf that was read as far as it is wanted.
    pub(super) fn take_read(
        &mut self,
        position: Position,
        read: serde_json::Result<EventValue<'_>>,
        void: bool,
    ) -> Result<Taken, Unreadable> {
        let broken = |source| Unreadable { position, source };
        let mut event = read.map_err(broken)?;
        let time = text(field(&event, "time"));
        let at: Instant =
            time.map_or("", |it| it).parse().map_err(|error| broken(serde::de::Error::custom(error)))?;
        let mut taken = Taken { at, matches: self.due(at), ..Taken::default() };
        let action = text(field(field(&event, "data"), "action")).map_or("", |it| it);
        // Its own alerts would feed it for ever.
        if void || action.starts_with("alert.raise") {
            return Ok(taken);
        }
        taken.is_reset = action == "mfa.reset";
        self.facts.complete(&mut event, at, &self.wanted);
        let event = Seen { leaf: event, position };
        self.evaluate(&event, at, &mut taken.matches);
        self.sweep();
        Ok(taken)
    }

    /// The waits that ended before a moment.
    pub fn due(&mut self, before: Instant) -> Vec<Match> {
        let missed = self.waits.missed(before);
        missed.into_iter().map(|missed| self.missed(missed)).collect()
    }

    /// When the next wait ends.
    pub fn next_due(&self) -> Option<Instant> {
        self.waits.next()
    }

    /// Windows that are kept.
    pub fn groups(&self) -> usize {
        self.sigma.state_count()
    }

    fn missed(&self, Missed { rule, group, position, at }: Missed) -> Match {
        let rule = Arc::clone(&self.rules.all()[rule]);
        Match {
            alert: alert_id(&rule.id, &group, position),
            rule,
            group,
            position,
            positions: vec![position],
            at,
        }
    }

    fn evaluate(&mut self, event: &Seen<'_>, at: Instant, matches: &mut Vec<Match>) {
        let mut detections = self.sigma.evaluate(event);
        if detections.is_empty() {
            return;
        }
        let rules = Arc::clone(&self.rules);
        // One event can be two steps of an ordered rule: the later step is taken first, so that it never
        // follows itself.
        detections.sort_by_key(|it| std::cmp::Reverse(rules.rank(sigma_id(it))));
        for detection in detections {
            let id = sigma_id(&detection).to_owned();
            if let Some(index) = rules.alerting(&id) {
                self.single(index, event, at, matches);
            }
            self.wait(&id, event, at);
            if rules.feeds(&id) {
                let tick = self.next_tick(at);
                let found = self.sigma.process_with_detections(event, vec![detection], tick);
                matches.extend(found.iter().filter_map(|it| self.correlated(it, event.position, at)));
            }
        }
    }

    fn next_tick(&mut self, at: Instant) -> i64 {
        let millis = u64::try_from(at.unix_ms()).unwrap_or(0);
        self.tick = (self.tick + 1).max(millis.saturating_mul(TICKS / 1_000));
        i64::try_from(self.tick).unwrap_or(i64::MAX)
    }

    fn single(&mut self, index: usize, event: &Seen<'_>, at: Instant, matches: &mut Vec<Match>) {
        let rule = Arc::clone(&self.rules.all()[index]);
        let Kind::Single { group_by, suppress } = &rule.kind else { return };
        let group = group(event, group_by);
        let position = event.position;
        if *suppress > 0 {
            self.held_back.missed(at);
            if self.held_back.end_of(index, &group).is_some_and(|until| at < until) {
                return;
            }
            let until = at.plus_seconds(i64::try_from(*suppress).unwrap_or(i64::MAX));
            self.held_back.begin(index, group.clone(), position, until);
        }
        let alert = alert_id(&rule.id, &group, position);
        matches.push(Match { rule, alert, group, position, positions: vec![position], at });
    }

    fn wait(&mut self, id: &str, event: &Seen<'_>, at: Instant) {
        for index in self.rules.absences() {
            let Kind::Absence { after, without, group_by, within } = &self.rules.all()[*index].kind else {
                continue;
            };
            if without.iter().any(|it| it == id) {
                self.waits.end(&(*index, group(event, group_by)));
            }
            if after.iter().any(|it| it == id) {
                let end = at.plus_seconds(i64::try_from(*within).unwrap_or(i64::MAX));
                self.waits.begin(*index, group(event, group_by), event.position, end);
            }
        }
    }

    /// A correlation that has fired, if it raises alerts and every field that it groups by was there.
    fn correlated(&self, found: &EvaluationResult, position: Position, at: Instant) -> Option<Match> {
        let body = found.as_correlation()?;
        let rule = Arc::clone(&self.rules.all()[self.rules.alerting(sigma_id(found))?]);
        if body.group_key.len() < self.rules.group_size(&rule.sigma_id) {
            return None;
        }
        let group = body.group_key.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ");
        let refs = body.event_refs.iter().flatten().filter_map(|it| it.id.as_ref()?.parse().ok());
        let mut positions: Vec<Position> = refs.map(Position).chain([position]).collect();
        positions.sort_unstable();
        positions.dedup();
        let positions = positions.split_off(positions.len().saturating_sub(POSITIONS));
        Some(Match { alert: alert_id(&rule.id, &group, position), rule, group, position, positions, at })
    }

    fn sweep(&mut self) {
        self.until_sweep -= 1;
        if self.until_sweep == 0 {
            self.until_sweep = SWEEP_RECORDS;
            self.sigma.evict_expired(i64::try_from(self.tick).unwrap_or(i64::MAX));
        }
    }
}

impl Match {
    /// The event that puts it on record.
    pub fn raised(&self) -> AlertRaised {
        AlertRaised {
            alert: self.alert,
            rule: self.rule.id.clone(),
            rule_sha256: Commitment(self.rule.sha256),
            title: self.rule.title.clone(),
            severity: self.rule.severity,
            group: self.group.clone(),
            positions: self.positions.clone(),
        }
    }
}

fn sigma_id(found: &EvaluationResult) -> &str {
    found.header.rule_id.as_deref().unwrap_or_default()
}

/// The values of the fields that are there.
fn group(event: &Seen<'_>, fields: &[String]) -> String {
    let values = fields.iter().filter_map(|field| {
        let value = event.get_field(field)?;
        value.as_str().map(Cow::into_owned)
    });
    values.collect::<Vec<_>>().join(" ")
}

/// An id out of rule, group and position.
pub(crate) fn alert_id(rule: &RuleId, group: &str, position: Position) -> AlertId {
    let mut hash = Sha256::new_with_prefix(b"mfa-ledger alert\0");
    hash.update(rule.as_str());
    hash.update([0]);
    hash.update(group);
    hash.update([0]);
    hash.update(position.0.to_be_bytes());
    id_of(hash)
}

/// A UUID of version 8 out of a digest.
pub(crate) fn id_of(hash: Sha256) -> AlertId {
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    AlertId::from_bytes(bytes)
}
