//! The forms that the activity log comes in: those of every list, and OCSF.

use std::borrow::Borrow;

use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_projections::ActivityPage;
use mfa_ledger_schemas::Position;
use serde_json::Value;

use super::entry::{COLUMNS, Rendered, kept, rendered};
use crate::http::App;
use crate::http::cursor::behind;
use crate::http::list::{Format, accepted, joined, linked, rows};
use crate::http::problem::Problem;
use crate::ocsf;

/// One OCSF event a line. OCSF has no media type of its own.
pub(super) const OCSF: &str = "application/vnd.ocsf+ndjson";

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Entries, as any list.
    Entries(Format),
    /// Events of the Open Cybersecurity Schema Framework.
    Ocsf,
}

impl Form {
    /// The first that `Accept` names and we have; JSON otherwise.
    pub fn of(headers: &HeaderMap) -> Self {
        let named = |range: &str| match range {
            OCSF => Some(Self::Ocsf),
            _ => Format::named(range).map(Self::Entries),
        };
        accepted(headers, named).unwrap_or(Self::Entries(Format::Json))
    }

    /// Whether it takes the right to export.
    pub fn is_export(self) -> bool {
        self != Self::Entries(Format::Json)
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

    /// A page of these positions.
    pub async fn page(self, app: &App, page: &ActivityPage, uri: &Uri) -> Result<Response, Problem> {
        let next = page.positions.last().filter(|_| page.has_more).map(|last| behind(app, last));
        let entries = kept(app, &page.positions).await?;
        let body = match self {
            Self::Entries(Format::Json) => joined(&lines(app, &entries)?, page.has_more, next.as_deref()),
            Self::Entries(format) => written(app, format, &entries, true)?,
            Self::Ocsf => self.rows(app, &page.positions, true).await?,
        };
        Ok(linked(self.media_type(), body, next, uri))
    }

    /// The rows of these positions; `head` is for the first ones of an export.
    pub async fn rows(self, app: &App, positions: &[Position], head: bool) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Entries(format) => written(app, format, &rendered(app, positions).await?, head),
            Self::Ocsf => {
                let mut bytes = Vec::new();
                for it in app.service.stored_at(positions).await? {
                    let event = ocsf::recorded(it.position, it.leaf()?, it.void)
                        .map_err(|_| Problem::new("internal-error"))?;
                    serde_json::to_writer(&mut bytes, &event).map_err(|_| Problem::new("internal-error"))?;
                    bytes.push(b'\n');
                }
                Ok(bytes)
            }
        }
    }
}

fn lines(app: &App, entries: &[impl Borrow<Rendered>]) -> Result<Vec<Vec<u8>>, Problem> {
    let line = |entry: &Rendered| {
        let mut line = Vec::with_capacity(entry.bytes());
        entry.write(app, &mut line).map(|()| line)
    };
    entries.iter().map(|entry| line(entry.borrow())).collect()
}

/// Entries as lines of NDJSON, or of CSV.
fn written(
    app: &App,
    format: Format,
    entries: &[impl Borrow<Rendered>],
    head: bool,
) -> Result<Vec<u8>, Problem> {
    if format == Format::Csv {
        let json = |line: Vec<u8>| serde_json::from_slice(&line).map_err(|_| Problem::new("internal-error"));
        let values: Vec<Value> = lines(app, entries)?.into_iter().map(json).collect::<Result<_, _>>()?;
        return Ok(rows(format, &values, COLUMNS, head));
    }
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.borrow().bytes()).sum());
    for entry in entries {
        entry.borrow().write(app, &mut bytes)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
