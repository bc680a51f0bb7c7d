//! `POST /v1/rules/backtest`: what a rule would have raised.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body as Bytes, Bytes as Chunk};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use mfa_ledger_schemas::limits::QUERY_CHARS;
use mfa_ledger_schemas::{AlertId, Instant, Position, RoleId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinHandle, spawn_blocking};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::activity::noted;
use crate::http::alerts::SEES_ALERTS;
use crate::http::body::Body;
use crate::http::list::Format;
use crate::http::meta::Meta;
use crate::http::problem::Problem;
use crate::http::signed::Signed;
use crate::react::detect::load::FILE_BYTES;
use crate::react::detect::{Backtest, Match, Range, ReadLeaf, Reader, Report, Rules};
use crate::service::{Intent, StoredRecord};

/// Records taken in one go, between which others get their turn.
const BATCH: usize = 256;
/// Records between two lines of progress.
const PROGRESS_RECORDS: u64 = 20_000;

/// What is to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tried {
    /// The name of a rule in force, or a rule file: Sigma in YAML, up to 32 KiB.
    #[schema(min_length = 1, max_length = 32768)]
    rule: String,
    /// Alerts from this moment on.
    #[schema(nullable = false)]
    since: Option<Instant>,
    /// Alerts before this moment.
    #[schema(nullable = false)]
    until: Option<Instant>,
}

/// An alert that would have been raised.
#[derive(Serialize, ToSchema)]
pub(crate) struct WouldRaise {
    /// The id that the alert would have, or has.
    alert: AlertId,
    #[schema(value_type = String)]
    rule: RoleId,
    title: String,
    at: Instant,
    /// What the rule grouped by.
    group: String,
    /// The record that completed it; for an absence, the one that began the wait.
    position: Position,
    /// The records behind it, at most the newest fifty.
    positions: Vec<Position>,
}

/// What a rule would have raised.
#[derive(Serialize, ToSchema)]
pub(crate) struct BacktestReport {
    /// Records of the range.
    records: u64,
    /// Resets of the range.
    resets: u64,
    /// Those of them that stand behind an alert.
    resets_touched: u64,
    /// The share of them, from 0 to 1.
    share_of_resets: f64,
    /// How many alerts there would have been.
    alerts: u64,
    /// How many of each rule in each week, by its Monday (UTC).
    weeks: BTreeMap<String, BTreeMap<String, u64>>,
    /// The alerts, oldest first, a thousand at most.
    would_raise: Vec<WouldRaise>,
    /// Whether there are more alerts than are shown.
    cut: bool,
}

