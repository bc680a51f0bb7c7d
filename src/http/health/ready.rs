//! `GET /readyz`: whether commands can be carried out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mfa_ledger_projections::State as Fold;
use mfa_ledger_schemas::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::follow::anchor::Anchors;
use crate::follow::seal::Sealer;
use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Params;
use crate::react::deliver::Deliveries;

/// Records that the projection may be behind the log before that is told.
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
    let checks = vec![
        log(&app, head),
        disk(&app),
        projection(&app, position, head),
        checkpoints(&app),
        anchors(&app),
        webhooks(&app),
    ];
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ready);
    let code = if status == Status::Unavailable { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let checks = if wanted.verbose.is_empty() { Vec::new() } else { checks };
    Ok((code, Json(Readiness { status, position, head, checks })))
}

fn log(app: &App, head: Option<Position>) -> Check {
    let (status, detail) = match (app.service.log_poisoned(), head) {
        (Some(_), _) => (Status::Unavailable, "takes no records until it is reopened"),
        (None, None) => (Status::Unavailable, "cannot be read"),
        (None, Some(_)) => (Status::Ready, "takes records"),
    };
    Check { name: "log", status, detail }
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

fn checkpoints(app: &App) -> Check {
    let (status, detail) = match app.options.sealer.as_deref().map(Sealer::failing) {
        None => (Status::Ready, "are not made here"),
        Some(None) => (Status::Ready, "keep up with the log"),
        Some(Some(_)) => (Status::Degraded, "cannot be made: there are no proofs of new records"),
    };
    Check { name: "checkpoints", status, detail }
}

fn anchors(app: &App) -> Check {
    let targets = app.options.anchors.as_deref().map(Anchors::states).unwrap_or_default();
    let now = app.service.now().unix_ms();
    let (status, detail) = if targets.is_empty() {
        (Status::Ready, "there are none: checkpoints are kept here only")
    } else if targets.iter().any(|state| state.disputed || state.conflict.is_some()) {
        (Status::Degraded, "one of them says that this is not the log that it knows")
    } else if targets.iter().any(|state| state.is_degraded(now)) {
        (Status::Degraded, "one of them does not take checkpoints")
    } else {
        (Status::Ready, "take checkpoints")
    };
    Check { name: "anchors", status, detail }
}

fn webhooks(app: &App) -> Check {
    let endpoints = app.options.deliveries.as_deref().map(Deliveries::states).unwrap_or_default();
    let now = app.service.now().unix_ms();
    let (status, detail) = if endpoints.is_empty() {
        (Status::Ready, "there are none")
    } else if endpoints.iter().any(|state| state.unsaved.is_some()) {
        (Status::Degraded, "what was delivered cannot be put on the disk: some of it would go out again")
    } else if endpoints.iter().any(|state| state.is_degraded(now)) {
        (Status::Degraded, "one of them takes nothing")
    } else {
        (Status::Ready, "take what is delivered")
    };
    Check { name: "webhooks", status, detail }
}
