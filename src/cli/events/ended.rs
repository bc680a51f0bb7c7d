//! Why a stream was not found to be the log.

use super::extent::missing;
use crate::cli::Failed;
use crate::follow::publish::reading::ReadFailed;
use crate::integrity::Tampered;

/// It is not what was signed for, or that cannot be told.
pub(super) enum Ended {
    Tampered(Box<Tampered>),
    Failed(Failed),
}

impl Ended {
    /// In one line.
    pub fn told(self) -> String {
        match self {
            Self::Tampered(tampered) => tampered.to_string(),
            Self::Failed(failed) => failed.told().0,
        }
    }
}

impl From<Tampered> for Ended {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

impl From<Failed> for Ended {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<ReadFailed> for Ended {
    fn from(error: ReadFailed) -> Self {
        match error {
            ReadFailed::Gap(position) => missing(position, position).into(),
            error => Self::Failed(error.into()),
        }
    }
}