/// What a rule would have raised: over the whole log, or the alerts of a range. Changes nothing; it is a reading of
/// the activity log, on record as one, and takes the right to that and to alerts.
///
/// With `Accept: application/x-ndjson`, lines of progress come first, then one with the report.
#[utoipa::path(
    post, path = "/v1/rules/backtest", tag = "alerts", request_body = Tried,
    responses((status = 200, description = "The report", content(
        (BacktestReport = "application/json"), (String = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn backtest(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    headers: HeaderMap,
    Body { value, bytes }: Body<Tried>,
) -> Result<Response, Problem> {
    let query: String = format!("backtest={}", value.rule).chars().take(QUERY_CHARS).collect();
    let call = meta.call(&app, caller.clone(), &bytes, false);
    // On record first: whoever looks for what is not there has looked.
    noted::noted(&app, call, Intent::ReadActivity { query }).await?;
    let end = app.service.query(&caller, SEES_ALERTS, |state, _| state.position())?;
    let going = Going::begin(&app, &value, end)?;
    if Format::of(&headers) == Format::Ndjson {
        let lines = stream::try_unfold(Some(going), |going| async move {
            let Some(going) = going else { return Ok::<_, Broken>(None) };
            let (line, going) = going.step().await?;
            Ok(Some((Chunk::from(line), going)))
        });
        let mut response = Bytes::from_stream(lines).into_response();
        let media_type = HeaderValue::from_static(Format::Ndjson.media_type());
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        return Ok(response);
    }
    Ok(axum::Json(going.finish().await?).into_response())
}

/// The answer has begun: all that is left is to break it off.
#[derive(Debug, thiserror::Error)]
#[error("the back-test was broken off: {0}")]
struct Broken(String);

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Self {
        tracing::warn!(code = problem.code, "a back-test was broken off");
        Self(problem.code)
    }
}

/// How far it got.
struct Going {
    app: App,
    test: Backtest,
    position: Position,
    end: Position,
    /// The next records, which are read while the rules look at those before.
    next: Option<JoinHandle<Result<Vec<ReadLeaf>, Problem>>>,
    _place: OwnedSemaphorePermit,
}

impl Going {
    fn begin(app: &App, tried: &Tried, end: Position) -> Result<Self, Problem> {
        let range = Range { since: tried.since, until: tried.until };
        if range.is_empty() {
            return Err(Problem::new("empty-range").fault("#/until", "a moment after since"));
        }
        let rules = Arc::new(chosen(app, &tried.rule)?);
        let place = Arc::clone(&app.backtests).try_acquire_owned();
        let place = place.map_err(|_| Problem::new("busy").retry_in(5))?;
        let (test, position) = (Backtest::new(&rules, range), Position::default());
        let mut going = Self { app: app.clone(), test, position, end, next: None, _place: place };
        going.read_behind(position);
        Ok(going)
    }

    /// Begins to read what is behind a position, if there is more.
    fn read_behind(&mut self, position: Position) {
        let most = usize::try_from(self.end.0 - position.0).map_or(BATCH, |left| left.min(BATCH));
        let (app, reader) = (self.app.clone(), self.test.reader().clone());
        self.next = (most > 0).then(|| tokio::spawn(read(app, reader, position, most)));
    }

    /// Takes the next records; whether there may be more to be found.
    async fn batch(mut self) -> Result<(Self, bool), Problem> {
        let Some(next) = self.next.take() else { return Ok((self, false)) };
        let leaves = next.await.map_err(|_| Problem::new("internal-error"))??;
        let Some(last) = leaves.last() else { return Ok((self, false)) };
        self.position = last.position();
        self.read_behind(self.position);
        // Rules take a processor for a while, which those who answer callers and read on have none to spare of.
        let taken = spawn_blocking(move || {
            let more = leaves.into_iter().all(|leaf| self.test.take_read(leaf));
            let more = more && self.next.is_some();
            (self, more)
        });
        taken.await.map_err(|_| Problem::new("internal-error"))
    }

    /// A line of progress, or the report.
    async fn step(mut self) -> Result<(String, Option<Self>), Problem> {
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

    async fn finish(mut self) -> Result<BacktestReport, Problem> {
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
        told(&self.test.finish(now))
    }
}

/// The records behind a position, as far as the rules look at them.
async fn read(app: App, reader: Reader, behind: Position, most: usize) -> Result<Vec<ReadLeaf>, Problem> {
    let records = app.service.stored(behind, most).await?;
    let read = |it: StoredRecord| {
        reader.read(it.position, it.leaf()?, it.void).map_err(|error| {
            tracing::error!(%error, "a back-test met a leaf that cannot be read");
            Problem::new("internal-error")
        })
    };
    records.into_iter().map(read).collect()
}

/// The rule that is asked for.
fn chosen(app: &App, rule: &str) -> Result<Rules, Problem> {
    if rule.len() > FILE_BYTES {
        return Err(Problem::new("invalid-request").fault("#/rule", "32768 bytes at most"));
    }
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

fn told(report: &Report) -> BacktestReport {
    let weeks = report.weeks.iter().map(|(rule, weeks)| (rule.to_string(), weeks.clone())).collect();
    BacktestReport {
        records: report.records,
        resets: report.resets as u64,
        resets_touched: report.resets_touched as u64,
        share_of_resets: report.share(),
        alerts: report.alerts,
        weeks,
        would_raise: report.matches.iter().map(would_raise).collect(),
        cut: report.is_cut(),
    }
}

fn would_raise(found: &Match) -> WouldRaise {
    WouldRaise {
        alert: found.alert,
        rule: found.rule.id.clone(),
        title: found.rule.title.clone(),
        at: found.at,
        group: found.group.clone(),
        position: found.position,
        positions: found.positions.clone(),
    }
}
