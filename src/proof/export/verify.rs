//! Checking an export.

use std::io::BufRead;
use std::ops::RangeInclusive;

use mfa_ledger_base::tlog::{Hash, leaf_hash};
use mfa_ledger_log::embedded::raw;

use super::part::Part;
use super::{ExportError, Form, Header, reading};
use crate::integrity::data_dir::Against;
use crate::integrity::{Examined, TELL_EVERY, pipeline, signers};

/// An export that is sound.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it says of itself.
    pub header: Header,
    /// The root that it came to, which is the one that was signed.
    pub root: Hash,
    /// The keys that have signed the checkpoint.
    pub signed_by: Vec<String>,
}

/// Checks an export as it is read, to its end; `seen` is told how far it is. Records of the raw form are decoded
/// and rendered anew where they are in `close`. An export is of the past: the origin that the log has now is no
/// matter here.
///
/// # Errors
/// [`ExportError`]; [`ExportError::Tampered`] tells what was altered, anything else could not be checked.
pub fn verify(
    input: &mut impl BufRead,
    against: Against,
    close: RangeInclusive<u64>,
    mut seen: impl FnMut(u64) + Send,
) -> Result<Verified, ExportError> {
    let header = Header::read(input)?;
    header.open(against.keys.as_deref())?;
    let mut part = Part::new(&header, against.remembered)?;
    let (form, ledger) = (header.form, header.ledger);
    let read = pipeline::run(
        |position, bytes| match form {
            Form::Raw if close.contains(&position) => Examined::of_body(bytes, ledger),
            Form::Raw => Examined::of_body_hashed(bytes),
            Form::Leaves => Examined { hash: leaf_hash(bytes), fault: None },
        },
        |feed| {
            reading::records(input, &header, |position, frame, bytes| {
                feed.give(position, frame.map_or(bytes, |frame: &raw::Frame<'_>| frame.body))
            })
        },
        |position, examined| {
            part.add(position, examined);
            if position % TELL_EVERY == 0 {
                seen(position);
            }
        },
    );
    // What comes first in the file is told.
    if let Err(ExportError::Tampered(_)) = read
        && let Some(fault) = part.fault()
    {
        return Err(fault.into());
    }
    read?;
    let root = part.judge()?;
    let signed_by = signers(&header.signed, against.keys.as_deref());
    Ok(Verified { header, root, signed_by })
}
