//! What a witness does not do, and why.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::tlog::key::MalformedKey;
use mfa_ledger_base::tlog::note::NoteError;
use mfa_ledger_base::tlog::proof::NotProven;

/// Why a checkpoint is not cosigned. Each has the status that the specification gives it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// 400.
    #[error("the request cannot be understood: {0}")]
    Malformed(&'static str),
    /// 400.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(NoteError),
    /// 403.
    #[error("no known key of this log has signed the checkpoint, or one has not signed this one")]
    NotSigned(NoteError),
    /// 404.
    #[error("this log is not known here")]
    UnknownLog,
    /// 409: the size that was signed last.
    #[error("{0}")]
    OtherSize(u64),
    /// 422.
    #[error("the checkpoint does not go on from the one that was signed last")]
    NotConsistent(#[from] NotProven),
    /// 422.
    #[error("the root of an empty tree is another")]
    EmptyTree,
    /// 500: the clock shows a time before 1970.
    #[error("the clock is wrong")]
    NoTime,
    /// 500: nothing was signed.
    #[error("the checkpoint cannot be stored")]
    NotStored(#[source] io::Error),
}

impl From<NoteError> for Refusal {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Unsigned | NoteError::Invalid(_) => Self::NotSigned(error),
            NoteError::TooLarge | NoteError::Malformed(_) => Self::Checkpoint(error),
        }
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Checkpoint(_) => StatusCode::BAD_REQUEST,
            Self::NotSigned(_) => StatusCode::FORBIDDEN,
            Self::UnknownLog => StatusCode::NOT_FOUND,
            Self::OtherSize(_) => StatusCode::CONFLICT,
            Self::NotConsistent(_) | Self::EmptyTree => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoTime | Self::NotStored(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = match self {
            Self::OtherSize(_) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        };
        (self.status(), [(header::CONTENT_TYPE, kind)], format!("{self}\n")).into_response()
    }
}

/// Why a witness did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// There is no key yet.
    #[error("there is no key at {}", .0.display())]
    NoKey(PathBuf),
    /// There is a key already.
    #[error("there is a key already at {}", .0.display())]
    KeyExists(PathBuf),
    /// Others than the owner can read the key.
    #[error("{} is open to others than its owner: mode {mode:04o}", path.display())]
    KeyTooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds no key.
    #[error("{} does not hold the key of a witness", .0.display())]
    KeyMalformed(PathBuf, #[source] MalformedKey),
    /// The key is that of a log.
    #[error("the key is not that of a witness: it has another kind")]
    NotAWitnessKey,
    /// A log's key is of another kind.
    #[error("{0} is not the key of a log")]
    NotALogKey(String),
    /// A line is not a key.
    #[error("{origin} is not the key of a log")]
    LogMalformed {
        /// The text.
        origin: String,
        /// What is wrong with it.
        #[source]
        source: MalformedKey,
    },
    /// None, or too many.
    #[error("a witness needs 1 to {most} logs, and has {0}", most = super::MAX_LOGS)]
    Logs(usize),
    /// Another witness has the directory.
    #[error("another process has the directory {} open", .0.display())]
    InUse(PathBuf),
    /// What was remembered of a log cannot be trusted.
    #[error("{} is damaged: {why}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// The address is taken, or not ours.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Serving failed.
    #[error("nothing can be served any longer")]
    Serve(#[source] io::Error),
}

impl WitnessError {
    /// Whether what was remembered is damaged.
    pub fn is_integrity(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    /// What is to be done about it.
    pub fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NoKey(_) => "run: mfa-ledger witness init --dir DIR --name NAME".to_owned(),
            Self::KeyTooOpen { path, .. } => format!("run: chmod 600 {}", path.display()),
            Self::KeyMalformed(path, _) => format!(
                "the file is damaged or empty: put it back from a copy. Without a copy, remove {} and make a new key \
                under another name (mfa-ledger witness init); every log that this witness watches needs the new \
                verifier key",
                path.display()
            ),
            Self::Logs(_) => "name each log with --log VERIFIER-KEY, or in the file `logs`".to_owned(),
            Self::Damaged { .. } => {
                "nothing was changed. Put the file back from a copy; a witness that begins \
                anew should do so under another name and key, for it has forgotten what it signed"
                    .to_owned()
            }
            _ => return None,
        })
    }
}
