//! A bundle, put together.

use mfa_ledger_base::tlog::receipt::Receipt;
use mfa_ledger_base::tlog::{SignedCheckpoint, SigningKey, VerifierKey};
use serde_json::Value;

use super::manifest::{About, Manifest, list, sha256};
use super::tar::Archive;
use super::{MAX_BYTES, MAX_EVENTS, event_name, proof_name};

const README: &str = include_str!("readme.txt");
const CHECK: &str = include_str!("check.py");

/// A record, and that it is in the log.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands, counted from 1.
    pub position: u64,
    /// Its public half, byte for byte.
    pub leaf: String,
    /// The proof, under the checkpoint of the bundle.
    pub receipt: Receipt,
}

/// What goes into a bundle.
#[derive(Debug)]
pub struct Contents<'c> {
    /// What it is about.
    pub about: About,
    /// What all proofs lead to.
    pub checkpoint: &'c SignedCheckpoint,
    /// The public keys of the log.
    pub keys: &'c [VerifierKey],
    /// The settings in force: `verify` beside this says in which shape.
    pub policy: Value,
    /// The records, in their order.
    pub events: &'c [Event],
    /// The timeline, as HTML.
    pub timeline: String,
    /// Words that lie sealed, by position.
    pub personal: Option<Value>,
}

/// It would be larger than any that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// More records than a bundle has.
    #[error("{0} records, and a bundle has at most {MAX_EVENTS}")]
    Events(usize),
    /// More bytes.
    #[error("{0} bytes, and a bundle has at most {MAX_BYTES}")]
    Bytes(usize),
}

/// Makes a bundle, and signs for it.
pub fn pack(contents: &Contents<'_>, key: &SigningKey) -> Result<Vec<u8>, TooLarge> {
    events_fit(contents.events.len())?;
    let keys = contents.keys.iter().fold(String::new(), |keys, key| keys + &key.to_string() + "\n");
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("README.txt".into(), README.into()),
        ("check.py".into(), CHECK.into()),
        ("checkpoint".into(), contents.checkpoint.note.to_string().into()),
        ("keys.txt".into(), keys.into()),
        ("policy.json".into(), format!("{:#}\n", contents.policy).into()),
        ("timeline.html".into(), contents.timeline.clone().into()),
    ];
    if let Some(personal) = &contents.personal {
        files.push(("personal-data.json".into(), format!("{personal:#}\n").into()));
    }
    for event in contents.events {
        files.push((event_name(event.position), event.leaf.clone().into()));
        files.push((proof_name(event.position), event.receipt.to_string().into()));
    }
    let listed = list(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let manifest = Manifest {
        log: key.verifier().name().to_owned(),
        about: contents.about.to_string(),
        size: contents.checkpoint.checkpoint.size,
        events: contents.events.len(),
        list: sha256(listed.as_bytes()),
    };
    let note = manifest.sign(key).expect("it has lines of text alone");
    let mut archive = Archive::default();
    archive.add("manifest.note", note.to_string().as_bytes());
    archive.add("manifest.sha256", listed.as_bytes());
    for (name, bytes) in &files {
        archive.add(name, bytes);
    }
    let bytes = archive.finish();
    bytes_fit(bytes.len())?;
    Ok(bytes)
}

fn events_fit(count: usize) -> Result<(), TooLarge> {
    if count > MAX_EVENTS { Err(TooLarge::Events(count)) } else { Ok(()) }
}

/// Whether a bundle may have so many bytes.
pub(super) fn bytes_fit(count: usize) -> Result<(), TooLarge> {
    if count > MAX_BYTES { Err(TooLarge::Bytes(count)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_has_10_000_records_and_256_mib_at_most() {
        assert_eq!(events_fit(10_000), Ok(()));
        assert_eq!(events_fit(10_001), Err(TooLarge::Events(10_001)));
        assert_eq!(bytes_fit(256 << 20), Ok(()));
        assert_eq!(bytes_fit((256 << 20) + 1), Err(TooLarge::Bytes((256 << 20) + 1)));
    }
}
