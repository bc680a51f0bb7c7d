//! Bare `mfa-ledger replay`: the log folded from its beginning, and held against what is there already.

use std::ops::ControlFlow;

use mfa_ledger_projections::Checksum;
use mfa_ledger_schemas::{Instant, Position};
use serde_json::{Value, json};

use crate::cli::log::progress::Progress;
use crate::cli::reach::reach;
use crate::cli::{Column, Failed, Globals, Output, Reach, Rows};
use crate::data_dir;
use crate::follow::seal::SEAL_EVERY;

const COLUMNS: &[Column] = &[
    ("projection", "projection"),
    ("position", "position"),
    ("records", "records"),
    ("void", "void"),
    ("first", "first"),
    ("last", "last"),
    ("sha256", "sha256"),
    ("agrees", "agrees"),
];

/// What a running server, or a start from the newest snapshot, has made of the log up to a position.
struct Running {
    position: u64,
    projections: Vec<(String, String)>,
}

/// Folds the journal of the data directory anew, and says whether each projection is what it was.
pub(super) async fn run(globals: &Globals, output: Output) -> Result<(), Failed> {
    let running = running(globals).await?;
    let config = globals.load_quietly()?.config;
    let mut progress = Progress::new(None);
    let (mut records, mut void) = (0_u64, 0_u64);
    let (mut first, mut last): (Option<Instant>, Option<Instant>) = (None, None);
    let mut sums = Vec::new();
    let mut unfit = None;
    let reached = data_dir::history(&config, |past| {
        progress.at(past.position.0);
        records += 1;
        void += u64::from(past.void);
        last = Some(past.state.at());
        first = first.or(last);
        if past.position != Position(running.position) {
            return ControlFlow::Continue(());
        }
        match past.state.checksums() {
            Ok(made) => sums = made,
            Err(error) => unfit = Some(error),
        }
        ControlFlow::Break(())
    })?;
    drop(progress);
    if let Some(error) = unfit {
        return Err(Failed::new(error.to_string()));
    }
    if reached.0 < running.position {
        let (reached, position) = (reached.0, running.position);
        return Err(Failed::new(format!(
            "the journal was read up to {reached}, what runs is at {position}: try again in a second"
        )));
    }
    let rows = sums.iter().map(|sum| {
        let agrees = agrees(sum, &running);
        json!({
            "projection": sum.projection, "position": reached, "records": records, "void": void, "first": first,
            "last": last, "sha256": sum.sha256, "agrees": agrees,
        })
    });
    let rows: Vec<Value> = rows.collect();
    if rows.is_empty() {
        return Err(Failed::new("the log has no records to fold"));
    }
    let differing = sums.iter().filter(|sum| !agrees(sum, &running)).count();
    let mut table = Rows::new(output, COLUMNS);
    table.write(&rows)?;
    table.finish()?;
    if differing == 0 {
        return Ok(());
    }
    Err(Failed::new(format!(
        "{differing} projections are not what the log folds to: delete `snapshots` and start again"
    )))
}

fn agrees(sum: &Checksum, running: &Running) -> bool {
    running.projections.iter().any(|(name, sha256)| name == sum.projection && *sha256 == sum.sha256)
}

async fn running(globals: &Globals) -> Result<Running, Failed> {
    match reach(globals).await? {
        Reach::Here(here) => {
            here.work(async |here| {
                let state = here.service().peek(Clone::clone);
                let sums = state.checksums().map_err(|error| Failed::new(error.to_string()))?;
                let projections =
                    sums.into_iter().map(|sum| (sum.projection.to_owned(), sum.sha256)).collect();
                Ok(Running { position: state.position().0, projections })
            })
            .await
        }
        Reach::There(remote) => {
            let folded = remote.get("/v1/log/projections", &[]).await?;
            let position = folded["position"].as_u64();
            let position =
                position.ok_or_else(|| Failed::new("the server does not say what it has folded"))?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let rows = folded["projections"].as_array().map(Vec::as_slice).unwrap_or_default();
            let projections =
                rows.iter().map(|row| (text(&row["projection"]), text(&row["sha256"]))).collect();
            // The journal beside a server is read up to the newest checkpoint, which follows within a second.
            tokio::time::sleep(2 * SEAL_EVERY).await;
            Ok(Running { position, projections })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_agrees_when_it_is_there_with_the_same_checksum() {
        let running = Running { position: 1, projections: vec![("resets".to_owned(), "ab".to_owned())] };
        let sum = |projection, sha256: &str| Checksum { projection, sha256: sha256.to_owned() };
        assert!(agrees(&sum("resets", "ab"), &running));
        assert!(!agrees(&sum("resets", "ac"), &running));
        assert!(!agrees(&sum("activity", "ab"), &running));
    }
}
