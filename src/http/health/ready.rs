//! `GET /readyz`: whether commands can be carried out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mfa_ledger_projections::State as Fold;
use mfa_ledger_projections::notices::OWED_HOURS;
use mfa_ledger_schemas::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::follow::anchor::Anchors;
use crate::follow::publish::Publisher;
use crate::follow::verified::Occasion;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Params;
use crate::react::deliver::Deliveries;

/// Records that the projection, or NATS, may be behind the log before that is told.
const LAG_RECORDS: u64 = 1_000;

/// How much is told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Each check by itself, too; the value does not matter.
    // A list, since a parameter without a value would be none at all.
    #[param(value_type = String, required = false)]
    verbose: Vec<String>,
}

/// Whether commands can be carried out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    status: Status,
    /// The record up to which answers are true.
    position: Position,
    /// The newest record of the log.
    head: Option<Position>,
    /// Each check by itself, when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    checks: Vec<Check>,
}

/// One check.
#[derive(Serialize, ToSchema)]
#[schema(as = HealthCheck)]
struct Check {
    name: &'static str,
    status: Status,
    /// What the status means here.
    detail: &'static str,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
enum Status {
    /// All is well.
    Ready,
    /// It works, with a part that does not keep up.
    Degraded,
    /// Commands are answered 503.
    Unavailable,
}

/// Whether commands can be carried out.
///
/// Why not stands in the server's own log: this page is open to everybody.
#[utoipa::path(
    get, path = "/readyz", tag = "health", security(()), params(Wanted),
    responses(
        (status = 200, description = "Ready, or degraded", body = Readiness),
        (status = 503, description = "The log is not writable, or the projection has stopped", body = Readiness),
    ),
)]
pub(crate) async fn ready(
    State(app): State<App>,
    Params(wanted): Params<Wanted>,
) -> Result<(StatusCode, Json<Readiness>), Problem> {
    let position = app.service.peek(Fold::position);
    let head = app.service.head().await.ok();
    let mut checks = vec![log(&app, head), disk(&app), projection(&app, position, head)];
    checks.extend(checkpoints(&app));
    checks.extend(anchors(&app));
    checks.extend(nats(&app, head));
    checks.extend(detection(&app, head));
    checks.extend(mail(&app));
    checks.extend(webhooks(&app));
    checks.extend(vault_entries(&app));
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ready);
    let code = if status == Status::Unavailable { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let checks = if wanted.verbose.is_empty() { Vec::new() } else { checks };
    Ok((code, Json(Readiness { status, position, head, checks })))
}

fn log(app: &App, head: Option<Position>) -> Check {
    let (status, detail) = match (app.service.log_poisoned(), head) {
        (Some(_), _) => (Status::Unavailable, "takes no records until it is reopened"),
        (None, None) => (Status::Unavailable, "cannot be read"),
        (None, Some(_)) if is_looked_over(app) => (Status::Ready, "takes records"),
        (None, Some(_)) => (Status::Ready, "takes records; its beginning is being looked over"),
    };
    Check { name: "log", status, detail }
}

fn is_looked_over(app: &App) -> bool {
    let running = app.options.verified.known().running;
    running.is_none_or(|running| running.occasion != Occasion::LookedOver)
}

fn disk(app: &App) -> Check {
    let guard = app.service.guard();
    let (status, detail) = match guard.admit() {
        Err(_) => (Status::Unavailable, "has too little room: nothing is recorded"),
        Ok(()) if guard.reserve() == 0 => (Status::Ready, "is not watched"),
        Ok(()) => (Status::Ready, "has room"),
    };
    Check { name: "disk", status, detail }
}

/// `None` without a sealer.
fn checkpoints(app: &App) -> Option<Check> {
    let sealer = app.options.sealer.as_deref()?;
    let (status, detail) = match sealer.failing() {
        Some(_) => (Status::Degraded, "cannot be made; records are taken all the same"),
        None => (Status::Ready, "follow the log"),
    };
    Some(Check { name: "checkpoints", status, detail })
}

fn projection(app: &App, position: Position, head: Option<Position>) -> Check {
    let behind = head.map_or(0, |head| head.0.saturating_sub(position.0));
    let (status, detail) = if app.service.projection_stopped().is_some() {
        (Status::Unavailable, "has stopped")
    } else if behind > LAG_RECORDS {
        (Status::Degraded, "is behind the log")
    } else {
        (Status::Ready, "keeps up with the log")
    };
    Check { name: "projection", status, detail }
}

