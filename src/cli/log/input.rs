//! Files that may be standard input, and what goes wrong with exports.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use crate::cli::{Exit, Failed};
use crate::disk::StagingError;
use crate::export::ExportError;
use crate::integrity::CheckpointError;
use crate::tlog::note::NoteError;

/// Bytes read at once.
const BUFFER: usize = 256 * 1024;

/// Opens a file to read; `-` is standard input.
pub(super) fn open(file: &Path) -> Result<Box<dyn BufRead>, Failed> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, std::io::stdin())));
    }
    match File::open(file) {
        Ok(opened) => Ok(Box::new(BufReader::with_capacity(BUFFER, opened))),
        Err(error) => {
            let exit = if error.kind() == ErrorKind::NotFound { Exit::NotFound } else { Exit::Failed };
            Err(Failed::with(exit, format!("{} cannot be read", file.display())).because(&error))
        }
    }
}

impl From<ExportError> for Failed {
    fn from(error: ExportError) -> Self {
        let exit = match &error {
            ExportError::Tampered(tampered) => return Self::with(Exit::Tampering, tampered.page()),
            ExportError::Write(error) if error.kind() == ErrorKind::BrokenPipe => return Self::quiet(),
            ExportError::Checkpoint(CheckpointError::Note(
                _,
                NoteError::Unsigned | NoteError::Invalid(_),
            )) => Exit::Tampering,
            ExportError::NoLedger(_) | ExportError::NoSuchPositions { .. } => Exit::NotFound,
            ExportError::Staging(StagingError::Exists(_) | StagingError::Busy(_)) => Exit::Conflict,
            _ => Exit::Failed,
        };
        let failed = Self::with(exit, error.to_string());
        match std::error::Error::source(&error) {
            Some(source) => failed.because(source),
            None => failed,
        }
    }
}
