//! What a replay of the whole stream can say of it in passing: its events come to the roots of the checkpoints that
//! lie beside them. Everything else is for `events verify`.

use super::checkpoints::Checkpoints;
use super::ended::Ended;
use super::verify::{ledger_of, reader};
use crate::cli::{Exit, Failed};
use crate::config::Config;
use crate::data_dir;
use crate::follow::publish::Connection;
use crate::follow::publish::reading::{Published, Source};
use crate::integrity::{Examined, Holding, Remembered};
use crate::tlog::{VerifierKey, leaf_hash};

const ADVICE: &str = "mfa-ledger events verify --key KEY judges the whole stream";

/// Events that pass.
pub(super) struct Passing<'c> {
    connection: &'c Connection,
    config: &'c Config,
    /// The public keys on this machine, if there are any.
    keys: Option<Vec<VerifierKey>>,
}

/// The tree over the events so far.
pub(super) struct Tree<'p> {
    checkpoints: Checkpoints<'p>,
    holding: Holding,
    signed: bool,
}

impl<'c> Passing<'c> {
    pub fn new(connection: &'c Connection, config: &'c Config) -> Self {
        let keys = data_dir::keyring(config).ok().map(|keyring| keyring.verifiers());
        Self { connection, config, keys }
    }

    /// Begins with the first event; `None` where there is nothing to compare it with.
    pub async fn begin(&self, first: &Published) -> Option<Tree<'_>> {
        let ledger = first.envelope().ledger().filter(|_| first.position == 1)?;
        let keys = self.keys.as_deref().filter(|keys| keys.iter().any(|key| ledger_of(key) == Some(ledger)));
        let nats = &self.config.nats;
        let begun = async {
            let connection = self.connection;
            let checkpoints =
                Checkpoints::of(connection, &nats.checkpoints_stream, ledger, keys, &reader()).await?;
            let (_, last) = Source::of(connection, &nats.events_stream).await?.bounds().await?;
            Ok::<_, Ended>((checkpoints, last))
        };
        let (checkpoints, last) = match begun.await {
            Ok(begun) => begun,
            Err(ended) => {
                eprintln!("mfa-ledger: no checkpoint on NATS can be used: {}", ended.told());
                return None;
            }
        };
        let newest = checkpoints.newest()?.checkpoint.clone();
        let source = checkpoints.source();
        // A newer one is judged with what is published by then.
        let reached = (newest.size <= last).then_some(Remembered { source, checkpoint: newest });
        let holding = Holding::new(reached.into_iter().collect(), None);
        Some(Tree { checkpoints, holding, signed: keys.is_some() })
    }
}

impl Tree<'_> {
    /// The next event.
    pub async fn see(&mut self, event: &Published) -> Result<(), Failed> {
        let seen = self.checkpoints.up_to(event.position, &mut self.holding).await;
        seen.map_err(|ended| Failed::with(Exit::Tampering, ended.told()).advise(ADVICE))?;
        self.holding.add(event.position, Examined { hash: leaf_hash(&event.leaf), fault: None });
        Ok(())
    }

    /// What was found, at the end.
    pub fn end(self) -> Result<(), Failed> {
        let (read, compared) = (self.holding.size(), self.checkpoints.compared);
        self.holding.judge(read).map_err(|tampered| {
            let why = format!("the events are not those that were signed for: {tampered}");
            Failed::with(Exit::Tampering, why).advise(ADVICE)
        })?;
        let signatures = if self.signed { "" } else { "; their signatures were not checked" };
        eprintln!("mfa-ledger: {read} events were read, and fit {compared} checkpoints on NATS{signatures}");
        Ok(())
    }
}

/// Said where nothing of the kind was done.
pub(super) fn not_verified() {
    eprintln!("mfa-ledger: these events were read, not verified; {ADVICE}");
}
