//! The anchors and witnesses of the configuration. What they remember is what the log is held against when it
//! is opened; while it is served, every checkpoint goes to them.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use super::{Means, StartError};
use crate::config::{Config, Secret};
use crate::follow::anchor::{self, AnchorError, Anchors, Setup, Target};
use crate::follow::seal::Sealer;
use crate::integrity::Remembered;
use crate::keyring::Keyring;
use crate::tlog::VerifierKey;

/// An anchor that has not said by then what it remembers is asked again while the log is served.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// What one anchor has said.
#[derive(Debug)]
pub struct Said {
    /// `anchor /mnt/x`.
    pub source: String,
    /// What it remembers of the log.
    pub remembered: anchor::Remembered,
}

impl Said {
    /// What a log can be held against.
    pub(super) fn held_against(&self) -> Option<Remembered> {
        let signed = self.remembered.as_ref().ok()?.as_ref()?;
        Some(Remembered { source: self.source.clone(), checkpoint: signed.checkpoint.clone() })
    }
}

/// The targets that the configuration names.
pub(super) fn targets(config: &Config) -> Result<Vec<Target>, StartError> {
    let log = &config.log;
    let token = log.anchor_token.as_ref().map(Secret::expose);
    let malformed = |text: &str| {
        let text = text.to_owned();
        move |source| StartError::MalformedAnchor { text, source }
    };
    let anchors = log.anchors.iter().map(|it| Target::anchor(it, token).map_err(malformed(it)));
    let witnesses = log.witnesses.iter().map(|it| Target::witness(it).map_err(malformed(it)));
    anchors.chain(witnesses).collect()
}

/// Asks the anchors and witnesses of a configuration what they remember of a log.
pub async fn ask_anchors(
    config: &Config,
    origin: &str,
    verifiers: &[VerifierKey],
) -> Result<Vec<Said>, StartError> {
    let targets = targets(config)?;
    let answers = anchor::remembered(&targets, origin, verifiers, ANSWER_WITHIN).await;
    let said = answers.into_iter().zip(&targets).map(|((name, remembered), target)| {
        let kind = if matches!(target, Target::Witness { .. }) { "witness" } else { "anchor" };
        Said { source: format!("{kind} {name}"), remembered }
    });
    Ok(said.collect())
}

/// The same for the log of these keys. Blocks.
pub(super) fn ask(config: &Config, keyring: &Keyring) -> Result<Vec<Said>, StartError> {
    if config.log.anchors.is_empty() && config.log.witnesses.is_empty() {
        return Ok(Vec::new());
    }
    let verifiers = keyring.verifiers();
    let asked = ask_anchors(config, keyring.origin(), &verifiers);
    if let Ok(runtime) = Handle::try_current() {
        return runtime.block_on(asked);
    }
    Builder::new_current_thread().enable_all().build().map_err(StartError::Serve)?.block_on(asked)
}

/// What the log is to be held against. Whoever cannot be reached now is asked again while the log is served;
/// whoever has a checkpoint that none of our keys has signed is believed to know another log.
pub fn remembered_by(said: Vec<Said>) -> Result<Vec<Remembered>, StartError> {
    let mut remembered = Vec::new();
    for Said { source, remembered: answer } in said {
        match answer {
            Ok(Some(signed)) => remembered.push(Remembered { source, checkpoint: signed.checkpoint }),
            Ok(None) => tracing::info!(anchor = source, "it does not know the log yet"),
            Err(AnchorError::Failed(why)) => {
                tracing::warn!(
                    anchor = source,
                    why,
                    "what it remembers is not known; it is asked again later"
                );
            }
            Err(error) => return Err(StartError::Disowned { anchor: source, why: anchor::whole(&error) }),
        }
    }
    Ok(remembered)
}

/// Every new checkpoint goes to the anchors from here on, and their cosignatures to the checkpoint.
pub(super) fn start(config: &Config, sealer: &Arc<Sealer>, means: &Means) -> Result<Anchors, StartError> {
    let (anchors, mut cosigned) = Anchors::start(Setup {
        targets: targets(config)?,
        sealed: sealer.watch(),
        tiles: sealer.tiles().clone(),
        verifiers: sealer.verifiers(),
        disk: means.disk.clone(),
        clock: Arc::clone(&means.clock),
        chance: Arc::clone(&means.chance),
    });
    let sealer = Arc::clone(sealer);
    // It ends with the last of the tasks that cosignatures come from.
    tokio::spawn(async move {
        while let Some(cosigned) = cosigned.recv().await {
            sealer.cosign(cosigned.size, cosigned.signature);
        }
    });
    Ok(anchors)
}

/// Lets them have the last checkpoint.
pub(super) async fn close(anchors: &Anchors, within: Duration) {
    anchors.close(within).await;
}