/// `None` where there are none.
fn anchors(app: &App) -> Option<Check> {
    let targets = app.options.anchors.as_deref().map(Anchors::states).filter(|it| !it.is_empty())?;
    let now = app.service.now().unix_ms();
    let (status, detail) = if targets.iter().any(|state| state.disputed || state.conflict.is_some()) {
        (Status::Degraded, "one of them says that this is not the log that it knows")
    } else if targets.iter().any(|state| state.is_degraded(now)) {
        (Status::Degraded, "one of them does not take checkpoints")
    } else {
        (Status::Ready, "take checkpoints")
    };
    Some(Check { name: "anchors", status, detail })
}

/// `None` where no server is named.
fn nats(app: &App, head: Option<Position>) -> Option<Check> {
    let state = app.options.publisher.as_deref().map(Publisher::state)?;
    let (status, detail) = match state {
        state if state.stopped.is_some() => {
            (Status::Degraded, "publishing has stopped: the stream is not what it must be")
        }
        state if !state.connected => {
            (Status::Degraded, "is not reached: what is recorded is published later")
        }
        state if state.failure.is_some() => {
            (Status::Degraded, "does not take what is published: it is published later")
        }
        state if head.is_some_and(|head| head.0.saturating_sub(state.position) > LAG_RECORDS) => {
            (Status::Degraded, "is behind the log")
        }
        state if state.checkpoint_failure.is_some() => {
            (Status::Degraded, "has the events, but does not take checkpoints")
        }
        _ => (Status::Ready, "keeps up with the log"),
    };
    Some(Check { name: "nats", status, detail })
}

/// Minutes that a notice may be owed before that is told.
const OWED_MINUTES: i64 = 5;

/// `None` where there is no mail.
fn mail(app: &App) -> Option<Check> {
    if !app.options.mail {
        return None;
    }
    let now = app.service.now();
    let (late, oldest) = (now.plus_minutes(-OWED_MINUTES), now.plus_hours(-OWED_HOURS));
    let is_late = app.service.peek(|state| {
        let mut owed = state.notices.owed_after(Position::default()).filter(|owed| owed.at >= oldest);
        owed.next().is_some_and(|owed| owed.at < late)
    });
    let (status, detail) =
        if is_late { (Status::Degraded, "does not go out") } else { (Status::Ready, "goes out") };
    Some(Check { name: "mail", status, detail })
}

/// `None` where no alerts are raised.
fn detection(app: &App, head: Option<Position>) -> Option<Check> {
    let detector = app.options.detector.as_deref()?;
    let behind = head.map_or(0, |head| head.0.saturating_sub(detector.position().0));
    let (status, detail) = if detector.stopped().is_some() {
        (Status::Degraded, "has stopped: no alerts until the next start")
    } else if detector.is_stuck() {
        (Status::Degraded, "cannot record an alert")
    } else if behind > LAG_RECORDS {
        (Status::Degraded, "is behind the log")
    } else {
        (Status::Ready, "keeps up with the log")
    };
    Some(Check { name: "detection", status, detail })
}

/// `None` where there are none.
fn webhooks(app: &App) -> Option<Check> {
    let endpoints = app.options.deliveries.as_deref().map(Deliveries::states).filter(|it| !it.is_empty())?;
    let now = app.service.now().unix_ms();
    let (status, detail) = if endpoints.iter().any(|state| state.unsaved.is_some()) {
        (Status::Degraded, "what was delivered cannot be put on the disk: some of it would go out again")
    } else if endpoints.iter().any(|state| state.is_degraded(now)) {
        (Status::Degraded, "one of them takes nothing")
    } else {
        (Status::Ready, "take what is delivered")
    };
    Some(Check { name: "webhooks", status, detail })
}

/// `None` while every entry that the log names can be opened, as far as is known.
fn vault_entries(app: &App) -> Option<Check> {
    let detail = "some of its entries cannot be opened: see doctor and mfa_ledger_vault_damaged_entries";
    let is_damaged = app.service.damaged_entries() > 0;
    is_damaged.then_some(Check { name: "vault_entries", status: Status::Degraded, detail })
}
