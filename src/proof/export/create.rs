//! Making an export.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_base::tiles::CHECKPOINT;
use mfa_ledger_base::tlog::proof::Nodes;
use mfa_ledger_base::tlog::tree::{Node, between, left_of};
use mfa_ledger_base::tlog::{Hash, VerifierKey};
use mfa_ledger_log::Stream;
use mfa_ledger_log::embedded::raw::{self, Frame, Seal};
use mfa_ledger_schemas::{LedgerId, codec};

use super::part::Part;
use super::reading::end_mark;
use super::{ExportError, Header};
use crate::integrity::data_dir::{self, Against};
use crate::integrity::{Examined, Remembered, nodes, read_checkpoint};

/// What the records of an export look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they are stored, both halves: what can be imported.
    Raw,
    /// Their public halves: for whoever should check the log and not see more of it.
    Leaves,
}

impl Form {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Leaves => "leaves",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Raw, Self::Leaves].into_iter().find(|form| form.name() == name)
    }
}

/// What is to be exported.
pub struct Create<'a> {
    /// The data directory; a server may be at work in it.
    pub data_dir: &'a Path,
    /// How the records are written.
    pub form: Form,
    /// The first position, counted from 1.
    pub from: u64,
    /// The last position; `None` is the last that was signed for.
    pub to: Option<u64>,
    /// The keys that may have signed the checkpoint; `None` when that is not looked at.
    pub keys: Option<&'a [VerifierKey]>,
}

/// What was exported.
#[derive(Clone, Debug)]
pub struct Made {
    /// What the export says of itself.
    pub header: Header,
    /// Records behind the newest checkpoint, which are in no export until they are signed for; not known
    /// beside a server.
    pub unsealed: Option<u64>,
}

/// Writes an export, up to the newest checkpoint. The log is verified first: of one that was altered nothing is
/// written. Blocks.
///
/// # Errors
/// [`ExportError`]; what was written by then is worth nothing.
pub fn create(ask: &Create<'_>, output: &mut impl Write) -> Result<Made, ExportError> {
    if !ask.data_dir.join("ledger.json").exists() {
        return Err(ExportError::NoLedger(ask.data_dir.into()));
    }
    let signed =
        read_checkpoint(&ask.data_dir.join(CHECKPOINT), ask.keys).map_err(ExportError::Checkpoint)?;
    let size = signed.checkpoint.size;
    let (from, to) = (ask.from, ask.to.unwrap_or(size));
    if from == 0 || to < from || to > size {
        return Err(ExportError::NoSuchPositions { from, to, size });
    }
    let remembered = Remembered { source: CHECKPOINT.into(), checkpoint: signed.checkpoint.clone() };
    let against =
        Against { keys: ask.keys.map(<[_]>::to_vec), origin: None, remembered: vec![remembered.clone()] };
    let verified = data_dir::verify(ask.data_dir, against, from..=to, |_| {})?;
    let ledger = raw::ledger(ask.data_dir).map_err(ExportError::Open)?;
    let (left, right) = edges(ask.data_dir, ledger, &remembered, (from, to))?;
    let ledger = LedgerId::from_bytes(ledger);
    let header = Header { form: ask.form, ledger, from, to, left, right, signed };
    write(ask.data_dir, &header, output)?;
    Ok(Made { header, unsealed: (!verified.in_use).then_some(verified.unsealed) })
}

/// The hashes left and right of the records; none for a whole log.
fn edges(
    data_dir: &Path,
    ledger: [u8; 16],
    remembered: &Remembered,
    (from, to): (u64, u64),
) -> Result<(Vec<Hash>, Vec<Hash>), ExportError> {
    let size = remembered.checkpoint.size;
    let sides = [left_of(from - 1), between(to, size)];
    let wanted: BTreeSet<Node> = sides.iter().flatten().copied().collect();
    if wanted.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let computed = nodes::compute(data_dir, ledger, size, &wanted)?;
    let hashes = |side: Vec<Node>| side.into_iter().map(|node| computed.node(node)).collect::<Result<_, _>>();
    let [left, right] = sides.map(hashes);
    let missing = |_| ExportError::damaged(size, "the log ends before its checkpoint");
    Ok((left.map_err(missing)?, right.map_err(missing)?))
}

/// Writes it, and holds what is written against the checkpoint once more: the journal is read anew for this.
fn write(data_dir: &Path, header: &Header, output: &mut impl Write) -> Result<(), ExportError> {
    let mut put = |bytes: &[u8]| output.write_all(bytes).map_err(ExportError::Write);
    put(header.to_text().as_bytes())?;
    let mut part = Part::new(header, Vec::new())?;
    let (mut bytes, mut failed) = (Vec::new(), None);
    raw::scan(data_dir, Some(header.ledger.bytes()), |frame| {
        let position = frame.position.0;
        if position < header.from {
            return ControlFlow::Continue(());
        }
        part.add(position, Examined::hashed(frame.record()));
        bytes.clear();
        if let Err(error) = record(header, frame, &mut bytes).and_then(|()| put(&bytes)) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        if position == header.to { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(ExportError::Open)?;
    failed.map_or(Ok(()), Err)?;
    part.judge()?;
    put(end_mark(header.to).as_bytes())?;
    output.flush().map_err(ExportError::Write)
}

fn record(header: &Header, frame: &Frame<'_>, bytes: &mut Vec<u8>) -> Result<(), ExportError> {
    if header.form == Form::Raw {
        let (seal, stream) = (Seal::new(header.ledger.bytes()), Stream::new(frame.stream));
        seal.write(bytes, frame.position, frame.batch, &stream, frame.record());
        return Ok(());
    }
    let halves = codec::halves(frame.record());
    let halves = halves.map_err(|error| ExportError::damaged(frame.position.0, error.to_string()))?;
    if halves.leaf.contains('\n') {
        return Err(ExportError::damaged(frame.position.0, "its leaf is of more than one line"));
    }
    bytes.extend_from_slice(halves.leaf.as_bytes());
    bytes.push(b'\n');
    Ok(())
}
