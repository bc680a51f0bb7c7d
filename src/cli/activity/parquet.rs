//! Entries as a Parquet file: a column for each fact, compressed with zstd, in groups of rows, so that a long
//! export needs no more memory than a short one.

use std::io::Write;
use std::sync::Arc;

use mfa_ledger_schemas::Instant;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use crate::cli::Failed;

/// Rows of a group: what is held in memory at once.
const GROUP: usize = 10_000;

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    /// Milliseconds since 1970, UTC.
    Moment,
    Flag,
    Text,
    /// JSON as text.
    Json,
}

use Kind::{Flag, Json, Moment, Number, Text};

/// Whether every row has it.
const ALWAYS: bool = true;
const WHERE_KNOWN: bool = false;

/// Name, path into an entry, kind, and whether every row has it. Columns are only ever added, at the end.
const COLUMNS: &[(&str, &str, Kind, bool)] = &[
    ("position", "position", Number, ALWAYS),
    ("time", "time", Moment, ALWAYS),
    ("action", "action", Text, ALWAYS),
    ("outcome", "outcome", Text, ALWAYS),
    ("code", "code", Text, WHERE_KNOWN),
    ("actor_type", "actor.type", Text, ALWAYS),
    ("actor_name", "actor.name", Text, WHERE_KNOWN),
    ("actor_role", "actor.role", Text, WHERE_KNOWN),
    ("actor_administrator", "actor.administrator", Text, WHERE_KNOWN),
    ("actor_service_account", "actor.service_account", Text, WHERE_KNOWN),
    ("target_user_name", "target.user_name", Text, WHERE_KNOWN),
    ("target_role", "target.role", Text, WHERE_KNOWN),
    ("target_super_admin", "target.super_admin", Flag, WHERE_KNOWN),
    ("target_administrator", "target.administrator", Text, WHERE_KNOWN),
    ("origin_address", "origin.address", Text, WHERE_KNOWN),
    ("origin_user_agent", "origin.user_agent", Text, WHERE_KNOWN),
    ("ticket", "details.story.ticket", Text, WHERE_KNOWN),
    ("reason", "details.story.reason", Text, WHERE_KNOWN),
    ("verification", "details.story.verification", Text, WHERE_KNOWN),
    ("requested_at", "details.story.requested_at", Moment, WHERE_KNOWN),
    ("requester_name", "words.requester_name", Text, WHERE_KNOWN),
    ("requester_contact", "words.requester_contact", Text, WHERE_KNOWN),
    ("text", "words.text", Text, WHERE_KNOWN),
    ("void", "void", Flag, ALWAYS),
    ("stream", "stream", Text, ALWAYS),
    ("request", "request", Text, ALWAYS),
    ("id", "id", Text, ALWAYS),
    ("details", "details", Json, ALWAYS),
];

/// A file that is being written. Without [`File::finish`] it is none: nobody takes a part of it for the whole.
pub(super) struct File<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    waiting: Vec<Value>,
}

