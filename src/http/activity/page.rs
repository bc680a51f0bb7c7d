//! A page of the activity log as JSON: one that was asked for before, while it holds, else what a search finds.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Uri;
use axum::response::Response;
use mfa_ledger_ledger::service::{Caller, READ};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::Position;

use super::again::{Again, Body, LARGEST, Question};
use super::entry::kept;
use super::form::{json, next};
use crate::list::link;
use crate::{App, Problem};

/// The page, where it was asked for before and holds, and the reading is on record already: most that dashboards ask for.
/// What the address says need not be read then.
pub(super) fn again(app: &App, caller: &Caller, uri: &Uri) -> Option<Result<Response, Problem>> {
    let page = app.pages.get(asked(uri))?;
    app.service.noted_query(caller, |state| page.holds(state)).filter(|holds| *holds)?;
    Some(page.answer(app))
}

/// The page, whose reading is on record.
pub(super) async fn page(
    app: &App,
    caller: &Caller,
    question: Question,
    uri: &Uri,
) -> Result<Response, Problem> {
    // The right is asked on the state that the page must hold for.
    let again = app.pages.get(asked(uri));
    let holds = |state: &State| again.as_ref().is_some_and(|it| it.holds(state));
    let (holds, position) = app.service.query(caller, READ, |state, _| (holds(state), state.position()))?;
    match again.filter(|_| holds) {
        Some(page) => page.answer(app),
        None => found(app, caller, question, uri, position).await?.answer(app),
    }
}

/// What a search finds that begins when the log has come to a position.
async fn found(
    app: &App,
    caller: &Caller,
    question: Question,
    uri: &Uri,
    position: Position,
) -> Result<Arc<Again>, Problem> {
    let Question { filter, order, after, limit } = &question;
    let found = app.service.search((caller, READ), filter, *order, *after, *limit).await?;
    let entries = kept(app, &found.positions).await?;
    let worded = found.unsealed || entries.iter().any(|entry| entry.has_words());
    let bytes: usize = entries.iter().map(|entry| entry.bytes()).sum();
    let keeps = bytes <= LARGEST && !found.unsealed;
    let body =
        if worded { Body::Entries(entries) } else { Body::Whole(Bytes::from(json(app, &found, &entries)?)) };
    let link = next(app, &found).and_then(|next| link(uri, &next));
    let page = Arc::new(Again::new(question, found, body, link, position));
    if keeps {
        app.pages.insert(asked(uri).into(), Arc::clone(&page));
    }
    Ok(page)
}

/// By what a page is known.
fn asked(uri: &Uri) -> &str {
    uri.query().unwrap_or_default()
}
