//! The records of an export, one after another, however long it is.

use std::io::{BufRead, ErrorKind, Read};

use mfa_ledger_log::MAX_RECORD;
use mfa_ledger_log::embedded::raw::{Frame, MAX_FRAME, PREFIX, Seal};

use super::{ExportError, Form, Header};

/// The longest line of a leaf, in bytes, its end included.
const MAX_LEAF: usize = MAX_RECORD + 1;

/// Shows every record to `visit`: its position, its frame in the raw form, and its bytes: those of the frame, or
/// of the leaf. `false` ends it early.
pub(super) fn records(
    input: &mut impl BufRead,
    header: &Header,
    mut visit: impl FnMut(u64, Option<&Frame<'_>>, &[u8]) -> bool,
) -> Result<(), ExportError> {
    let (seal, mut buffer) = (Seal::new(header.ledger.bytes()), Vec::new());
    for position in header.from..=header.to {
        let on = match header.form {
            Form::Leaves => {
                leaf(input, &mut buffer, position)?;
                visit(position, None, &buffer)
            }
            Form::Raw => {
                fill(input, &mut buffer, position)?;
                let frame = seal.parse(&buffer).map_err(|why| ExportError::damaged(position, why))?;
                if frame.position.0 != position || frame.batch > frame.position {
                    return Err(ExportError::damaged(position, "another position is due here"));
                }
                visit(position, Some(&frame), &buffer)
            }
        };
        if !on {
            return Ok(());
        }
    }
    end(input, header.to)
}

/// What stands behind the last record.
pub(super) fn end_mark(to: u64) -> String {
    format!("end {to}\n")
}

fn end(input: &mut impl BufRead, to: u64) -> Result<(), ExportError> {
    let (mark, mut found) = (end_mark(to), Vec::new());
    input.take(mark.len() as u64 + 1).read_to_end(&mut found).map_err(ExportError::Read)?;
    match found.strip_prefix(mark.as_bytes()) {
        Some([]) => Ok(()),
        Some(_) => Err(ExportError::header("something follows its end")),
        None => Err(ExportError::damaged(to.saturating_add(1), "the mark of its end is missing")),
    }
}

/// The bytes of one frame. No more is asked for than a frame can have.
fn fill(input: &mut impl BufRead, buffer: &mut Vec<u8>, position: u64) -> Result<(), ExportError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::UnexpectedEof => ExportError::damaged(position, "it is cut short"),
        _ => ExportError::Read(error),
    };
    let mut prefix = [0; PREFIX];
    input.read_exact(&mut prefix).map_err(failed)?;
    let length = u32::from_be_bytes([prefix[0], prefix[1], prefix[2], prefix[3]]);
    let size = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(PREFIX);
    if size > MAX_FRAME {
        return Err(ExportError::damaged(position, "the length of the frame is impossible"));
    }
    buffer.clear();
    buffer.extend_from_slice(&prefix);
    buffer.resize(size, 0);
    input.read_exact(&mut buffer[PREFIX..]).map_err(failed)
}

fn leaf(input: &mut impl BufRead, buffer: &mut Vec<u8>, position: u64) -> Result<(), ExportError> {
    buffer.clear();
    input.take(MAX_LEAF as u64).read_until(b'\n', buffer).map_err(ExportError::Read)?;
    match buffer.pop() {
        Some(b'\n') => Ok(()),
        _ if buffer.len() + 1 >= MAX_LEAF => {
            Err(ExportError::damaged(position, "the line is longer than a leaf can be"))
        }
        _ => Err(ExportError::damaged(position, "it is cut short")),
    }
}
