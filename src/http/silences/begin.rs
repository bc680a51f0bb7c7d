//! `POST /v1/silences`: silence a rule.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::silences::{NewSilence, SilenceBegun, SilenceHours};
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::command;

use crate::{App, Body, Meta, Problem, Signed, receipt};

/// Silence a rule: its alerts are recorded, and passed on to nobody.
#[utoipa::path(
    post, path = "/v1/silences", tag = "alerts", request_body = NewSilence,
    responses((status = 201, description = "Silenced", body = SilenceBegun)),
)]
pub(crate) async fn begin(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<NewSilence>,
) -> Result<(StatusCode, HeaderMap, Json<SilenceBegun>), Problem> {
    let NewSilence { rule, group, hours: SilenceHours(hours), note } = value;
    if app.options.rules.as_ref().is_some_and(|rules| !rules.has(&rule)) {
        return Err(Problem::new("unknown-rule").fault("#/rule", "the name of a rule in force"));
    }
    let (group, note) = (group.map(Name::into_inner), Some(note.into_inner()));
    let done = meta.execute(&app, caller, &bytes, command::SilenceRule { rule, group, hours, note }).await?;
    let event = &done.event;
    let body = SilenceBegun {
        silence: event.silence,
        rule: event.rule.clone(),
        group: event.group.clone(),
        until: event.until,
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, receipt::headers(&done.receipt), Json(body)))
}
