//! `GET /v1/activity`: a page, or all of it as an export.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use mfa_ledger_api::activity::ActivityPage;
use mfa_ledger_ledger::service::{EXPORT, READ, command};
use mfa_ledger_projections::Order;
use serde::Deserialize;
use utoipa::ToSchema;

use super::again::Question;
use super::export::Export;
use super::filter::filtered;
use super::form::Form;
use super::noted::{noted, query_text};
use super::page;
use crate::cursor::PositionCursor;
use crate::list_query::bounds;
use crate::{App, Meta, Params, Problem, Signed};

filtered! {
    /// Which entries, and in which order.
    Wanted {
        /// `desc`, the newest first, when not given.
        #[serde(default, deserialize_with = "crate::query::given")]
        #[param(nullable = false, inline)]
        order: Option<Direction>,
        /// Entries of a page, 1 to 1000; 100 when not given. An export without it gives everything.
        #[serde(default, deserialize_with = "crate::query::given")]
        #[param(nullable = false, minimum = 1, maximum = 1000)]
        limit: Option<u32>,
        /// The cursor: `next` of the page before, or a position, behind which the page begins.
        #[serde(default, deserialize_with = "crate::query::given")]
        #[param(nullable = false, inline)]
        after: Option<PositionCursor>,
    }
}

/// The direction of a list.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

impl Wanted {
    fn order(&self) -> Order {
        match self.order {
            Some(Direction::Asc) => Order::Ascending,
            Some(Direction::Desc) | None => Order::Descending,
        }
    }
}

/// Who did what to whom.
///
/// As JSON a page, which takes `view-activity` and is recorded as reading. As NDJSON, CSV or OCSF an export,
/// which takes `export-activity` and is recorded as such; without `limit` it gives the whole range, which
/// ends early, as a broken transfer, when the right to it ends. OCSF is one event of OCSF 1.3 a line, for every
/// record, with the bytes of the log in `raw_data` and without words.
///
/// `q` also finds what was told in words and lies sealed: 1,000 entries are unsealed for one page. Where that does not
/// reach, `looked_to` says how far it went, and `next` goes on.
#[utoipa::path(
    get, path = "/v1/activity", tag = "activity", params(Wanted),
    responses((
        status = 200, description = "A page, or an export",
        content(
            (ActivityPage = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (String = "application/vnd.ocsf+ndjson"),
        ),
        headers(("link" = String, description = "The next page, where there is one (RFC 8288)")),
    )),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    form: Form,
    uri: Uri,
) -> Result<Response, Problem> {
    if form == Form::JSON
        && let Some(page) = page::again(&app, &caller, &uri)
    {
        return page;
    }
    let Params(wanted) = Params::<Wanted>::of(&uri).await?;
    let (filter, order) = (wanted.filter()?, wanted.order());
    let (limit, after) = bounds(&app, wanted.limit, wanted.after.clone())?;
    let query = query_text(uri.query());
    let call = meta.call(&app, caller.clone(), &[], false);
    let right = if form.is_export() {
        noted(&app, call, command::ExportActivity { format: form.media_type().to_owned(), query }).await?;
        EXPORT
    } else {
        noted(&app, call, command::ReadActivity { query, right: READ }).await?;
        READ
    };
    if form == Form::JSON {
        return page::page(&app, &caller, Question { filter, order, after, limit }, &uri).await;
    }
    if wanted.limit.is_none() {
        return Export { app, caller, filter, order, after, form }.answer();
    }
    let found = app.service.search((&caller, right), &filter, order, after, limit).await?;
    form.page(&app, &found, &uri).await
}
