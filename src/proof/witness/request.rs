//! The body of `add-checkpoint`: an old size, a proof, an empty line, a checkpoint.

use mfa_ledger_base::tlog::note::MAX_NOTE;
use mfa_ledger_base::tlog::{Checkpoint, Hash, Note};

use super::Refusal;

/// Most hashes of a consistency proof.
pub const MAX_PROOF: usize = 63;

/// Longest body, in bytes: the longest note, and 64 lines that are each shorter than this.
pub const MAX_BODY: usize = MAX_NOTE + 64 * 48;

/// A request, of the right form, nothing checked.
#[derive(Debug)]
pub struct Request {
    /// The size that the caller thinks was signed last.
    pub old: u64,
    /// From there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint, its text not looked into yet.
    pub note: Note,
}

impl Request {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let at = body.windows(2).position(|pair| pair == b"\n\n");
        let at = at.ok_or(Refusal::Malformed("no empty line ends the proof"))?;
        let (head, note) = (&body[..at], &body[at + 2..]);
        let head = str::from_utf8(head).map_err(|_| Refusal::Malformed("it is not UTF-8"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(Refusal::Malformed("its first line does not say the old size"))?;
        let proof: Option<Vec<_>> = lines.map(Hash::from_base64).collect();
        let proof = proof.ok_or(Refusal::Malformed("a line of the proof is not a hash"))?;
        if proof.len() > MAX_PROOF {
            return Err(Refusal::Malformed("no proof has so many hashes"));
        }
        Ok(Self { old, proof, note: Note::parse(note)? })
    }

    /// The log that the checkpoint says it is of.
    pub fn origin(&self) -> &str {
        self.note.text().split('\n').next().unwrap_or_default()
    }

    /// The checkpoint itself.
    pub fn checkpoint(&self) -> Result<Checkpoint, Refusal> {
        let lines: Vec<_> = self.note.text().split('\n').collect();
        if let [_, "0", root, ..] = lines.as_slice()
            && Hash::from_base64(root).is_some_and(|root| root != Hash::of_empty_tree())
        {
            return Err(Refusal::EmptyTree);
        }
        Ok(Checkpoint::parse(self.note.text())?)
    }
}

fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}
