//! The lines that an export begins with.

use std::fmt::Write as _;
use std::io::{BufRead, Read};

use mfa_ledger_base::tlog::note::{MAX_NOTE, NoteError};
use mfa_ledger_base::tlog::tree::{between, left_of};
use mfa_ledger_base::tlog::{Hash, SignedCheckpoint, VerifierKey};
use mfa_ledger_schemas::LedgerId;

use super::{ExportError, Form};
use crate::integrity::{open_checkpoint, same_log};

const MAGIC: &str = "mfa-ledger-export v";

/// The format that is written, and the newest that is read.
const FORMAT: u64 = 1;

/// The longest line before the records, in bytes, its end included.
const MAX_LINE: usize = 1_024;

/// The most hashes left of a part: a binary digit each.
const MAX_LEFT: usize = 64;

/// The most hashes right of a part: up to the largest subtree, and down again.
const MAX_RIGHT: usize = 128;

/// What an export says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What its records look like.
    pub form: Form,
    /// The ledger.
    pub ledger: LedgerId,
    /// The first position, counted from 1.
    pub from: u64,
    /// The last position.
    pub to: u64,
    /// The subtrees left of the first record.
    pub left: Vec<Hash>,
    /// The subtrees right of the last record.
    pub right: Vec<Hash>,
    /// The checkpoint that it is of. Where it was read, its signatures are not checked yet.
    pub signed: SignedCheckpoint,
}

impl Header {
    /// Whether nothing of the log is missing.
    pub fn is_whole(&self) -> bool {
        self.from == 1 && self.to == self.signed.checkpoint.size
    }

    /// As it stands in the file.
    pub fn to_text(&self) -> String {
        let form = self.form.name();
        let (ledger, origin) = (self.ledger, &self.signed.checkpoint.origin);
        let (from, to) = (self.from, self.to);
        let mut text =
            format!("{MAGIC}{FORMAT}\nform {form}\nledger {ledger}\norigin {origin}\nfrom {from}\nto {to}\n");
        let sides = [("left", &self.left), ("right", &self.right)];
        for (side, hash) in
            sides.into_iter().flat_map(|(side, hashes)| hashes.iter().map(move |it| (side, it)))
        {
            // Writing to a string does not fail.
            let _written = writeln!(text, "{side} {hash}");
        }
        let note = self.signed.note.to_string();
        let _written = write!(text, "checkpoint {}\n{note}", note.len());
        text
    }

    /// Reads the beginning of a file; what can be told by it alone is checked, and it has one spelling.
    pub fn read(input: &mut impl BufRead) -> Result<Self, ExportError> {
        let first = line(input)?.ok_or(ExportError::Foreign)?;
        let format = first.strip_prefix(MAGIC).and_then(number).ok_or(ExportError::Foreign)?;
        if format > FORMAT {
            return Err(ExportError::NewerFormat { found: format, known: FORMAT });
        }
        let mut lines = Lines { input, read: first + "\n" };
        let form = lines.field("form", Form::named)?;
        let ledger = lines.field("ledger", |text| text.parse().ok())?;
        let origin = lines.field("origin", |text| Some(text.to_owned()))?;
        let from = lines.field("from", number)?;
        let to = lines.field("to", number)?;
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let length = loop {
            let (name, value) = lines.next()?;
            let hash = || Hash::from_base64(&value).ok_or_else(|| ExportError::header("a hash is none"));
            match name.as_str() {
                "left" if right.is_empty() && left.len() < MAX_LEFT => left.push(hash()?),
                "right" if right.len() < MAX_RIGHT => right.push(hash()?),
                "checkpoint" => break number(&value),
                _ => return Err(ExportError::header("a line of its header is not known")),
            }
        };
        let length = length.and_then(|length| usize::try_from(length).ok()).filter(|it| *it <= MAX_NOTE);
        let length = length.ok_or_else(|| ExportError::header("its checkpoint has an impossible length"))?;
        let signed = lines.checkpoint(length)?;
        let header = Self { form, ledger, from, to, left, right, signed };
        header.check(&origin)?;
        if header.to_text() == lines.read {
            Ok(header)
        } else {
            Err(ExportError::header("its header is spelt otherwise"))
        }
    }

    fn check(&self, origin: &str) -> Result<(), ExportError> {
        let checkpoint = &self.signed.checkpoint;
        if origin != checkpoint.origin || !same_log(origin, self.ledger) {
            return Err(ExportError::header("its checkpoint is that of another log"));
        }
        if self.from == 0 || self.to < self.from || self.to > checkpoint.size {
            return Err(ExportError::header("its checkpoint does not cover the positions that it names"));
        }
        let edges = (left_of(self.from - 1).len(), between(self.to, checkpoint.size).len());
        if edges != (self.left.len(), self.right.len()) {
            return Err(ExportError::header("the hashes beside its records are not as many as they must be"));
        }
        Ok(())
    }

