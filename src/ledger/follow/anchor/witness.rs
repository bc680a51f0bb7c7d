//! A witness as an anchor: it remembers, checks that we go on from there, and signs that we do
//! (`c2sp.org/tlog-witness`).

use std::fmt::Write as _;

use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::note::parse_signatures;
use mfa_ledger_base::tlog::{Checkpoint, SignedCheckpoint, VerifierKey};
use reqwest::{Client, StatusCode};

use super::compare::consistency;
use super::web::{Web, blocking, take};
use super::{AnchorError, Cosigned, Held, compare};

/// Times that a witness may correct us within one attempt.
const CORRECTIONS: usize = 2;

/// What a witness answered.
enum Answer {
    Cosigned(Cosigned),
    /// It stands at another size than we thought.
    At(u64),
    /// It does not know this log.
    Unknown,
}

/// A witness.
pub(super) struct Witness<'t> {
    pub client: &'t Client,
    pub url: &'t str,
    pub key: &'t VerifierKey,
    /// The keys of the log.
    pub verifiers: &'t [VerifierKey],
}

impl Witness<'_> {
    /// Has a checkpoint cosigned. `known` is the size that the witness should be at; it is never at less than it held.
    pub async fn publish(
        &self,
        signed: &SignedCheckpoint,
        tiles: &TileStore,
        known: u64,
        held: Option<&Held>,
    ) -> Result<Cosigned, AnchorError> {
        let known = known.max(held.map_or(0, |held| held.signed.checkpoint.size));
        let mut old = known.min(signed.checkpoint.size);
        for _ in 0..=CORRECTIONS {
            match self.add(signed, tiles, old).await? {
                Answer::Cosigned(cosigned) => return Ok(cosigned),
                Answer::Unknown => {
                    held.map_or(Ok(()), |held| held.check(None))?;
                    return Err(AnchorError::Failed("it does not know this log".to_owned()));
                }
                Answer::At(size) if held.is_some_and(|held| held.check(Some(size)).is_err()) => {
                    held.map_or(Ok(()), |held| held.check(Some(size)))?;
                }
                Answer::At(size) if size > signed.checkpoint.size => {
                    let ours = signed.checkpoint.size;
                    let why = format!(
                        "it has signed {size} records, and there are {ours}: the log was rolled back"
                    );
                    return Err(self.shown(signed, tiles, why).await);
                }
                Answer::At(size) => old = size,
            }
        }
        Err(AnchorError::Failed("it does not stay at the size that it names".to_owned()))
    }

    /// What a witness holds that shows nothing: it is asked to cosign what it held once more, which needs no proof.
    pub async fn still_holds(&self, held: &Held) -> Result<SignedCheckpoint, AnchorError> {
        let old = held.signed.checkpoint.size;
        match self.post(&held.signed, format!("old {old}\n"), old).await? {
            Answer::Cosigned(_) => Ok(held.signed.clone()),
            Answer::At(size) => held.check(Some(size)).map(|()| held.signed.clone()),
            Answer::Unknown => held.check(None).map(|()| held.signed.clone()),
        }
    }

    async fn add(
        &self,
        signed: &SignedCheckpoint,
        tiles: &TileStore,
        old: u64,
    ) -> Result<Answer, AnchorError> {
        let (store, ours) = (tiles.clone(), signed.checkpoint.clone());
        let head = blocking(move || head(old, &ours, &store)).await?;
        match self.post(signed, head, old).await {
            // What a refusal is worth: the witness is asked for the checkpoint that it remembers.
            Err(AnchorError::Disputed(why)) => Err(self.shown(signed, tiles, why).await),
            answered => answered,
        }
    }

    async fn post(&self, signed: &SignedCheckpoint, head: String, old: u64) -> Result<Answer, AnchorError> {
        let body = format!("{head}\n{}", signed.note);
        let response = self.client.post(format!("{}/add-checkpoint", self.url)).body(body).send().await;
        let response = response.map_err(|error| AnchorError::Failed(error_chain(&error)))?;
        let status = response.status();
        let text = String::from_utf8_lossy(&take(response).await?).into_owned();
        match status {
            StatusCode::OK => self.cosigned(signed, &text).map(Answer::Cosigned),
            StatusCode::CONFLICT => text.trim_end_matches('\n').parse().map(Answer::At).map_err(|_| {
                AnchorError::Failed("it stands at another size, and does not say which".to_owned())
            }),
            StatusCode::NOT_FOUND => Ok(Answer::Unknown),
            // Our own proof holds, so it has another tree.
            StatusCode::UNPROCESSABLE_ENTITY => Err(AnchorError::Disputed(format!(
                "the first {old} records are not those that it has signed"
            ))),
            _ => Err(AnchorError::Failed(format!("it answered {status}: {}", first_line(&text)))),
        }
    }

    /// What a refusal is worth: the witness is asked for the checkpoint that it remembers.
    async fn shown(&self, ours: &SignedCheckpoint, tiles: &TileStore, why: String) -> AnchorError {
        let web = Web { client: self.client, url: self.url, token: None };
        let theirs = match web.read(&ours.checkpoint.origin, self.verifiers).await {
            Ok(Some(theirs)) => theirs.checkpoint,
            Ok(None) | Err(_) => return AnchorError::Disputed(why),
        };
        let (tiles, ours) = (tiles.clone(), ours.checkpoint.clone());
        match blocking(move || compare(&theirs, &ours, &tiles)).await {
            Err(error @ AnchorError::Conflict(_)) => error,
            _ => AnchorError::Disputed(why),
        }
    }

    fn cosigned(&self, signed: &SignedCheckpoint, lines: &str) -> Result<Cosigned, AnchorError> {
        let signatures = parse_signatures(lines).map_err(|error| AnchorError::Failed(error_chain(&error)))?;
        let ours = |it: &&_| is_of(it, self.key);
        match signatures.iter().find(ours).filter(|it| it.is_by(self.key, signed.note.text())) {
            Some(signature) => Ok(Cosigned { size: signed.checkpoint.size, signature: signature.clone() }),
            None => Err(AnchorError::Failed("its answer is not signed with its key".to_owned())),
        }
    }
}

fn is_of(signature: &mfa_ledger_base::tlog::note::NoteSignature, key: &VerifierKey) -> bool {
    signature.name == key.name() && signature.id == key.id()
}

/// The lines before the checkpoint, but for the empty one.
fn head(old: u64, ours: &Checkpoint, tiles: &TileStore) -> Result<String, AnchorError> {
    let mut head = format!("old {old}\n");
    if old > 0 {
        for hash in consistency(old, ours, tiles)? {
            // A string takes whatever is written.
            let _written = writeln!(head, "{hash}");
        }
    }
    Ok(head)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|char| !char.is_control()).take(200).collect()
}
