//! What the parts of a server have in memory. They are opened in a process of their own, one after the other, and what
//! is in memory then besides is the part of each. Of the journal and the tiles nothing stays: they are read in windows.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use mfa_ledger::disk::Disk;
use mfa_ledger::follow::snapshot::{Keeping, MILESTONE, Seal, Snapshots};
use mfa_ledger::log::Position;
use mfa_ledger::log::embedded::{Embedded, Inspect, Sizes};
use mfa_ledger::vault::{Label, MasterKey};
use mfa_ledger_projections::State;
use serde_json::{Value, json};

use super::history;
use super::weight::memory;
use crate::Outcome;

/// The parts, as they are printed and told.
pub const PARTS: [(&str, &str); 3] =
    [("log", "log, as sled opens it"), ("projections", "projections"), ("index", "index of the activity")];

/// MiB of each of [`PARTS`] of a data directory that nobody has open.
pub fn of(data_dir: &Path) -> Outcome<Vec<f64>> {
    let mut weighing = Command::new(std::env::current_exe()?);
    // Else a part would be told the less, the more room the one before it has left to be used again.
    weighing.env("MIMALLOC_PURGE_DELAY", "0");
    let weighed = weighing.arg("weigh").arg(data_dir).stderr(Stdio::inherit()).output()?;
    if !weighed.status.success() {
        return Err(format!("the parts cannot be weighed: {}", weighed.status).into());
    }
    let printed: Value = serde_json::from_slice(&weighed.stdout)?;
    let part = |name: &str| printed[name].as_f64().ok_or("a part is not told");
    Ok(PARTS.iter().map(|(name, _)| part(name)).collect::<Result<_, _>>()?)
}

/// Opens the parts, and prints what each has added.
pub async fn weigh(data_dir: &Path) -> Outcome<()> {
    let resident = || Outcome::Ok(memory(std::process::id())?.0);
    let before = resident()?;
    let ledger = history::ledger(data_dir)?;
    let (dir, sizes) = (data_dir.to_owned(), Sizes::default());
    let open = move || {
        Embedded::open_inspected(&dir, ledger.bytes(), Disk::real(), sizes, || Ok(Trusting)).map(|it| it.0)
    };
    let log = tokio::task::spawn_blocking(open).await??;
    let with_log = resident()?;
    let state = newest(data_dir)?;
    let with_state = resident()?;
    state.activity.blocks().iter().for_each(|block| block.prepare());
    let with_index = resident()?;
    log.close().await?;
    let parts = json!({
        "log": with_log - before, "projections": with_state - with_log, "index": with_index - with_state,
    });
    println!("{parts}");
    Ok(())
}

/// The state of the newest snapshot.
fn newest(data_dir: &Path) -> Outcome<State> {
    let master = MasterKey::read_file(&data_dir.with_extension("key"))?;
    let sealing = master.subkey(Label::Snapshots);
    let seal: Seal = Arc::new(move |parts| sealing.mac(parts));
    let keeping = Keeping { data_dir: data_dir.to_owned(), disk: Disk::real(), every: MILESTONE, reserve: 0 };
    let snapshots = Snapshots::new(keeping, history::ledger(data_dir)?, seal);
    let found = snapshots.found().into_iter().next().ok_or("there is no snapshot")?;
    Ok(snapshots.read(&found, &[])?.state)
}

/// Reads no more of the journal than a start does.
struct Trusting;

impl Inspect for Trusting {
    type Findings = ();
    type Error = Infallible;

    fn resume(&mut self, _: Position) -> bool {
        true
    }

    fn record(&mut self, _: Position, _: &[u8]) {}

    fn judge(self, _: Position) -> Result<(), Infallible> {
        Ok(())
    }
}
