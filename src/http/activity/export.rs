//! An export: page by page into the body, so that its size costs no memory.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{TryStreamExt, stream};
use mfa_ledger_ledger::service::{Caller, EXPORT};
use mfa_ledger_projections::{ActivityFilter, Order};
use mfa_ledger_schemas::Position;
use tokio::task::JoinHandle;

use super::form::Form;
use crate::{App, Problem};

/// Entries read and written at once.
const CHUNK: usize = 512;

/// Chunks that are made while one is sent.
const AHEAD: usize = 2;

/// What is exported, and for whom.
pub(super) struct Export {
    pub app: App,
    pub caller: Caller,
    pub filter: ActivityFilter,
    pub order: Order,
    pub after: Option<Position>,
    pub form: Form,
}

/// How far an export got.
struct Going {
    export: Export,
    /// Oldest first, a busy log would otherwise never be exported to its end.
    end: Position,
    began: bool,
    done: bool,
}

impl Export {
    pub fn answer(self) -> Result<Response, Problem> {
        let form = self.form;
        let end = self.app.service.query(&self.caller, EXPORT, |state, _| state.position())?;
        let going = Going { export: self, end, began: false, done: false };
        let chunks = stream::try_unfold(going, |mut going| async move {
            let chunk = going.next().await?;
            Ok::<_, Broken>(chunk.map(|chunk| (made(chunk), going)))
        });
        let chunks = chunks.try_buffered(AHEAD);
        let mut response = Body::from_stream(chunks).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(form.disposition()));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        Ok(response)
    }
}

/// The answer has begun: all that is left is to break it off, so that nobody takes it for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the export was broken off: {0}")]
struct Broken(String);

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Self {
        tracing::warn!(code = problem.said.code, "an export was broken off");
        Self(problem.said.code)
    }
}

impl Going {
    /// The rows of the next chunk, being made; `None` at the end.
    async fn next(&mut self) -> Result<Option<JoinHandle<Result<Vec<u8>, Problem>>>, Broken> {
        if self.done {
            return Ok(None);
        }
        let Export { app, caller, filter, order, after, form } = &mut self.export;
        // The right is asked again for every chunk: an export may take long.
        let found = app.service.search((caller, EXPORT), filter, *order, *after, CHUNK).await;
        let found = found.map_err(Problem::from)?;
        *after = found.next().or(*after);
        let (end, count) = (self.end, found.positions.len());
        let positions: Vec<_> = found.positions.into_iter().filter(|position| *position <= end).collect();
        // Newest first, what came meanwhile stands at the beginning and ends nothing.
        self.done = !found.has_more || (*order == Order::Ascending && positions.len() < count);
        let (app, form, head) = (app.clone(), *form, !self.began);
        self.began = true;
        Ok(Some(tokio::spawn(async move { form.rows(&app, &positions, head).await })))
    }
}

/// The bytes of a chunk, once they are made.
async fn made(rows: JoinHandle<Result<Vec<u8>, Problem>>) -> Result<Bytes, Broken> {
    let rows = rows.await.map_err(|error| Broken(error.to_string()))?;
    Ok(Bytes::from(rows?))
}
