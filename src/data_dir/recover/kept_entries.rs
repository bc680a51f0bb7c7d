//! Vault entries that an accepted loss would destroy: kept as a copy before the log is cut. The sweep of the next start
//! destroys every entry that the remaining log does not name, and some of them are named only by the records that were cut
//! off, or that are missing.
//!
//! Entries that the remaining log names are not copied: a later reset must destroy them everywhere.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use mfa_ledger_projections::Secrets;
use mfa_ledger_schemas::{Instant, codec};

use crate::config::Config;
use crate::data_dir::{Means, StartError};
use crate::log::Position;
use crate::log::embedded::raw;
use crate::vault::{self, Copy, Vault};

/// Copies the entries of the vault in `dir` to `aside` that the log before `cut_from` does not name. How many there are.
pub(super) fn keep(
    dir: &Path,
    aside: &Path,
    cut_from: Option<Position>,
    means: &Means,
) -> Result<usize, StartError> {
    let mut copy = match Copy::read(&dir.join("vault")) {
        Ok(copy) => copy,
        // A vault that does not open is not swept.
        Err(error @ (vault::OpenError::Damaged { .. } | vault::OpenError::Io { .. })) => {
            tracing::info!(%error, "no entries of the vault are copied");
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    let (named, now) = (named_before(dir, cut_from), Instant::from_unix_ms(means.clock.unix_ms()));
    copy.keep(|id| !named.names(id, now));
    let entries = copy.ids().count();
    if entries > 0 {
        let to = aside.join("vault");
        copy.write(&to, &means.disk).map_err(StartError::io(to.clone()))?;
        tracing::warn!(
            entries,
            to = %to.display(),
            "the remaining log does not name these vault entries; they were copied, and the next start destroys the \
             originals. No reset destroys the copy: delete it when the case is closed"
        );
    }
    Ok(entries)
}

/// What the log names that remains.
fn named_before(dir: &Path, cut_from: Option<Position>) -> Secrets {
    let mut named = Secrets::default();
    let scanned = raw::scan(dir, None, |frame| {
        if cut_from.is_some_and(|cut_from| frame.position >= cut_from) {
            return ControlFlow::Break(());
        }
        match codec::decode(frame.record()) {
            Ok(record) => {
                named.take(&record.event);
                ControlFlow::Continue(())
            }
            Err(_) => ControlFlow::Break(()),
        }
    });
    if let Err(error) = scanned {
        // It is why there is a loss to accept. What was read before counts.
        tracing::debug!(%error, "the log was read up to its damage");
    }
    named
}

/// How many keys of vault entries lie in what was set aside, and the directories that hold some.
pub fn keys_set_aside(config: &Config) -> io::Result<(usize, Vec<String>)> {
    let entries = match std::fs::read_dir(config.data_dir.join("lost")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, Vec::new())),
        entries => entries?,
    };
    let (mut keys, mut places) = (0, Vec::new());
    for entry in entries {
        let vault = entry?.path().join("vault");
        match Vault::keys_in(&vault)? {
            0 => {}
            found => {
                keys += found;
                places.push(vault.display().to_string());
            }
        }
    }
    places.sort_unstable();
    Ok((keys, places))
}
