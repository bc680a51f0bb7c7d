//! A witness (`c2sp.org/tlog-witness`): a small server for another host, which remembers how far each log
//! had come, and signs a checkpoint only when it goes on from there. Whoever rolls a log back, or rewrites
//! it, gets no signature any more.
//!
//! What it remembers is one small file a log, `<hex SHA-256 of the origin>.checkpoint`, replaced whole and
//! durable *before* the answer. A file that is damaged ends the start: a witness that forgets is none.

mod error;
mod key;
mod remember;
mod request;
mod serve;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mfa_ledger_base::clock::Clock;
use mfa_ledger_base::disk::Disk;
use mfa_ledger_base::tlog::key::KeyType;
use mfa_ledger_base::tlog::proof::verify_consistency;
use mfa_ledger_base::tlog::{Hash, Note, SignedCheckpoint, SigningKey, VerifierKey, cosignature};
use sha2::{Digest, Sha256};

pub use error::{Refusal, WitnessError};
pub use key::{create_key, key_file, read_key};
pub use request::{MAX_BODY, MAX_PROOF, Request};
pub use serve::{MAX_IN_FLIGHT, listen, router, serve};

use remember::Memory;

/// Most logs that one witness takes.
pub const MAX_LOGS: usize = 1_024;

/// The logs that are known, and what was signed of each.
#[derive(Debug)]
pub struct Witness {
    key: SigningKey,
    clock: Arc<Clock>,
    memory: Memory,
    logs: BTreeMap<String, Known>,
}

/// One log: every key that it may sign with, and its latest checkpoint that was cosigned.
#[derive(Debug)]
struct Known {
    keys: Vec<VerifierKey>,
    // Held from the comparison to the answer, so that no two requests of one log are in between.
    latest: Mutex<Option<SignedCheckpoint>>,
}

impl Witness {
    /// Takes a directory, and reads what is remembered of each of these logs.
    pub fn open(
        dir: &Path,
        key: SigningKey,
        logs: &[VerifierKey],
        disk: Disk,
        clock: Arc<Clock>,
    ) -> Result<Self, WitnessError> {
        if key.verifier().kind() != KeyType::Cosignature {
            return Err(WitnessError::NotAWitnessKey);
        }
        let memory = Memory::take(dir, disk)?;
        let mut known: BTreeMap<String, Known> = BTreeMap::new();
        for log in logs {
            if log.kind() != KeyType::Ed25519 {
                return Err(WitnessError::NotALogKey(log.to_string()));
            }
            let entry = known.entry(log.name().to_owned());
            let keys = &mut entry.or_insert_with(Known::empty).keys;
            if !keys.contains(log) {
                keys.push(log.clone());
            }
        }
        if known.is_empty() || known.len() > MAX_LOGS {
            return Err(WitnessError::Logs(known.len()));
        }
        for (origin, log) in &mut known {
            *log.latest.get_mut().unwrap_or_else(PoisonError::into_inner) =
                memory.read(origin, key.verifier())?;
        }
        Ok(Self { key, clock, memory, logs: known })
    }

    /// The logs that are known.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The key that its cosignatures are checked with.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Checks a request, remembers its checkpoint, and gives the signature line for it. Writes to disk.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, Refusal> {
        let request = Request::parse(body)?;
        let known = self.logs.get(request.origin()).ok_or(Refusal::UnknownLog)?;
        let signers = request.note.verify(&known.keys)?;
        let checkpoint = request.checkpoint()?;
        if request.old > checkpoint.size {
            return Err(Refusal::Malformed("the old size is larger than the checkpoint's"));
        }
        let mut latest = known.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let (size, root) =
            latest.as_ref().map_or((0, Hash::of_empty_tree()), |it| (it.checkpoint.size, it.checkpoint.root));
        if request.old != size {
            return Err(Refusal::OtherSize(size));
        }
        verify_consistency(&request.proof, size, checkpoint.size, &root, &checkpoint.root)?;

        let at = u64::try_from(self.clock.unix_ms() / 1_000).unwrap_or(0);
        if at == 0 {
            return Err(Refusal::NoTime);
        }
        let cosignature = cosignature::sign(&self.key, request.note.text(), at);
        // Signatures that were not checked are not handed on.
        let mut note = Note::unsigned(request.note.text().to_owned())?;
        let by = |line: &&_| signers.iter().any(|key| is_by(line, key));
        request.note.signatures().iter().filter(by).for_each(|line| note.add(line.clone()));
        note.add(cosignature.clone());
        let signed = SignedCheckpoint { checkpoint, note };
        self.memory.write(&signed).map_err(Refusal::NotStored)?;
        let (origin, from, size) = (&signed.checkpoint.origin, size, signed.checkpoint.size);
        tracing::info!(origin, from, size, "cosigned");
        *latest = Some(signed);
        Ok(format!("{cosignature}\n"))
    }

    /// The latest checkpoint that was cosigned for the log with this hash of its origin.
    pub fn latest(&self, hash: &str) -> Option<String> {
        let (_, known) = self.logs.iter().find(|(origin, _)| origin_hash(origin) == hash)?;
        let latest = known.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|signed| signed.note.to_string())
    }
}

impl Known {
    fn empty() -> Self {
        Self { keys: Vec::new(), latest: Mutex::default() }
    }
}

fn is_by(line: &mfa_ledger_base::tlog::note::NoteSignature, key: &VerifierKey) -> bool {
    line.name == key.name() && line.id == key.id()
}

/// The name of an origin in paths.
fn origin_hash(origin: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(origin.as_bytes()))
}
