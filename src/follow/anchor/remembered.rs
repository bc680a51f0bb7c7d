//! What the anchors say at a start, before anything is served.

use std::time::Duration;

use futures_util::future::join_all;

use super::web::{Web, blocking, client};
use super::{AnchorError, Target, directory};
use crate::tlog::{SignedCheckpoint, VerifierKey};

/// What one anchor remembers of the log; `None` when it has not heard of it.
pub type Remembered = Result<Option<SignedCheckpoint>, AnchorError>;

/// Asks every target at the same time what it remembers of an origin. A checkpoint that none of `verifiers`
/// has signed, or that is of another log, is an error; whoever does not answer in time has failed.
pub async fn remembered(
    targets: &[Target],
    origin: &str,
    verifiers: &[VerifierKey],
    timeout: Duration,
) -> Vec<(String, Remembered)> {
    let asked = targets.iter().map(async |target| {
        let answer = tokio::time::timeout(timeout, ask(target, origin, verifiers)).await;
        let answer = answer.unwrap_or_else(|_| Err(AnchorError::Failed("it does not answer in time".into())));
        (target.to_string(), answer.and_then(|signed| of_origin(signed, origin)))
    });
    join_all(asked).await
}

async fn ask(target: &Target, origin: &str, verifiers: &[VerifierKey]) -> Remembered {
    match target {
        Target::Directory(dir) => {
            let (dir, origin, verifiers) = (dir.clone(), origin.to_owned(), verifiers.to_vec());
            blocking(move || directory::read(&dir, &origin, &verifiers)).await
        }
        Target::Web { url, token } => {
            let token = token.as_ref().map(|token| token.as_str());
            Web { client: &client()?, url, token }.read(origin, verifiers).await
        }
        Target::Witness { url, .. } => {
            Web { client: &client()?, url, token: None }.read(origin, verifiers).await
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
