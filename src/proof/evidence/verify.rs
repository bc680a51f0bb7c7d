//! A bundle, checked: nothing in it is believed that was not signed with a key that is known from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger_base::tlog::receipt::Receipt;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};
use serde::Deserialize;
use serde_json::Value;

use super::manifest::{Manifest, parse_list, sha256};
use super::pack::bytes_fit;
use super::{event_name, proof_name, tar};

const NOTE: &str = "manifest.note";
const LIST: &str = "manifest.sha256";

/// What is there beside events and proofs.
const ALWAYS: [&str; 6] =
    ["README.txt", "check.py", "checkpoint", "keys.txt", "policy.json", "timeline.html"];
const PERSONAL: &str = "personal-data.json";

/// A bundle in which all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which log.
    pub log: String,
    /// What it is about.
    pub about: String,
    /// How many records the checkpoint was signed for.
    pub size: u64,
    /// How many records are in the bundle.
    pub events: usize,
    /// Whether words are in it that lie sealed in the ledger: the log vouches for them with its signature alone.
    pub personal: bool,
}

/// Why a bundle is not what was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct Broken {
    /// Where.
    pub file: String,
    /// What is wrong.
    pub why: String,
}

fn broken(file: &str, why: impl std::fmt::Display) -> Broken {
    Broken { file: file.to_owned(), why: why.to_string() }
}

/// A stretch of the log in which the same settings were in force, as far as the bundle needs it.
#[derive(Deserialize)]
struct InForce {
    /// Which record set them.
    set_at: u64,
    settings: Value,
}

/// Checks all of a bundle with the keys that count.
pub fn verify(bytes: &[u8], known: &[VerifierKey]) -> Result<Verified, Broken> {
    bytes_fit(bytes.len()).map_err(|_| broken("the archive", "it is larger than any that is made"))?;
    let files = tar::read(bytes).map_err(|(file, why)| broken(&file, why))?;
    let file = |name: &str| files.get(name).copied().ok_or_else(|| broken(name, "it is missing"));
    let manifest = Manifest::open(file(NOTE)?, known).map_err(|error| broken(NOTE, error))?;
    if sha256(file(LIST)?) != manifest.list {
        return Err(broken(LIST, "it is not the one that was signed for"));
    }
    let list = parse_list(file(LIST)?).ok_or_else(|| broken(LIST, "it is no list of files"))?;
    listed(&files, &list)?;
    let checkpoint =
        SignedCheckpoint::open(file("checkpoint")?, known).map_err(|error| broken("checkpoint", error))?;
    if checkpoint.checkpoint.size != manifest.size {
        return Err(broken("checkpoint", "it is not the one that the manifest names"));
    }
    let positions = positions(&list)?;
    if positions.len() != manifest.events {
        return Err(broken(LIST, "it does not have as many events as the manifest says"));
    }
    for position in &positions {
        proven(&files, *position, &checkpoint, known)?;
    }
    policy(&files, file("policy.json")?)?;
    let Manifest { log, about, size, events, .. } = manifest;
    Ok(Verified { log, about, size, events, personal: files.contains_key(PERSONAL) })
}

/// Exactly the files of the list, each as it was.
fn listed(files: &BTreeMap<String, &[u8]>, list: &BTreeMap<&str, &str>) -> Result<(), Broken> {
    for (name, hash) in list {
        let bytes = files.get(*name).ok_or_else(|| broken(name, "it is missing"))?;
        if sha256(bytes) != *hash {
            return Err(broken(name, "it was altered"));
        }
    }
    let unknown =
        files.keys().find(|name| ![NOTE, LIST].contains(&name.as_str()) && !list.contains_key(name.as_str()));
    unknown.map_or(Ok(()), |name| Err(broken(name, "it was added")))
}

/// Which records there are: each by its event and its proof, and nothing else beside what is always there.
fn positions(list: &BTreeMap<&str, &str>) -> Result<BTreeSet<u64>, Broken> {
    let mut positions = BTreeSet::new();
    for name in list.keys().filter(|name| !ALWAYS.contains(name) && **name != PERSONAL) {
        let digits = |name: &str| name.split_once('/')?.1.split_once('.')?.0.parse::<u64>().ok();
        let position =
            digits(name).filter(|at| [event_name(*at), proof_name(*at)].iter().any(|it| it == name));
        positions.insert(position.ok_or_else(|| broken(name, "no bundle has such a file"))?);
    }
    Ok(positions)
}

fn proven(
    files: &BTreeMap<String, &[u8]>,
    position: u64,
    checkpoint: &SignedCheckpoint,
    known: &[VerifierKey],
) -> Result<(), Broken> {
    let (event, proof) = (event_name(position), proof_name(position));
    let file = |name: &str| files.get(name).copied().ok_or_else(|| broken(name, "it is missing"));
    let receipt = Receipt::parse(file(&proof)?).map_err(|error| broken(&proof, error))?;
    if receipt.index.checked_add(1) != Some(position) {
        return Err(broken(&proof, "it is the proof of another position"));
    }
    if receipt.checkpoint.note != checkpoint.note {
        return Err(broken(&proof, "it leads to another checkpoint"));
    }
    receipt.verify(file(&event)?, known).map_err(|error| broken(&event, error))
}

/// The settings are those of the records that set them.
fn policy(files: &BTreeMap<String, &[u8]>, bytes: &[u8]) -> Result<(), Broken> {
    let failed = |why: &str| broken("policy.json", why);
    let stretches: Vec<InForce> =
        serde_json::from_slice(bytes).map_err(|error| broken("policy.json", error))?;
    for InForce { set_at, settings } in stretches {
        let leaf =
            files.get(&event_name(set_at)).ok_or_else(|| failed("the record that set it is missing"))?;
        let leaf: Value = serde_json::from_slice(leaf).map_err(|error| broken(&event_name(set_at), error))?;
        if leaf["data"]["details"]["settings"] != settings {
            return Err(failed("it does not say what the record says that set it"));
        }
    }
    Ok(())
}
