//! `GET /v1/activity/stats`: how often what happened, and when.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use jiff::tz::TimeZone;
use mfa_ledger_ledger::service::{READ, command};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::filtered;
use super::noted::{noted, query_text};
use super::tally::tally;
use crate::{App, Meta, Params, Problem, Signed};

filtered! {
    /// What is counted, by what.
    Wanted {
        /// `action` when not given.
        #[serde(default, deserialize_with = "crate::query::given")]
        #[param(nullable = false, inline)]
        by: Option<By>,
        /// The IANA time zone that hours, weekdays and days are of; UTC when not given.
        #[param(nullable = false)]
        tz: Option<String>,
    }
}

/// What entries are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ActivityStatsBy)]
pub(crate) enum By {
    /// What happened.
    Action,
    /// `00` to `23`.
    Hour,
    /// `1` for Monday to `7`.
    Weekday,
    /// The name of who acted.
    Performer,
    /// The reason of a reset; entries without one are not counted.
    Reason,
    /// The date.
    Day,
}

/// The counts.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivityStats)]
pub(crate) struct Stats {
    by: By,
    time_zone: String,
    /// How many entries were counted.
    total: u64,
    /// Performers by their count, the highest first; everything else by key.
    data: Vec<Count>,
}

/// One count.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivityCount)]
struct Count {
    key: String,
    count: u64,
}

/// How often what happened, and when.
///
/// `q` counts by what is in clear: nothing is unsealed for it.
#[utoipa::path(
    get, path = "/v1/activity/stats", tag = "activity", params(Wanted),
    responses((status = 200, description = "The counts", body = Stats)),
)]
pub(crate) async fn stats(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Stats>, Problem> {
    let filter = wanted.filter()?;
    let (zone, time_zone) = zone(wanted.tz.as_deref())?;
    let by = wanted.by.unwrap_or(By::Action);
    let command = command::ReadActivity { query: query_text(uri.query()), right: READ };
    noted(&app, meta.call(&app, caller.clone(), &[], false), command).await?;
    // Counted on a copy, which shares what it can: the fold goes on meanwhile.
    let activity = app.service.query(&caller, READ, |state, _| state.activity.clone())?;
    let counts = tokio::task::spawn_blocking(move || tally(&activity, &filter, by, &zone)).await;
    let counts = counts.map_err(|_| Problem::new("internal-error"))?;
    let total = counts.values().sum();
    let mut data: Vec<_> = counts.into_iter().map(|(key, count)| Count { key, count }).collect();
    if by == By::Performer {
        data.sort_by_key(|it| std::cmp::Reverse(it.count));
    }
    Ok(Json(Stats { by, time_zone, total, data }))
}

fn zone(name: Option<&str>) -> Result<(TimeZone, String), Problem> {
    let Some(name) = name else { return Ok((TimeZone::UTC, "UTC".to_owned())) };
    let zone = TimeZone::get(name)
        .map_err(|_| Problem::parameter("tz", "the IANA name of a time zone, such as Europe/Prague"))?;
    let known = zone.iana_name().unwrap_or(name).to_owned();
    Ok((zone, known))
}
