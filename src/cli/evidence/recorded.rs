//! That a bundle is made goes on record before anything is read for it, which may be refused.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use mfa_ledger_api::rows;

use crate::cli::activity::entry::note;
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Reach, Remote};
use crate::integrity;
use crate::service::command;

/// The media type of a bundle.
const FORMAT: &str = "application/x-tar";

/// A server signs for what it has recorded every second.
const SEALED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is asked for, in the words of the caller.
pub(super) enum Asked<'a> {
    Administrator(&'a str),
    Reset(u64),
}

/// Puts it on record as an export. Behind it, everything that was recorded until now is signed for: by a server
/// within the second, and at the machine as the ledger is closed.
pub(super) async fn record(globals: &Globals, data_dir: &Path, asked: &Asked<'_>) -> Result<(), Failed> {
    match reach(globals).await? {
        Reach::Here(here) => {
            let query = match asked {
                Asked::Administrator(who) => format!("evidence=administrator {who}"),
                Asked::Reset(position) => format!("evidence=reset {position}"),
            };
            let command = command::ExportActivity { format: FORMAT.to_owned(), query };
            here.work(async |here| note(here, command).await).await
        }
        Reach::There(remote) => {
            // What the server gives as an export it has recorded as one, and only to whoever may have it.
            let about = match asked {
                Asked::Administrator(who) => ("target", (*who).to_owned()),
                Asked::Reset(_) => ("action", "mfa.reset".to_owned()),
            };
            newest(&remote, &[about, ("limit", "1".to_owned())]).await?;
            let newest = newest(&remote, &[("limit", "1".to_owned())]).await?.unwrap_or(0);
            sealed(data_dir, newest).await
        }
    }
}

/// The position of the newest entry that fits.
async fn newest(remote: &Remote, query: &[(&str, String)]) -> Result<Option<u64>, Failed> {
    let mut lines = Box::pin(remote.lines(rows::NDJSON, "/v1/activity", query).await?);
    let mut newest = None;
    while let Some(entries) = lines.next().await {
        newest = entries?.iter().filter_map(|entry| entry["position"].as_u64()).max().max(newest);
    }
    Ok(newest)
}

/// Waits until a position is signed for. What is not, in the end, is not in the bundle: that is told there.
async fn sealed(data_dir: &Path, position: u64) -> Result<(), Failed> {
    let looks = SEALED_WITHIN.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if integrity::newest_checkpoint(data_dir, None)?.0.checkpoint.size >= position {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    eprintln!(
        "mfa-ledger: the server has not signed for its newest records; what is behind its newest checkpoint is not in it"
    );
    Ok(())
}
