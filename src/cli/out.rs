//! Data on standard output, in the form that was asked for. A reader that leaves early (`| head`) is
//! nothing unusual.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::{Table, presets};
use mfa_ledger_api::rows::{cell, csv, ndjson};
use serde_json::Value;

use super::exit::Failed;

/// The form of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people; separated by tabs when it goes into a pipe.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// With a line of names.
    Csv,
}

/// The form of a single thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Single {
    /// A line per fact.
    #[default]
    Table,
    /// One JSON document.
    Json,
}

/// A column: its name, and the path into the JSON of a row.
pub(super) type Column = (&'static str, &'static str);

/// Writes bytes as they are.
pub(super) fn raw(bytes: &[u8]) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failed::quiet(),
        _ => Failed::new("standard output cannot be written").because(&error),
    })
}

/// Writes one JSON document on one line.
pub(super) fn json_line(value: &Value) -> Result<(), Failed> {
    raw(format!("{value}\n").as_bytes())
}

/// Writes a single thing.
pub(super) fn single(form: Single, columns: &[Column], value: &Value) -> Result<(), Failed> {
    if form == Single::Json {
        return raw(format!("{value:#}\n").as_bytes());
    }
    let width = columns.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = columns.iter().map(|(name, path)| format!("{name:width$}  {}\n", cell(value, path)));
    raw(lines.collect::<String>().as_bytes())
}

/// Writes rows that come in parts, so that a long list is not held in memory.
pub(super) struct Rows {
    output: Output,
    columns: &'static [Column],
    begun: bool,
}

impl Rows {
    pub fn new(output: Output, columns: &'static [Column]) -> Self {
        Self { output, columns, begun: false }
    }

    pub fn write(&mut self, rows: &[Value]) -> Result<(), Failed> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.output {
            Output::Table if std::io::stdout().is_terminal() => raw(self.table(rows, first).as_bytes()),
            Output::Table => raw(self.tabs(rows, first).as_bytes()),
            Output::Json => raw(json(rows, first).as_bytes()),
            Output::Ndjson => raw(&ndjson(rows)),
            Output::Csv => raw(&csv(self.columns, rows, first)),
        }
    }

    pub fn finish(mut self) -> Result<(), Failed> {
        if !self.begun {
            self.write(&[])?;
        }
        if self.output == Output::Json { raw(b"\n]\n") } else { Ok(()) }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _)| *name)
    }

    fn table(&self, rows: &[Value], first: bool) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        if first {
            table.set_header(self.names());
        }
        for row in rows {
            table.add_row(self.columns.iter().map(|(_, path)| printable(&cell(row, path))));
        }
        format!("{table}\n")
    }

    fn tabs(&self, rows: &[Value], first: bool) -> String {
        let head = if first { self.names().collect::<Vec<_>>().join("\t") + "\n" } else { String::new() };
        let line = |row: &Value| {
            let cells: Vec<_> = self.columns.iter().map(|(_, path)| printable(&cell(row, path))).collect();
            cells.join("\t") + "\n"
        };
        rows.iter().map(line).fold(head, |text, line| text + &line)
    }
}

fn json(rows: &[Value], first: bool) -> String {
    let mut text = if first { "[".to_owned() } else { String::new() };
    for (index, row) in rows.iter().enumerate() {
        text.push_str(if first && index == 0 { "\n  " } else { ",\n  " });
        text.push_str(&row.to_string());
    }
    text
}

/// What would move the cursor of a terminal, or break the columns, is shown as a mark.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] = &[("a", "x.y"), ("b", "z")];

    #[test]
    fn parts_of_a_json_list_are_one_document() {
        let text = json(&[json!({"a": 1})], true) + &json(&[json!({"a": 2})], false) + "\n]\n";
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!([{"a": 1}, {"a": 2}]));
        let empty = json(&[], true) + "\n]\n";
        assert_eq!(serde_json::from_str::<Value>(&empty).unwrap(), json!([]));
    }

    #[test]
    fn neither_terminal_nor_spreadsheet_runs_what_a_record_holds() {
        let rows = Rows::new(Output::Table, COLUMNS);
        let row = json!({"x": {"y": "\u{1b}[2J"}, "z": "=1+1"});
        assert_eq!(rows.tabs(std::slice::from_ref(&row), true), "a\tb\n\u{fffd}[2J\t=1+1\n");
        assert_eq!(csv(COLUMNS, [row], false), b"\x1b[2J,'=1+1\r\n");
    }
}
