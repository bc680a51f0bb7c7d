//! The forms that the activity log comes in: those of every list, and OCSF.

use axum::http::HeaderMap;
use mfa_ledger_schemas::Position;

use super::entry::{COLUMNS, Entry};
use crate::http::App;
use crate::http::list::{Format, accepted, rows};
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

    /// The rows of these positions; `head` is for the first ones of an export.
    pub async fn rows(self, app: &App, positions: &[Position], head: bool) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Entries(format) => Ok(rows(format, &Entry::at(app, positions).await?, COLUMNS, head)),
            Self::Ocsf => {
                let leaves = app.service.leaves_at(positions).await?;
                let mut bytes = Vec::new();
                for leaf in leaves {
                    let event = ocsf::recorded(leaf.position, &leaf.text, leaf.void)
                        .map_err(|_| Problem::new("internal-error"))?;
                    serde_json::to_writer(&mut bytes, &event).map_err(|_| Problem::new("internal-error"))?;
                    bytes.push(b'\n');
                }
                Ok(bytes)
            }
        }
    }
}
