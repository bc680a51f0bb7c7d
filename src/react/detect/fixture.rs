//! Events in a rule's file that must and must not match.
//!
//! ```yaml
//! tests:
//!   - name: twice in a week
//!     alerts: 1                  # 0 where it must not match
//!     wait: 13h                  # time that passes after the last event
//!     events:
//!       - {action: mfa.reset, actor: bob, target: alice, details: {story: {ticket: T-1}}}
//!       - {after: 2d, action: mfa.reset, actor: carol, target: alice}
//! ```
//! The first event is on Wednesday, 4 March 2026, at 10:00 UTC unless it has an `at`; business hours are those
//! of a new ledger. Names stand for ids.

use std::sync::Arc;

use mfa_ledger_schemas::{AdministratorId, Event, Instant, Position};
use rsigma_parser::value::Timespan;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::engine::Engine;
use super::load::Rules;
use super::rule::Rule;

/// Most events of a fixture.
pub const EVENTS: usize = 200;
/// When the first event is: a working day, within business hours.
const BEGIN: i64 = 1_772_618_400;

/// Events, and how many alerts the rule makes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixture {
    /// What it shows.
    pub name: String,
    /// Alerts of this rule.
    pub alerts: usize,
    leaves: Vec<String>,
    ends: Instant,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default = "one")]
    alerts: usize,
    #[serde(default)]
    wait: Option<String>,
    events: Vec<WrittenEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEvent {
    action: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    after: Option<String>,
    /// How often it happens, with `after` between.
    #[serde(default = "one")]
    times: usize,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    super_admin: bool,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    details: Map<String, Value>,
}

fn one() -> usize {
    1
}

/// The fixtures of a rule.
pub(super) fn read(value: Option<&yaml_serde::Value>) -> Result<Vec<Fixture>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let written: Vec<Written> =
        yaml_serde::from_value(value.clone()).map_err(|error| format!("tests: {error}"))?;
    written.into_iter().map(fixture).collect()
}

fn fixture(written: Written) -> Result<Fixture, String> {
    let mut at = Instant::from_unix_seconds(BEGIN);
    let mut leaves = vec![settings(at)];
    for event in &written.events {
        if let Some(text) = &event.at {
            at = text.parse().map_err(|error| format!("tests: at: {error}"))?;
        }
        for _ in 0..event.times {
            at = at.plus_seconds(seconds(event.after.as_deref().unwrap_or("0s"))?);
            leaves.push(leaf(event, at));
            // The settings, with which every ledger begins, are none of its own.
            if leaves.len() - 1 > EVENTS {
                return Err(format!("tests: '{}' has more than {EVENTS} events", written.name));
            }
        }
    }
    let ends = at.plus_seconds(seconds(written.wait.as_deref().unwrap_or("0s"))?);
    Ok(Fixture { name: written.name, alerts: written.alerts, leaves, ends })
}

fn seconds(text: &str) -> Result<i64, String> {
    let parsed = Timespan::parse(text).map_err(|error| format!("tests: {error}"))?;
    i64::try_from(parsed.seconds).map_err(|_| format!("tests: {text} is too long"))
}

/// What a new ledger begins with.
fn settings(at: Instant) -> String {
    let hours = json!({"time_zone": "UTC", "weekdays": [1, 2, 3, 4, 5], "opens": 420, "closes": 1080});
    let data = json!({"action": "settings.changed", "details": {"settings": {"business_hours": hours}}});
    json!({"time": at, "data": data}).to_string()
}

fn leaf(event: &WrittenEvent, at: Instant) -> String {
    let name = event.actor.as_deref().unwrap_or("somebody");
    let target = event.target.as_deref().map(|target| {
        json!({"administrator": id(target), "user_name": target, "role": "general-staff",
            "super_admin": event.super_admin})
    });
    let mut details = event.details.clone();
    let subject = event.target.as_deref().map_or(Value::Null, |target| json!(id(target)));
    details.entry("administrator").or_insert(subject);
    let outcome = if event.action.ends_with("_refused") { "refused" } else { "success" };
    json!({
        "specversion": "1.0",
        "type": mfa_ledger_schemas::leaf::event_type(&event.action, version_of(&event.action)),
        "time": at,
        "data": {
            "action": event.action,
            "outcome": outcome,
            "code": event.code,
            "actor": {"type": "administrator", "administrator": id(name), "name": name, "role": "help-desk"},
            "target": target,
            "origin": {"address": event.address, "user_agent": null},
            "details": details,
        },
    })
    .to_string()
}

/// The newest one; refusals have one of their own.
fn version_of(action: &str) -> u16 {
    let known = Event::KINDS.iter().find(|(.., known)| *known == action);
    known.map_or(1, |(_, version, _)| *version)
}

fn id(name: &str) -> String {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    AdministratorId::from_bytes(bytes).to_string()
}

impl Fixture {
    /// How many alerts the rule makes of its events now.
    pub fn run(&self, rules: &Arc<Rules>, rule: &Rule) -> usize {
        let mut engine = Engine::new(rules);
        let mut found = Vec::new();
        for (position, leaf) in (1..).zip(&self.leaves) {
            let taken = engine.take(Position(position), leaf, false).expect("fixtures are leaves");
            found.extend(taken.matches);
        }
        found.extend(engine.due(self.ends));
        found.iter().filter(|it| it.rule.id == rule.id).count()
    }
}
