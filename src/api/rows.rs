//! Rows of a list, as they are sent and printed: lines of JSON, or CSV whose cells are found in a row's JSON.

use std::borrow::Borrow;

use serde::Serialize;
use serde_json::Value;

/// Media type of lines of JSON.
pub const NDJSON: &str = "application/x-ndjson";
/// Media type of CSV, in UTF-8.
pub const CSV: &str = "text/csv";
/// Lines of JSON that are events of OCSF, which has no media type of its own.
pub const OCSF: &str = "application/vnd.ocsf+ndjson";

/// Each row as a line of JSON.
pub fn ndjson<T: Serialize>(rows: &[T]) -> Vec<u8> {
    lines(0, rows, |row, line| serde_json::to_writer(line, row)).expect("rows are JSON")
}

/// Each row as a line of what `write` writes; `bytes` is about how long they are together.
pub fn lines<T, E>(
    bytes: usize,
    rows: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let mut lines = Vec::with_capacity(bytes);
    for row in rows {
        write(row, &mut lines)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Rows as CSV, with or without the line of names. A column is a name, and a path such as `actor.name`.
pub fn csv(columns: &[(&str, &str)], rows: impl IntoIterator<Item: Borrow<Value>>, names: bool) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if names {
        writer.write_record(columns.iter().map(|(name, _)| *name)).expect("memory takes it");
    }
    for row in rows {
        let cells = columns.iter().map(|(_, path)| harmless(cell(row.borrow(), path)));
        writer.write_record(cells).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

/// The text at a path such as `actor.name`.
pub fn cell(row: &Value, path: &str) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match path.split('.').try_fold(row, |value, key| value.get(key)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(values)) => values.iter().map(text).collect::<Vec<_>>().join(" "),
        Some(value) => text(value),
    }
}

/// Spreadsheets run what begins like a formula: a quote in front makes it text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formulas_become_text() {
        let rows = [json!({"a": {"b": "=1+1"}, "c": ["x", 1], "d": null, "e": 7})];
        let columns = ["a.b", "c", "d", "e"].map(|path| (path, path));
        assert_eq!(csv(&columns, &rows, true), b"a.b,c,d,e\r\n'=1+1,x 1,,7\r\n");
        assert_eq!(csv(&columns, &rows, false), b"'=1+1,x 1,,7\r\n");
    }
}
