//! A page of the activity log as JSON: one that was asked for before, while it holds, else what a search finds.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Uri;
use axum::response::Response;
use mfa_ledger_projections::{ActivityFilter, Order, State};
use mfa_ledger_schemas::Position;

use super::again::{Again, Body, LARGEST};
use super::entry::kept;
use super::form::{Form, json, next};
use crate::http::App;
use crate::http::list::linked;
use crate::http::problem::Problem;
use crate::service::{Caller, READ};

/// What is wanted, and by whom.
pub(super) struct Page<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub filter: &'a ActivityFilter,
    pub order: Order,
    pub after: Option<Position>,
    pub limit: usize,
}

impl Page<'_> {
    pub async fn answer(self, uri: &Uri) -> Result<Response, Problem> {
        let app = self.app;
        let asked = uri.query().unwrap_or_default();
        // The right is asked on the state that the page must hold for.
        let again = app.pages.get(asked);
        let holds = |state: &State| {
            again.as_ref().is_some_and(|it| it.holds(state, self.filter, self.order, self.after))
        };
        let (holds, position) =
            app.service.query(self.caller, READ, |state, _| (holds(state), state.position()))?;
        let page = match again.filter(|_| holds) {
            Some(page) => page,
            None => self.found(asked, position).await?,
        };
        let body = match &page.body {
            Body::Whole(body) => body.clone(),
            Body::Entries(entries) => json(app, &page.found, entries)?.into(),
        };
        Ok(linked(Form::JSON.media_type(), body, next(app, &page.found), uri))
    }

    /// What a search finds that begins when the log has come to a position.
    async fn found(&self, asked: &str, position: Position) -> Result<Arc<Again>, Problem> {
        let Self { app, caller, filter, order, after, limit } = *self;
        let found = app.service.search((caller, READ), filter, order, after, limit).await?;
        let entries = kept(app, &found.positions).await?;
        let worded = found.unsealed || entries.iter().any(|entry| entry.has_words());
        let bytes: usize = entries.iter().map(|entry| entry.bytes()).sum();
        let keeps = bytes <= LARGEST && !found.unsealed;
        let body = if worded {
            Body::Entries(entries)
        } else {
            Body::Whole(Bytes::from(json(app, &found, &entries)?))
        };
        let page = Arc::new(Again::new(found, body, position));
        if keeps {
            app.pages.insert(asked.into(), Arc::clone(&page));
        }
        Ok(page)
    }
}
