//! The anchors and witnesses of the configuration: what they remember of the log, which is verified against it when it is
//! opened.

mod forget;

use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use crate::config::{Config, Secret};
use crate::data_dir::StartError;
use crate::error_chain::error_chain;
use crate::follow::anchor::{self, AnchorError, Answer, Held, Places, Remembering, Target};
use crate::integrity::Remembered;
use crate::keyring::Keyring;
use crate::tlog::VerifierKey;

pub use self::forget::{Forgot, forget_anchors, names_anchor, remembered_anchors};

/// An anchor that has not said by then what it remembers is asked again while the log is served.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The file in the data directory that remembers what the anchors held; a second one lies outside.
const MEMORY: &str = "anchors";

/// What one anchor has said.
#[derive(Debug)]
pub struct Said {
    /// `anchor /mnt/x`.
    pub source: String,
    /// What it remembers of the log.
    pub remembered: anchor::Remembered,
    /// What it held when it was last seen.
    pub held: Option<Held>,
}

impl From<Answer> for Said {
    fn from(Answer { target: source, remembered, held }: Answer) -> Self {
        Self { source, remembered, held }
    }
}

impl Said {
    /// What a log can be held against: what it remembers or, where it does not say, what it held.
    pub(in crate::data_dir) fn held_against(&self) -> Option<Remembered> {
        match (&self.remembered, &self.held) {
            (Ok(Some(signed)), _) => {
                Some(Remembered { source: self.source.clone(), checkpoint: signed.checkpoint.clone() })
            }
            (
                Err(AnchorError::Failed(_) | AnchorError::HoldsLess(_) | AnchorError::NotConfigured),
                Some(held),
            ) => Some(Remembered {
                source: format!("{}, as it was at {}", self.source, held.seen),
                checkpoint: held.signed.checkpoint.clone(),
            }),
            (Ok(None) | Err(_), _) => None,
        }
    }
}

/// What all of them have said.
#[derive(Debug)]
pub struct Heard {
    /// What the log is to be held against.
    pub remembered: Vec<Remembered>,
    /// An anchor holds less than it did. Told once the log is known to be whole: a log that is not is the worse news.
    pub dispute: Option<StartError>,
}

/// Where it is remembered what the anchors held.
pub(crate) fn places(config: &Config) -> Places {
    Places { outside: config.anchor_memory_file(), inside: config.data_dir.join(MEMORY) }
}

/// What is wrong with the files that remember what the anchors held.
pub(in crate::data_dir) fn memory_faults(config: &Config) -> Vec<String> {
    let read = Remembering::read(&places(config)).unwrap_or_default();
    read.faults.iter().map(|(file, why)| format!("{}: {why}", file.display())).collect()
}

/// The targets that the configuration names.
pub(crate) fn targets(config: &Config) -> Result<Vec<Target>, StartError> {
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
    let remembering = Remembering::read(&places(config)).map_err(StartError::AnchorMemory)?;
    for (file, why) in &remembering.faults {
        let file = file.display();
        tracing::warn!(%file, why, "what the anchors held is read from the other file");
    }
    let mut answers = anchor::remembered(&targets, origin, verifiers, &remembering, ANSWER_WITHIN).await;
    answers.extend(anchor::not_configured(&targets, origin, &remembering, ANSWER_WITHIN).await);
    Ok(answers.into_iter().map(Said::from).collect())
}

/// The same for the log of these keys. Blocks.
pub(in crate::data_dir) fn ask(config: &Config, keyring: &Keyring) -> Result<Vec<Said>, StartError> {
    let verifiers = keyring.verifiers();
    wait(ask_anchors(config, keyring.origin(), &verifiers))?
}

fn wait<T>(asked: impl Future<Output = T>) -> Result<T, StartError> {
    if let Ok(runtime) = Handle::try_current() {
        return Ok(runtime.block_on(asked));
    }
    let runtime = Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
    let answer = runtime.block_on(asked);
    // A share that hangs is not waited for.
    runtime.shutdown_background();
    Ok(answer)
}

/// What the anchors and witnesses of the configuration hold now, whatever they held. Blocks.
pub(in crate::data_dir) fn now(config: &Config, keyring: &Keyring) -> Result<Vec<Said>, StartError> {
    let (targets, verifiers, nothing) = (targets(config)?, keyring.verifiers(), Remembering::default());
    let answers = wait(anchor::remembered(&targets, keyring.origin(), &verifiers, &nothing, ANSWER_WITHIN))?;
    Ok(answers.into_iter().map(Said::from).collect())
}

/// What the log is to be held against. Whoever cannot be reached now is asked again while the log is served;
/// whoever has a checkpoint that none of our keys has signed is believed to know another log.
pub fn heard(said: Vec<Said>) -> Result<Heard, StartError> {
    let mut heard = Heard { remembered: Vec::new(), dispute: None };
    for one in said {
        heard.remembered.extend(one.held_against());
        let source = one.source;
        match one.remembered {
            Ok(Some(_)) => {}
            Ok(None) => tracing::info!(anchor = source, "it does not know the log yet"),
            Err(AnchorError::Failed(why)) => {
                tracing::warn!(
                    anchor = source,
                    why,
                    "what it remembers is not known; it is asked again later"
                );
            }
            Err(AnchorError::NotConfigured) => {
                tracing::warn!(
                    anchor = source,
                    "it is remembered, and the configuration does not name it; if it is no longer used, say so: \
                     mfa-ledger anchors forget"
                );
            }
            Err(AnchorError::HoldsLess(why)) => {
                tracing::error!(anchor = source, why, "it does not hold what it held");
                heard.dispute.get_or_insert(StartError::AnchorHoldsLess { anchor: source, why });
            }
            Err(error) => return Err(StartError::Disowned { anchor: source, why: error_chain(&error) }),
        }
    }
    Ok(heard)
}
