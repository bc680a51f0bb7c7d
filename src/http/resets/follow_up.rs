//! `POST /v1/resets/{position}/follow-ups`: what was done after a reset.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::{AdministratorId, Event, NotificationChannel, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::path::PathId;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;
use crate::text::Text;

/// What was done: at least one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub(crate) struct NewFollowUp {
    /// How the person was told.
    #[schema(nullable = false)]
    notified: Option<NotificationChannel>,
    /// Further actions, in words.
    #[schema(nullable = false)]
    note: Option<Text>,
}

/// The follow-up on record.
#[derive(Serialize, ToSchema)]
pub(crate) struct FollowUpRecorded {
    reset: Position,
    administrator: AdministratorId,
    notified: Option<NotificationChannel>,
    #[serde(flatten)]
    receipt: Receipt,
}

/// Record that the person was told, or what else was done.
#[utoipa::path(
    post, path = "/v1/resets/{position}/follow-ups", tag = "resets", request_body = NewFollowUp,
    params(("position" = Position, Path, description = "The position of the reset's record")),
    responses((status = 201, description = "Recorded", body = FollowUpRecorded)),
)]
pub(crate) async fn record(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(reset): PathId<Position>,
    meta: Meta,
    Body { value: NewFollowUp { notified, note }, bytes }: Body<NewFollowUp>,
) -> Result<(StatusCode, HeaderMap, Json<FollowUpRecorded>), Problem> {
    if notified.is_none() && note.is_none() {
        return Err(Problem::new("invalid-request").fault("#", "notified, note, or both"));
    }
    let intent = Intent::RecordFollowUp { reset, notified, note: note.map(Text::into_inner) };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let Event::FollowUpRecorded(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let administrator = event.administrator;
    let body = FollowUpRecorded { reset, administrator, notified, receipt: Receipt::of(&done) };
    Ok((StatusCode::CREATED, Receipt::headers(&done), Json(body)))
}
