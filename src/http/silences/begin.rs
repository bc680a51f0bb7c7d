//! `POST /v1/silences`: silence a rule.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::limits::SILENCE_HOURS;
use mfa_ledger_schemas::{Event, Instant, RoleId, SilenceId};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;
use crate::text::{Name, Text};
use crate::whole::whole;

/// Which alerts are to be passed on to nobody, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSilence {
    /// The name of a rule in force.
    rule: RoleId,
    /// One of the groups of the rule, as alerts show it; all of them when absent.
    #[schema(nullable = false)]
    group: Option<Name>,
    /// For how long.
    hours: SilenceHours,
    /// Why; kept sealed beside the log.
    note: Text,
}

/// Hours that a silence lasts.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 2160)]
pub(crate) struct SilenceHours(u16);

impl<'de> Deserialize<'de> for SilenceHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hours =
            u16::try_from(whole(deserializer)?).ok().filter(|hours| (1..=SILENCE_HOURS).contains(hours));
        hours.map(Self).ok_or_else(|| de::Error::custom("1 to 2160"))
    }
}

/// A silence that began.
#[derive(Serialize, ToSchema)]
pub(crate) struct SilenceBegun {
    silence: SilenceId,
    rule: RoleId,
    group: Option<String>,
    until: Instant,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let done = meta.execute(&app, caller, &bytes, Intent::SilenceRule { rule, group, hours, note }).await?;
    let Event::RuleSilenced(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let body = SilenceBegun {
        silence: event.silence,
        rule: event.rule.clone(),
        group: event.group.clone(),
        until: event.until,
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, Receipt::headers(&done), Json(body)))
}
