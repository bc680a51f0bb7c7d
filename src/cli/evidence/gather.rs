//! Which records a bundle has: read from the journal, without a lock.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Position};
use serde_json::Value;

use super::policy::Policy;
use crate::cli::reach::no_such;
use crate::cli::{Exit, Failed};
use crate::config::Config;
use crate::data_dir::{self, Past};
use crate::evidence::{About, MAX_EVENTS};

/// A record.
pub(super) struct Recorded {
    pub leaf: String,
    pub void: bool,
}

/// What a bundle is made of.
pub(super) struct Gathered {
    pub about: About,
    /// The user name of whom it is about.
    pub name: String,
    pub records: BTreeMap<u64, Recorded>,
    pub policy: Policy,
}

/// Everything that an administrator did and that was done to them.
pub(super) fn of_administrator(config: &Config, who: &str) -> Result<Gathered, Failed> {
    let (administrator, name) = identified(config, who)?;
    let about = About::Administrator(administrator);
    let mut gathered = Gathered::new(about, name);
    gathered.fill(config, |past, _| {
        past.state.activity.at(past.position).is_some_and(|entry| {
            entry.target == Some(administrator) || entry.actor == Some(administrator.bytes())
        })
    })?;
    Ok(gathered)
}

/// A reset, with what led to it and what followed.
pub(super) fn of_reset(config: &Config, reset: u64) -> Result<Gathered, Failed> {
    let leaf = effective_reset(config, reset)?;
    let data = &leaf["data"];
    let name = data["target"]["user_name"].as_str().unwrap_or_default().to_owned();
    let request = data["details"]["story"]["reset_request"].clone();
    let mut around =
        Around { reset, request, target: data["target"].clone(), alerts: BTreeSet::new(), enrolled: false };
    let mut gathered = Gathered::new(About::Reset(Position(reset)), name);
    gathered.fill(config, |past, leaf| around.has(past.position.0, leaf))?;
    Ok(gathered)
}

impl Gathered {
    fn new(about: About, name: String) -> Self {
        Self { about, name, records: BTreeMap::new(), policy: Policy::default() }
    }

    /// Takes the records that are wanted, and those that set what was in force at the resets among them.
    fn fill(
        &mut self,
        config: &Config,
        mut wanted: impl FnMut(&Past<'_>, &Value) -> bool + Send,
    ) -> Result<(), Failed> {
        let mut failed = None;
        data_dir::history(config, |past| {
            let leaf: Value = match serde_json::from_str(past.leaf()) {
                Ok(leaf) => leaf,
                Err(error) => {
                    let why = format!("the public half of position {} is not JSON", past.position);
                    failed = Some(Failed::new(why).because(&error));
                    return ControlFlow::Break(());
                }
            };
            self.policy.see(&past, &leaf);
            if wanted(&past, &leaf) {
                let recorded = Recorded { leaf: past.leaf().to_owned(), void: past.void };
                self.records.insert(past.position.0, recorded);
                if leaf["data"]["action"] == "mfa.reset" && !past.void {
                    self.policy.needed_at(past.position.0);
                }
            }
            if self.records.len() > MAX_EVENTS {
                failed = Some(Failed::new(format!(
                    "more than {MAX_EVENTS} records: a bundle has no more of them"
                )));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if let Some(failed) = failed {
            return Err(failed);
        }
        self.records.extend(self.policy.records());
        Ok(())
    }
}

/// An id, or the name of whoever had it last.
fn identified(config: &Config, who: &str) -> Result<(AdministratorId, String), Failed> {
    let (lower, wanted) = (who.to_lowercase(), who.parse::<AdministratorId>().ok());
    let mut found = None;
    data_dir::history(config, |past| {
        let entry = past.state.activity.at(past.position);
        let target = entry.and_then(|it| it.target.zip(it.target_name));
        if let Some((id, name)) =
            target.filter(|(id, name)| Some(*id) == wanted || name.to_lowercase() == lower)
        {
            found = Some((id, current_name(past.state, id).unwrap_or(&name).to_owned()));
        }
        ControlFlow::Continue(())
    })?;
    found.ok_or_else(|| no_such(who))
}

fn current_name(state: &State, id: AdministratorId) -> Option<&str> {
    state.directory.administrator(id).map(|it| it.user_name.as_str())
}

fn effective_reset(config: &Config, reset: u64) -> Result<Value, Failed> {
    let mut found = None;
    let head = data_dir::history(config, |past| {
        if past.position.0 == reset && !past.void {
            found = Some(past.leaf().to_owned());
        }
        if past.position.0 < reset { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let none = |why: String| Failed::with(Exit::NotFound, why);
    if head.0 < reset {
        return Err(none(format!("the log, as far as it can be read, ends at position {head}")));
    }
    let leaf = found.and_then(|leaf| serde_json::from_str::<Value>(&leaf).ok());
    leaf.filter(|leaf| leaf["data"]["action"] == "mfa.reset")
        .ok_or_else(|| none(format!("there is no reset at position {reset}")))
}

/// What belongs to a reset.
struct Around {
    reset: u64,
    request: Value,
    target: Value,
    /// The streams of alerts that it raised.
    alerts: BTreeSet<String>,
    enrolled: bool,
}

impl Around {
    fn has(&mut self, position: u64, leaf: &Value) -> bool {
        let (data, details) = (&leaf["data"], &leaf["data"]["details"]);
        let asked = !self.request.is_null()
            && (details["reset_request"] == self.request
                || details["story"]["reset_request"] == self.request);
        let stream = leaf["subject"].as_str().unwrap_or_default();
        let named = details["positions"].as_array().is_some_and(|it| it.iter().any(|at| *at == self.reset));
        if data["action"] == "alert.raised" && named {
            self.alerts.insert(stream.to_owned());
        }
        let enrolled = !self.enrolled
            && position > self.reset
            && data["action"] == "mfa.enabled"
            && data["target"]["administrator"] == self.target["administrator"];
        self.enrolled |= enrolled;
        position == self.reset
            || asked
            || enrolled
            || details["reset"] == self.reset
            || details["about"] == self.reset
            || self.alerts.contains(stream)
    }
}
