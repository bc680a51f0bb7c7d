//! `GET /v1/activity/stream`: entries as they are recorded, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use mfa_ledger_ledger::service::{Call, READ, command};
use mfa_ledger_projections::{ActivityFilter, Order};
use mfa_ledger_schemas::Position;
use tokio::sync::OwnedSemaphorePermit;

use super::entry::kept;
use super::filter::filtered;
use super::noted::{noted, query_text};
use crate::{App, Meta, Params, Problem, Signed};

/// Entries read at once.
const CHUNK: usize = 100;
/// How often the right is asked again while nothing happens.
const RECHECK: Duration = Duration::from_secs(30);
/// How often a comment keeps the connection from being taken for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a client is to wait before it comes again.
const RETRY: Duration = Duration::from_secs(3);

filtered! {
    /// Which entries.
    Wanted {}
}

/// Entries as they are recorded.
///
/// `id` is the position, `event` the action, `data` the entry in JSON. With `Last-Event-ID` it goes on
/// behind that position, else it begins with what comes next. It ends when the session or the right to
/// it ends. Every minute in which something is delivered is recorded as reading.
#[utoipa::path(
    get, path = "/v1/activity/stream", tag = "activity",
    params(Wanted, ("last-event-id" = Option<u64>, Header, nullable = false, description = "Go on behind this position")),
    responses((
        status = 200, description = "Entries, for as long as the client listens",
        content_type = "text/event-stream", body = String,
    )),
)]
pub(crate) async fn stream(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    headers: HeaderMap,
    uri: Uri,
    Params(wanted): Params<Wanted>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let filter = wanted.filter()?;
    let last = last_event_id(&headers)?;
    let place = app.sse.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::new("busy").retry_in(RETRY.as_secs()))?;
    let call = meta.call(&app, caller, &[], false);
    let query = query_text(uri.query());
    let head = || app.service.query(&call.caller, READ, |state, _| state.position());
    // Before anything is recorded; who has no right to it hears of that alone, and leaves a record.
    if let (Some(last), Ok(head)) = (last, head())
        && last > head
    {
        return Err(Problem::parameter("Last-Event-ID", "a position that the log has reached"));
    }
    noted(&app, call.clone(), command::ReadActivity { query: query.clone(), right: READ }).await?;
    let head = head()?;
    let opening = Event::default().comment("listening").retry(RETRY);
    let live = Live {
        app,
        call,
        query,
        filter,
        cursor: last.unwrap_or(head),
        ready: VecDeque::from([opening]),
        _place: place,
    };
    let events = stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok(event), live))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let position = value.to_str().ok().and_then(|text| text.parse().ok());
    let wrong = || Problem::parameter("Last-Event-ID", "the `id` of an event of this stream");
    position.map(|position| Some(Position(position))).ok_or_else(wrong)
}

/// One client.
struct Live {
    app: App,
    call: Call,
    query: String,
    filter: ActivityFilter,
    /// Everything up to here is delivered or does not fit.
    cursor: Position,
    ready: VecDeque<Event>,
    _place: OwnedSemaphorePermit,
}

impl Live {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        let shutdown = self.app.options.shutdown.clone();
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            tokio::select! {
                () = shutdown.cancelled() => return None,
                reached = self.app.service.wait_beyond(self.cursor) => { reached.ok()?; }
                () = tokio::time::sleep(RECHECK) => {}
            }
            // The client comes again with `Last-Event-ID`, and hears then what is wrong.
            if let Err(problem) = self.look().await {
                tracing::debug!(code = problem.said.code, "an event stream ends");
                return None;
            }
        }
    }

    /// Reads on, if the caller still may.
    async fn look(&mut self) -> Result<(), Problem> {
        // To listen is not to use the session: a screen that nobody looks at goes dark.
        if self.app.options.idle.is_over(&self.call.caller, &self.app.service) {
            return Err(Problem::unauthenticated());
        }
        let (filter, cursor) = (&self.filter, self.cursor);
        let head = self.app.service.query(&self.call.caller, READ, |state, _| state.position())?;
        let reader = (&self.call.caller, READ);
        let found = self.app.service.search(reader, filter, Order::Ascending, Some(cursor), CHUNK).await?;
        let next = found.next();
        if !found.positions.is_empty() {
            let command = command::ReadActivity { query: self.query.clone(), right: READ };
            noted(&self.app, self.call.clone(), command).await?;
        }
        for (entry, position) in kept(&self.app, &found.positions).await?.iter().zip(&found.positions) {
            self.ready.push_back(entry.to_sse(&self.app, *position)?);
        }
        // What came while it was looked for is delivered as well.
        let last = found.positions.last().copied().unwrap_or(head);
        self.cursor = next.unwrap_or(head.max(last));
        Ok(())
    }
}
