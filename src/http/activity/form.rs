//! The forms that the activity log comes in: those of every list, and OCSF.

use std::borrow::Borrow;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::activity::ActivityPage;
use mfa_ledger_api::rows::{OCSF, lines};
use mfa_ledger_ledger::service::{Found, StoredRecord};
use mfa_ledger_schemas::Position;
use mfa_ledger_schemas::ocsf;
use serde_json::Value;

use super::entry::{COLUMNS, Rendered, kept, rendered, write};
use crate::cursor::behind;
use crate::list::{self, Format, accepted, linked};
use crate::{App, Problem};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Entries, as any list.
    Entries(Format),
    /// Events of the Open Cybersecurity Schema Framework.
    Ocsf,
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Form {
    /// A page of it is no export.
    pub const JSON: Self = Self::Entries(Format::Json);

    /// The first that `Accept` names and we have; JSON otherwise.
    pub fn of(headers: &HeaderMap) -> Self {
        let named = |range: &str| match range {
            OCSF => Some(Self::Ocsf),
            _ => Format::named(range).map(Self::Entries),
        };
        accepted(headers, named).unwrap_or(Self::JSON)
    }

    /// Whether it takes the right to export.
    pub fn is_export(self) -> bool {
        self != Self::JSON
    }

    /// The content type of an answer.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Entries(format) => format.media_type(),
            Self::Ocsf => OCSF,
        }
    }

    /// What a browser is told to do with an export.
    pub fn disposition(self) -> &'static str {
        match self {
            Self::Entries(Format::Csv) => "attachment; filename=\"activity.csv\"",
            Self::Entries(_) => "attachment; filename=\"activity.ndjson\"",
            Self::Ocsf => "attachment; filename=\"activity.ocsf.ndjson\"",
        }
    }

    /// A page of what was found.
    pub async fn page(self, app: &App, found: &Found, uri: &Uri) -> Result<Response, Problem> {
        let entries = kept(app, &found.positions).await?;
        let body = match self {
            Self::Entries(Format::Json) => json(app, found, &entries)?,
            Self::Entries(format) => written(app, format, &entries, true)?,
            Self::Ocsf => self.rows(app, &found.positions, true).await?,
        };
        Ok(linked(self.media_type(), body, next(app, found), uri))
    }

    /// The rows of these positions; `head` is for the first ones of an export.
    pub async fn rows(self, app: &App, positions: &[Position], head: bool) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Entries(Format::Csv) => written(app, Format::Csv, &rendered(app, positions).await?, head),
            Self::Entries(_) => {
                let stored = app.service.stored_at(positions).await?;
                let bytes = stored.iter().map(StoredRecord::bytes).sum();
                lines(bytes, &stored, |it, line| write(app, it, line))
            }
            Self::Ocsf => lines(0, app.service.stored_at(positions).await?, |it, line| {
                let event = ocsf::recorded(it.position, it.leaf()?, it.void)
                    .map_err(|_| Problem::new("internal-error"))?;
                serde_json::to_writer(line, &event).map_err(|_| Problem::new("internal-error"))
            }),
        }
    }
}

/// The cursor of the page behind what was found.
pub(super) fn next(app: &App, found: &Found) -> Option<String> {
    found.next().map(|last| behind(app, last))
}

/// The JSON of a page.
pub(super) fn json(app: &App, found: &Found, entries: &[impl Borrow<Rendered>]) -> Result<Vec<u8>, Problem> {
    let (has_more, next, looked_to) = (found.has_more, next(app, found), found.looked_to);
    with_data(&ActivityPage { data: Vec::new(), has_more, next, looked_to }, app, entries)
}

/// The JSON of a page with these entries, which are JSON already.
fn with_data(page: &ActivityPage, app: &App, entries: &[impl Borrow<Rendered>]) -> Result<Vec<u8>, Problem> {
    let empty = serde_json::to_vec(page).map_err(|_| Problem::new("internal-error"))?;
    let (begins, ends) =
        empty.split_at_checked(EMPTY.len() - 1).ok_or_else(|| Problem::new("internal-error"))?;
    let mut body = Vec::with_capacity(empty.len() + entries.len() + bytes(entries));
    body.extend_from_slice(begins);
    for (entry, index) in entries.iter().zip(0..) {
        if index > 0 {
            body.push(b',');
        }
        entry.borrow().write(app, &mut body)?;
    }
    body.extend_from_slice(ends);
    Ok(body)
}

/// About how long they are together.
fn bytes(entries: &[impl Borrow<Rendered>]) -> usize {
    entries.iter().map(|entry| entry.borrow().bytes()).sum()
}

/// How a page without entries begins.
const EMPTY: &[u8] = b"{\"data\":[]";

/// Entries as lines of NDJSON, or of CSV.
fn written(
    app: &App,
    format: Format,
    entries: &[impl Borrow<Rendered>],
    head: bool,
) -> Result<Vec<u8>, Problem> {
    if format == Format::Csv {
        let json = |entry: &Rendered| {
            let mut json = Vec::with_capacity(entry.bytes());
            entry.write(app, &mut json)?;
            serde_json::from_slice(&json).map_err(|_| Problem::new("internal-error"))
        };
        let values: Vec<Value> = entries.iter().map(|it| json(it.borrow())).collect::<Result<_, _>>()?;
        return Ok(list::rows(format, &values, COLUMNS, head));
    }
    lines(entries.len() + bytes(entries), entries, |entry, line| entry.borrow().write(app, line))
}
