//! The forms of an export, and where its rows go.

use clap::ValueEnum;
use mfa_ledger_api::rows;
use serde_json::Value;

use super::entry::COLUMNS;
use crate::cli::{Failed, Output, Rows};

/// The form of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people; separated by tabs when it goes into a pipe.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    #[default]
    Ndjson,
    /// With a line of names.
    Csv,
    /// One event of OCSF 1.3 a line, without words.
    Ocsf,
    /// A Parquet file; in programs that were built with it.
    Parquet,
}

impl Form {
    /// What the record of the export calls it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Table | Self::Ndjson => rows::NDJSON,
            Self::Json => "application/json",
            Self::Csv => rows::CSV,
            Self::Ocsf => rows::OCSF,
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// What a server is asked for: the rest is made of it here.
    pub fn asked(self) -> &'static str {
        if self == Self::Ocsf { self.media_type() } else { rows::NDJSON }
    }
}

/// Where the rows go.
pub(super) enum Sheet {
    Rows(Rows),
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::File<std::io::Stdout>>),
}

impl Sheet {
    pub fn begin(form: Form) -> Result<Self, Failed> {
        let output = match form {
            Form::Table => Output::Table,
            Form::Json => Output::Json,
            Form::Ndjson | Form::Ocsf => Output::Ndjson,
            Form::Csv => Output::Csv,
            Form::Parquet => return parquet(),
        };
        Ok(Self::Rows(Rows::new(output, COLUMNS)))
    }

    pub fn write(&mut self, rows: &[Value]) -> Result<(), Failed> {
        match self {
            Self::Rows(sheet) => sheet.write(rows),
            #[cfg(feature = "parquet")]
            Self::Parquet(file) => file.write(rows),
        }
    }

    pub fn finish(self) -> Result<(), Failed> {
        match self {
            Self::Rows(rows) => rows.finish(),
            #[cfg(feature = "parquet")]
            Self::Parquet(file) => file.finish(),
        }
    }
}

#[cfg(feature = "parquet")]
fn parquet() -> Result<Sheet, Failed> {
    use std::io::IsTerminal;
    let out = std::io::stdout();
    if out.is_terminal() {
        return Err(Failed::with(crate::cli::exit::Exit::Usage, "a Parquet file is not for a terminal")
            .advise("send it to a file: mfa-ledger activity export --output parquet > activity.parquet"));
    }
    Ok(Sheet::Parquet(Box::new(super::parquet::File::begin(out)?)))
}

#[cfg(not(feature = "parquet"))]
fn parquet() -> Result<Sheet, Failed> {
    Err(Failed::with(crate::cli::exit::Exit::Usage, "this program was built without Parquet")
        .advise("build it with `cargo build --release --features parquet`, or choose another form"))
}
