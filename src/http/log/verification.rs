//! `GET /v1/log/verification`: what of the log was verified, and when; `POST` verifies all of it now.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_ledger::follow::verified::{self, Against, Known, Occasion};
use mfa_ledger_ledger::service::{Intent, READ};
use mfa_ledger_schemas::{Instant, Position};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;

/// What the record says was looked at.
const READING: &str = "verify=log";

/// How a verification came about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum VerificationOccasion {
    /// Before the server took callers.
    Start,
    /// What the start had not read, while callers were served.
    LookedOver,
    /// Somebody wanted it.
    OnDemand,
}

/// A checkpoint that the log was held against.
#[derive(Serialize, ToSchema)]
struct HeldAgainst {
    /// Where it came from: `checkpoint` for the one in the data directory, `memory` for the newest that this server
    /// has signed, `the tiles` for one that follows from those by the tree, or an anchor or a witness by its name.
    source: String,
    origin: String,
    /// Records that it covers.
    size: Position,
    /// The root of the tree over them, base64.
    root: String,
}

/// A verification that found all records to be what was signed for.
#[derive(Serialize, ToSchema)]
struct LogVerification {
    occasion: VerificationOccasion,
    began_at: Instant,
    ended_at: Instant,
    /// The first record that was read and hashed.
    from: Position,
    /// The last.
    to: Position,
    /// The root of the tree over all records up to the last, base64.
    root: String,
    held_against: Vec<HeldAgainst>,
}

/// A verification that goes on.
#[derive(Serialize, ToSchema)]
struct RunningVerification {
    occasion: VerificationOccasion,
    began_at: Instant,
    /// How many records it has seen.
    seen: Position,
    /// How many there are to be seen.
    to: Position,
}

/// What of the log was verified since the server started.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogVerifications {
    /// The newest of each occasion, the latest first.
    done: Vec<LogVerification>,
    /// The one that goes on.
    running: Option<RunningVerification>,
    /// Whether one was asked for that waits for the one that goes on.
    waiting: bool,
    /// When one could last not be brought to its end, unless a later one was; why stands in the server's own log.
    broken_off_at: Option<Instant>,
}

/// A verification was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerificationWanted {
    #[serde(flatten)]
    receipt: Receipt,
    #[serde(flatten)]
    known: LogVerifications,
}

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
    app.service.query(&caller, READ, |_, _| ())?;
    Ok(Json(app.options.verified.known().into()))
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
    let reading = Intent::LookBack { query: READING.to_owned(), right: READ };
    let done = meta.execute(&app, caller, &[], reading).await?;
    app.options.verified.want();
    let known = app.options.verified.known().into();
    let wanted = VerificationWanted { receipt: Receipt::of(&done), known };
    Ok((StatusCode::ACCEPTED, Receipt::headers(&done), Json(wanted)))
}

impl From<Occasion> for VerificationOccasion {
    fn from(occasion: Occasion) -> Self {
        match occasion {
            Occasion::Start => Self::Start,
            Occasion::LookedOver => Self::LookedOver,
            Occasion::OnDemand => Self::OnDemand,
        }
    }
}

impl From<Against> for HeldAgainst {
    fn from(against: Against) -> Self {
        let Against { source, checkpoint } = against;
        let (origin, size) = (checkpoint.origin, Position(checkpoint.size));
        Self { source, origin, size, root: checkpoint.root.to_string() }
    }
}

impl From<verified::Verification> for LogVerification {
    fn from(it: verified::Verification) -> Self {
        Self {
            occasion: it.occasion.into(),
            began_at: it.began,
            ended_at: it.ended,
            from: Position(it.first),
            to: Position(it.last),
            root: it.root.to_string(),
            held_against: it.against.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Known> for LogVerifications {
    fn from(known: Known) -> Self {
        let running = known.running.map(|it| RunningVerification {
            occasion: it.occasion.into(),
            began_at: it.began,
            seen: Position(it.seen),
            to: Position(it.last),
        });
        let done = known.done.into_iter().map(Into::into).collect();
        Self { done, running, waiting: known.waiting, broken_off_at: known.broken_off }
    }
}