    /// Whether one of `known` has signed its checkpoint; with no keys at all, nobody needs to have.
    pub fn open(&self, known: Option<&[VerifierKey]>) -> Result<(), ExportError> {
        let opened = open_checkpoint(self.signed.note.to_string().as_bytes(), known);
        opened.map(drop).map_err(|error| match error {
            NoteError::Unsigned => ExportError::unsigned("no known key has signed its checkpoint"),
            error => ExportError::unsigned(format!("its checkpoint does not count: {error}")),
        })
    }
}

/// The lines that were read so far.
struct Lines<'i, R> {
    input: &'i mut R,
    read: String,
}

impl<R: BufRead> Lines<'_, R> {
    fn next(&mut self) -> Result<(String, String), ExportError> {
        let line = line(self.input)?.ok_or_else(|| ExportError::header("its header is cut short"))?;
        self.read.push_str(&line);
        self.read.push('\n');
        let parts =
            line.split_once(' ').ok_or_else(|| ExportError::header("a line of its header is not one"))?;
        Ok((parts.0.to_owned(), parts.1.to_owned()))
    }

    fn field<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ExportError> {
        let (found, value) = self.next()?;
        let parsed = (found == name).then(|| parse(&value)).flatten();
        parsed.ok_or_else(|| ExportError::header(format!("the line `{name}` of its header is not one")))
    }

    fn checkpoint(&mut self, length: usize) -> Result<SignedCheckpoint, ExportError> {
        let mut note = vec![0; length];
        self.input.read_exact(&mut note).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ExportError::header("its header is cut short"),
            _ => ExportError::Read(error),
        })?;
        let signed = SignedCheckpoint::parse(&note)
            .map_err(|error| ExportError::header(format!("its checkpoint is none: {error}")))?;
        let note = String::from_utf8(note).map_err(|_| ExportError::header("its checkpoint is not text"))?;
        self.read.push_str(&note);
        Ok(signed)
    }
}

/// A line without its end; `None` where there is none that is short enough, or that is not text.
fn line(input: &mut impl BufRead) -> Result<Option<String>, ExportError> {
    let mut bytes = Vec::new();
    input.take(MAX_LINE as u64).read_until(b'\n', &mut bytes).map_err(ExportError::Read)?;
    let ended = bytes.pop() == Some(b'\n');
    Ok(String::from_utf8(bytes).ok().filter(|_| ended))
}

/// A number without sign and superfluous zeros.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_line_and_the_longest_checkpoint_that_are_read() {
        let long = |bytes: usize| "x".repeat(bytes - 1) + "\n";
        assert!(line(&mut long(MAX_LINE).as_bytes()).unwrap().is_some());
        assert!(line(&mut long(MAX_LINE + 1).as_bytes()).unwrap().is_none());
        assert!(line(&mut &b"no end"[..]).unwrap().is_none());
        let ledger = LedgerId::from_bytes([1; 16]);
        let told = |length: usize| {
            let text =
                format!("{MAGIC}1\nform raw\nledger {ledger}\norigin x\nfrom 1\nto 1\ncheckpoint {length}\n");
            Header::read(&mut text.as_bytes()).unwrap_err().to_string()
        };
        assert!(told(MAX_NOTE).contains("cut short"), "{}", told(MAX_NOTE));
        assert!(told(MAX_NOTE + 1).contains("impossible length"), "{}", told(MAX_NOTE + 1));
    }

    #[test]
    fn no_part_of_any_log_has_more_hashes_beside_it() {
        assert!(left_of(u64::MAX).len() <= MAX_LEFT);
        for (begin, end) in [(1, u64::MAX), (u64::MAX / 2 + 2, u64::MAX), (0, u64::MAX)] {
            assert!(between(begin, end).len() <= MAX_RIGHT, "{begin} to {end}");
        }
    }

    #[test]
    fn more_hashes_than_those_are_refused() {
        let ledger = LedgerId::from_bytes([1; 16]);
        let hash = Hash::of_empty_tree();
        let told = |side: &str, count: usize| {
            let lines = format!("{side} {hash}\n").repeat(count);
            let text =
                format!("{MAGIC}1\nform raw\nledger {ledger}\norigin x\nfrom 1\nto 1\n{lines}checkpoint 9\n");
            Header::read(&mut text.as_bytes()).unwrap_err().to_string()
        };
        for (side, most) in [("left", MAX_LEFT), ("right", MAX_RIGHT)] {
            assert!(told(side, most).contains("cut short"), "{}", told(side, most));
            assert!(told(side, most + 1).contains("not known"), "{}", told(side, most + 1));
        }
    }
}
