//! `POST /v1/rules/backtest`: what a rule would have raised.

mod going;

use axum::body::{Body as Bytes, Bytes as Chunk};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use mfa_ledger_api::rules::{BacktestReport, Tried, WouldRaise};
use mfa_ledger_ledger::service::{READ, command};
use mfa_ledger_react::detect::{Match, Report};
use mfa_ledger_schemas::limits::QUERY_CHARS;

use self::going::{Broken, Going};
use crate::activity::noted;
use crate::alerts::SEES_ALERTS;
use crate::list::Format;
use crate::{App, Body, Meta, Problem, Signed};

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
    going::fits(&value.rule)?;
    let query: String = format!("backtest={}", value.rule).chars().take(QUERY_CHARS).collect();
    let call = meta.call(&app, caller.clone(), &bytes, false);
    // On record first: whoever looks for what is not there has looked.
    noted::noted(&app, call, command::ReadActivity { query, right: READ }).await?;
    let end = app.service.query(&caller, SEES_ALERTS, |state, _| state.position())?;
    let going = Going::begin(&app, caller, &value, end)?;
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

fn told(report: &Report, named: &impl Fn(&str) -> Option<String>) -> BacktestReport {
    let weeks = report.weeks.iter().map(|(rule, weeks)| (rule.to_string(), weeks.clone())).collect();
    BacktestReport {
        records: report.records,
        resets: report.resets as u64,
        resets_touched: report.resets_touched as u64,
        share_of_resets: report.share(),
        alerts: report.alerts,
        weeks,
        would_raise: report.matches.iter().map(|found| would_raise(found, named)).collect(),
        cut: report.is_cut(),
    }
}

fn would_raise(found: &Match, named: &impl Fn(&str) -> Option<String>) -> WouldRaise {
    WouldRaise {
        alert: found.alert,
        rule: found.rule.id.clone(),
        title: found.rule.title.clone(),
        at: found.at,
        group: found.group.clone(),
        user_name: named(&found.group),
        position: found.position,
        positions: found.positions.clone(),
    }
}
