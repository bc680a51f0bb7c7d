//! `GET /v1/log/verification`: what of the log was verified, and when; `POST` verifies all of it now.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::log::{
    HeldAgainst, LogVerification, LogVerifications, RunningVerification, VerificationOccasion,
    VerificationWanted,
};
use mfa_ledger_ledger::follow::verified::{self, Against, Known, Occasion};
use mfa_ledger_ledger::service::{Caller, READ, command};
use mfa_ledger_schemas::Position;

use crate::{App, Meta, Problem, Signed, receipt};

/// What the record says was looked at.
const READING: &str = "verify=log";

/// What of the log this server has verified since it started: its records, read and hashed, held against signed
/// checkpoints.
///
/// A log that is not what was signed for ends the server, so that it is never told of here. To trust neither this
/// server nor its machine: `mfa-ledger log verify --url`.
#[utoipa::path(
    get, path = "/v1/log/verification", tag = "log",
    responses((status = 200, description = "What was verified", body = LogVerifications)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<LogVerifications>, Problem> {
    seen(&app, &caller).map(Json)
}

/// What was verified, for a caller who may read the activity log.
pub(super) fn seen(app: &App, caller: &Caller) -> Result<LogVerifications, Problem> {
    app.service.query(caller, READ, |_, _| ())?;
    Ok(verifications(app.options.verified.known()))
}

/// Verifies the whole log now: every record up to the newest checkpoint is read, decoded and hashed.
///
/// One goes on at a time: whoever asks meanwhile has asked for the next one. It is on record as a reading of the
/// activity log. Should the log not be what was signed for, the server ends, as it does when it finds that at a start.
#[utoipa::path(
    post, path = "/v1/log/verification", tag = "log",
    responses((status = 202, description = "It begins", body = VerificationWanted)),
)]
pub(crate) async fn begin(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
) -> Result<(StatusCode, HeaderMap, Json<VerificationWanted>), Problem> {
    let reading = command::ReadActivity { query: READING.to_owned(), right: READ };
    let done = meta.execute(&app, caller, &[], reading).await?;
    app.options.verified.want();
    let known = verifications(app.options.verified.known());
    let wanted = VerificationWanted { receipt: receipt::of(&done.receipt), known };
    Ok((StatusCode::ACCEPTED, receipt::headers(&done.receipt), Json(wanted)))
}

fn occasion(occasion: Occasion) -> VerificationOccasion {
    match occasion {
        Occasion::Start => VerificationOccasion::Start,
        Occasion::LookedOver => VerificationOccasion::LookedOver,
        Occasion::OnDemand => VerificationOccasion::OnDemand,
    }
}

fn held_against(against: Against) -> HeldAgainst {
    let Against { source, checkpoint } = against;
    let (origin, size) = (checkpoint.origin, Position(checkpoint.size));
    HeldAgainst { source, origin, size, root: checkpoint.root.to_string() }
}

fn verification(it: verified::Verification) -> LogVerification {
    LogVerification {
        occasion: occasion(it.occasion),
        began_at: it.began,
        ended_at: it.ended,
        from: Position(it.first),
        to: Position(it.last),
        root: it.root.to_string(),
        held_against: it.against.into_iter().map(held_against).collect(),
    }
}

fn verifications(known: Known) -> LogVerifications {
    let running = known.running.map(|it| RunningVerification {
        occasion: occasion(it.occasion),
        began_at: it.began,
        seen: Position(it.seen),
        to: Position(it.last),
    });
    let done = known.done.into_iter().map(verification).collect();
    LogVerifications { done, running, waiting: known.waiting, broken_off_at: known.broken_off }
}
