//! What the anchors say at a start, before anything is served.

use std::time::Duration;

use futures_util::future::join_all;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};

use super::memory::{Held, Remembering};
use super::web::{Web, blocking, client};
use super::witness::Witness;
use super::{AnchorError, Target, directory};

/// What one anchor remembers of the log; `None` when it has not heard of it.
pub type Remembered = Result<Option<SignedCheckpoint>, AnchorError>;

/// A target, and what it says.
#[derive(Debug)]
pub struct Answer {
    /// The target, as in `anchor /mnt/x`.
    pub target: String,
    /// What it remembers of the log.
    pub remembered: Remembered,
    /// What it held when it was last seen.
    pub held: Option<Held>,
}

/// Asks every target at the same time what it remembers of an origin. A checkpoint that none of `verifiers`
/// has signed, or that is of another log, is an error, and so is one of less than the target held; whoever does not
/// answer in time has failed.
pub async fn remembered(
    targets: &[Target],
    origin: &str,
    verifiers: &[VerifierKey],
    remembering: &Remembering,
    timeout: Duration,
) -> Vec<Answer> {
    let asked = targets.iter().map(async |target| {
        // A share that hangs has no canonical path in time, either.
        let held = tokio::time::timeout(timeout, held(target, origin, remembering)).await;
        let by_name = || Ok(remembering.named_exactly(&target.named(), origin).cloned());
        let Ok(held) = held.unwrap_or_else(|_| by_name()) else {
            let remembered = Err(AnchorError::Failed("what it held cannot be read".to_owned()));
            return Answer { target: target.named(), remembered, held: None };
        };
        let answer = tokio::time::timeout(timeout, ask(target, origin, verifiers, held.as_ref())).await;
        let answer = answer.unwrap_or_else(|_| Err(AnchorError::Failed("it does not answer in time".into())));
        let remembered = answer.and_then(|signed| of_origin(signed, origin)).and_then(|signed| {
            let size = signed.as_ref().map(|signed| signed.checkpoint.size);
            held.as_ref().map_or(Ok(()), |held| held.check(size))?;
            Ok(signed)
        });
        Answer { target: target.named(), remembered, held }
    });
    join_all(asked).await
}

/// What a target held, under any name of it.
async fn held(target: &Target, origin: &str, remembering: &Remembering) -> Result<Option<Held>, AnchorError> {
    let (name, origin, remembering) = (target.named(), origin.to_owned(), remembering.clone());
    blocking(move || Ok(remembering.held(&name, &origin).cloned())).await
}

/// What is remembered of targets that the configuration does not name, as answers.
///
/// Where a share hangs, targets are compared by their names alone, which may report a configured one too.
pub async fn not_configured(
    targets: &[Target],
    origin: &str,
    remembering: &Remembering,
    timeout: Duration,
) -> Vec<Answer> {
    let names: Vec<_> = targets.iter().map(Target::named).collect();
    let others = {
        let (names, origin, remembering) = (names.clone(), origin.to_owned(), remembering.clone());
        blocking(move || Ok(remembering.of_others(&names, &origin)))
    };
    let by_name = || {
        let of_log = remembering.everything().filter(|(_, held)| held.signed.checkpoint.origin == origin);
        let others = of_log.filter(|(name, _)| !names.iter().any(|it| it == name));
        others.map(|(name, held)| (name.to_owned(), held.clone())).collect::<Vec<_>>()
    };
    let in_time = tokio::time::timeout(timeout, others).await;
    let others = in_time.ok().and_then(Result::ok).unwrap_or_else(by_name);
    let answer =
        |(target, held)| Answer { target, remembered: Err(AnchorError::NotConfigured), held: Some(held) };
    others.into_iter().map(answer).collect()
}

async fn ask(target: &Target, origin: &str, verifiers: &[VerifierKey], held: Option<&Held>) -> Remembered {
    match target {
        Target::Directory(dir) => {
            let (dir, origin, verifiers) = (dir.clone(), origin.to_owned(), verifiers.to_vec());
            blocking(move || directory::read(&dir, &origin, &verifiers)).await
        }
        Target::Web { url, token } => {
            let token = token.as_ref().map(|token| token.as_str());
            Web { client: &client()?, url, token }.read(origin, verifiers).await
        }
        Target::Witness { url, key } => {
            let client = client()?;
            let shown = Web { client: &client, url, token: None }.read(origin, verifiers).await?;
            match (shown, held) {
                // Not every witness shows what it remembers.
                (None, Some(held)) => {
                    Witness { client: &client, url, key, verifiers }.still_holds(held).await.map(Some)
                }
                (shown, _) => Ok(shown),
            }
        }
    }
}

fn of_origin(signed: Option<SignedCheckpoint>, origin: &str) -> Remembered {
    match signed {
        Some(signed) if signed.checkpoint.origin != origin => {
            let other = signed.checkpoint.origin;
            Err(AnchorError::Conflict(format!("it remembers another log, {other}")))
        }
        signed => Ok(signed),
    }
}
