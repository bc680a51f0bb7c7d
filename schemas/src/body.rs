//! What an event says of itself, whatever it is about.

use crate::v1::{Annex, ResetStory};
use crate::{CredentialId, Outcome, Secret};

/// The body of an event. Each body says what there is to say beside its struct; what most of them lack is none.
pub trait Body {
    /// What became of the command.
    fn outcome(&self) -> Outcome {
        Outcome::Success
    }

    /// The stable code of a refusal or failure.
    fn code(&self) -> Option<&'static str> {
        None
    }

    /// What was documented about a reset.
    fn story(&self) -> Option<&ResetStory> {
        None
    }

    /// Where a note lies sealed. A story has words of its own.
    fn note(&self) -> Option<&Annex> {
        None
    }

    /// Where an administrator's name and addresses lie sealed.
    fn personal(&self) -> Option<&Annex> {
        None
    }

    /// The credential that the event brings to life, and what it is.
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        None
    }

    /// The vault entries that the event ends.
    fn ended_entries(&self) -> Vec<[u8; 16]> {
        Vec::new()
    }
}