impl<W: Write + Send> File<W> {
    pub fn begin(out: W) -> Result<Self, Failed> {
        let level = ZstdLevel::try_new(3).map_err(|error| broken(&error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by(concat!("mfa-ledger ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let schema = schema().map_err(|error| broken(&error))?;
        let writer =
            SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(|error| broken(&error))?;
        Ok(Self { writer, waiting: Vec::new() })
    }

    pub fn write(&mut self, rows: &[Value]) -> Result<(), Failed> {
        for row in rows {
            self.waiting.push(row.clone());
            if self.waiting.len() == GROUP {
                self.group()?;
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), Failed> {
        if !self.waiting.is_empty() {
            self.group()?;
        }
        self.writer.finish().map_err(|error| broken(&error))?;
        self.writer.inner_mut().flush().map_err(|error| broken(&ParquetError::from(error)))
    }

    fn group(&mut self) -> Result<(), Failed> {
        let rows = std::mem::take(&mut self.waiting);
        let mut group = self.writer.next_row_group().map_err(|error| broken(&error))?;
        for (name, path, kind, always) in COLUMNS {
            let mut column = group
                .next_column()
                .map_err(|error| broken(&error))?
                .ok_or_else(|| Failed::new(format!("the Parquet file has no column {name}")))?;
            let cells: Vec<_> = rows.iter().map(|row| found(row, path)).collect();
            if *always && let Some(row) = cells.iter().position(Option::is_none) {
                return Err(Failed::new(format!("an entry has no {name}: {}", rows[row])));
            }
            fill(&mut column, *kind, *always, &cells)
                .and_then(|()| column.close())
                .map_err(|error| broken(&error))?;
        }
        group.close().map_err(|error| broken(&error))?;
        Ok(())
    }
}

fn schema() -> Result<TypePtr, ParquetError> {
    let field = |(name, _, kind, always): &(&str, &str, Kind, bool)| {
        let (physical, logical) = match kind {
            Number => (Physical::INT64, None),
            Moment => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
            Flag => (Physical::BOOLEAN, None),
            Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        };
        let repetition = if *always { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let built = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()?;
        Ok::<_, ParquetError>(Arc::new(built))
    };
    let fields = COLUMNS.iter().map(field).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("activity").with_fields(fields).build()?))
}

fn found<'a>(row: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(row, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// Writes the cells of a column; one that is not what the column holds is an error, never left out.
fn fill(
    column: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    always: bool,
    cells: &[Option<&Value>],
) -> Result<(), ParquetError> {
    match kind {
        Number => typed::<Int64Type>(column, always, cells, Value::as_i64),
        Flag => typed::<BoolType>(column, always, cells, Value::as_bool),
        Moment => typed::<Int64Type>(column, always, cells, |value| {
            value.as_str()?.parse().map(Instant::unix_ms).ok()
        }),
        Text => typed::<ByteArrayType>(column, always, cells, |value| value.as_str().map(ByteArray::from)),
        Json => typed::<ByteArrayType>(column, always, cells, |value| {
            Some(ByteArray::from(value.to_string().into_bytes()))
        }),
    }
}

fn typed<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    always: bool,
    cells: &[Option<&Value>],
    read: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let strange = |cell: &Value| ParquetError::General(format!("{cell} does not belong into its column"));
    let values = cells.iter().flatten().map(|cell| read(cell).ok_or_else(|| strange(cell)));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    // 1 where there is a value, 0 where there is none.
    let levels: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
    column.typed::<T>().write_batch(&values, (!always).then_some(&levels), None)?;
    Ok(())
}

fn broken(error: &ParquetError) -> Failed {
    if let ParquetError::External(cause) = error
        && let Some(io) = cause.downcast_ref::<std::io::Error>()
        && io.kind() == std::io::ErrorKind::BrokenPipe
    {
        return Failed::quiet();
    }
    Failed::new("the Parquet file cannot be written").because(error)
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    use serde_json::json;

    use super::*;

    fn entry(position: usize) -> Value {
        json!({
            "position": position, "time": "2026-05-04T08:00:00.123Z", "action": "mfa.reset",
            "outcome": "success", "actor": { "type": "operator" }, "void": false,
            "stream": "administrator/adm_1", "request": "r", "id": "evt_1", "details": { "a": [1] },
        })
    }

    fn written(rows: usize) -> bytes::Bytes {
        let mut bytes = Vec::new();
        let mut file = File::begin(&mut bytes).unwrap();
        let rows: Vec<_> = (1..=rows).map(entry).collect();
        rows.chunks(333).for_each(|chunk| file.write(chunk).unwrap());
        file.finish().unwrap();
        bytes.into()
    }

    #[test]
    fn a_group_is_full_with_10_000_rows() {
        for (rows, groups) in [(0, 0), (GROUP - 1, 1), (GROUP, 1), (GROUP + 1, 2)] {
            let reader = SerializedFileReader::new(written(rows)).unwrap();
            assert_eq!(reader.metadata().num_row_groups(), groups, "{rows} rows");
            let positions = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_long(0).unwrap());
            assert!(positions.eq((1..).take(rows)), "{rows} rows");
        }
    }

    #[test]
    fn what_does_not_belong_there_is_an_error() {
        for (name, value) in [("position", json!("x")), ("time", json!("noon")), ("action", json!(null))] {
            let mut row = entry(1);
            row[name] = value;
            let mut file = File::begin(Vec::new()).unwrap();
            file.write(&[row]).unwrap();
            assert!(file.finish().is_err(), "{name}");
        }
    }
}
