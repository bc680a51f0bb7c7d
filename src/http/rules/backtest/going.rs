//! A back-test on its way through the log.

use std::sync::Arc;

use mfa_ledger_api::rules::{BacktestReport, Tried};
use mfa_ledger_ledger::service::{Caller, StoredRecord};
use mfa_ledger_react::detect::load::FILE_BYTES;
use mfa_ledger_react::detect::{Backtest, Range, Rules};
use mfa_ledger_schemas::Position;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;

use super::told;
use crate::administrators::named;
use crate::{App, Problem};

/// Records taken in one go, between which others get their turn.
const BATCH: usize = 512;
/// Records between two lines of progress.
const PROGRESS_RECORDS: u64 = 20_000;

/// The answer has begun: all that is left is to break it off.
#[derive(Debug, thiserror::Error)]
#[error("the back-test was broken off: {0}")]
pub(super) struct Broken(String);

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Self {
        tracing::warn!(code = problem.said.code, "a back-test was broken off");
        Self(problem.said.code)
    }
}

/// How far it got.
pub(super) struct Going {
    app: App,
    /// The caller.
    caller: Caller,
    test: Backtest,
    position: Position,
    end: Position,
    _place: OwnedSemaphorePermit,
}

impl Going {
    pub fn begin(app: &App, caller: Caller, tried: &Tried, end: Position) -> Result<Self, Problem> {
        let range = Range { since: tried.since, until: tried.until };
        if range.is_empty() {
            return Err(Problem::new("empty-range").fault("#/until", "a moment after since"));
        }
        let rules = Arc::new(chosen(app, &tried.rule)?);
        let place = Arc::clone(&app.backtests).try_acquire_owned();
        let place = place.map_err(|_| Problem::new("busy").retry_in(5))?;
        let test = Backtest::new(&rules, range);
        let (app, position) = (app.clone(), Position::default());
        Ok(Self { app, caller, test, position, end, _place: place })
    }

    /// Takes the next records; whether there may be more to be found.
    async fn batch(mut self) -> Result<(Self, bool), Problem> {
        let most = usize::try_from(self.end.0 - self.position.0).map_or(BATCH, |left| left.min(BATCH));
        let records = self.app.service.stored(self.position, most).await?;
        // Rules take a processor for a while, which those who answer callers have none to spare of.
        let taken = spawn_blocking(move || {
            let more = self.take(&records)?;
            Ok((self, more))
        });
        taken.await.map_err(|_| Problem::new("internal-error"))?
    }

    fn take(&mut self, records: &[StoredRecord]) -> Result<bool, Problem> {
        let Some(last) = records.last() else { return Ok(false) };
        let leaves = records.iter().map(|it| Ok((it.position, it.leaf()?, it.void)));
        let leaves: Vec<_> = leaves.collect::<Result<_, Problem>>()?;
        let more = self.test.take_all(&leaves).map_err(|error| {
            tracing::error!(%error, "a back-test met a leaf that cannot be read");
            Problem::new("internal-error")
        })?;
        self.position = last.position;
        Ok(more && self.position < self.end)
    }

    /// A line of progress, or the report.
    pub async fn step(mut self) -> Result<(String, Option<Self>), Problem> {
        let until = self.position.0 + PROGRESS_RECORDS;
        while self.position.0 < until {
            let more;
            (self, more) = self.batch().await?;
            if !more {
                let report = self.report();
                return Ok((format!("{}\n", json!({ "report": report })), None));
            }
        }
        let progress = json!({"position": self.position, "end": self.end, "alerts": self.test.alerts()});
        Ok((format!("{}\n", json!({ "progress": progress })), Some(self)))
    }

    pub async fn finish(mut self) -> Result<BacktestReport, Problem> {
        loop {
            let more;
            (self, more) = self.batch().await?;
            if !more {
                return Ok(self.report());
            }
        }
    }

    fn report(self) -> BacktestReport {
        let now = self.app.service.now();
        let report = self.test.finish(now);
        self.app.service.peek(|state| told(&report, &named(state, &self.caller, now)))
    }
}

/// A text that is no rule by its length is not looked at, and so is no reading.
pub(super) fn fits(text: &str) -> Result<(), Problem> {
    if text.len() > FILE_BYTES {
        return Err(Problem::new("invalid-request").fault("#/rule", "32768 bytes at most"));
    }
    Ok(())
}

/// The rule that is asked for.
fn chosen(app: &App, rule: &str) -> Result<Rules, Problem> {
    if rule.contains('\n') {
        return Rules::given(rule).map_err(|broken| {
            let faults = broken.0.iter().take(20);
            faults.fold(Problem::new("broken-rule"), |problem, fault| {
                problem.fault("#/rule", format!("line {}: {}", fault.line, fault.why))
            })
        });
    }
    let unknown =
        || Problem::new("unknown-rule").fault("#/rule", "the name of a rule in force, or a rule file");
    let rules = app.options.rules.as_ref().ok_or_else(unknown)?;
    Ok(rules.alone(rules.find(rule).ok_or_else(unknown)?))
}
