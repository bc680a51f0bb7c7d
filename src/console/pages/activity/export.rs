//! `/console/activity/export`: what the activity log shows, as a file; the API writes it.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use serde::Deserialize;

use super::list::Wanted;
use crate::api::pairs;
use crate::{Console, Inside, Trouble, with_query};

#[derive(Default, Deserialize)]
#[serde(default)]
struct As {
    form: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/activity/export", get(export))
}

async fn export(
    Inside(visit): Inside,
    Query(wanted): Query<Wanted>,
    Query(asked): Query<As>,
) -> Result<Response, Trouble> {
    let media_type = match asked.form.as_str() {
        "csv" => "text/csv",
        "ndjson" => "application/x-ndjson",
        _ => return Err(Trouble::missing()),
    };
    let search = wanted.search(&visit.frame.zone, visit.frame.now);
    // Never more than was asked for.
    if !search.faults.is_empty() {
        return Err(Trouble::new("invalid-request", StatusCode::BAD_REQUEST));
    }
    let mut response =
        visit.api.stream(&with_query("/v1/activity", &pairs(&search.parameters)), media_type).await?;
    // A page's policy is no business of a file; what the API says of its form stays.
    let kept = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION, header::VARY];
    let names: Vec<_> = response.headers().keys().filter(|name| !kept.contains(name)).cloned().collect();
    for name in names {
        response.headers_mut().remove(name);
    }
    Ok(response)
}
