//! What a command consists of. Each one is a file of its own in this crate: its input, its rules in their order, and the
//! event that it ends in.

use std::fmt::Debug;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::ResetStory;
use mfa_ledger_schemas::{
    AdministratorId, CommandName, CredentialId, Event, OtherEvent, Personal, Position, ServiceAccountId,
    SessionId, StreamName, WebhookSigning, Words,
};
use mfa_ledger_wiped::SecretText;

use crate::asks::Asks;
use crate::case::Case;
use crate::evidence::Question;
use crate::no::No;

/// What a command ends in when no rule refuses it.
pub trait Ending: Into<Event> + TryFrom<Event, Error = OtherEvent> + Send + 'static {}

impl<E: Into<Event> + TryFrom<Event, Error = OtherEvent> + Send + 'static> Ending for E {}

/// A command.
pub trait UseCase: Debug + Send + Sync + 'static {
    /// What it ends in.
    type Ending: Ending
    where
        Self: Sized;

    /// Its name in refusals.
    fn name(&self) -> CommandName;

    /// Its rules, in the order in which they speak.
    ///
    /// # Errors
    /// The first rule that does not let it pass.
    fn decide(&self, case: &Case<'_>) -> Result<Self::Ending, No>
    where
        Self: Sized;

    /// What it requires of its caller.
    fn asks(&self, case: &Case<'_>) -> Asks;

    /// The administrator acted upon, the caller included.
    fn target(&self, _case: &Case<'_>) -> Option<AdministratorId> {
        None
    }

    /// The stream that the record moves, where it is neither the target's nor the caller's.
    fn stream(&self, _case: &Case<'_>) -> Option<StreamName> {
        None
    }

    /// The version that `If-Match` is compared with.
    fn version(&self, case: &Case<'_>) -> Option<Position> {
        case.version_of(self.target(case)?)
    }

    /// What commands take turns over, beside the stream: a limit that counts over many streams.
    fn turn(&self, _case: &Case<'_>) -> Option<String> {
        None
    }

    /// Whether the caller's session or token must stand.
    fn authenticates(&self) -> bool {
        true
    }

    /// Whether it may be repeated under an idempotency key.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// What is compared with a secret before the rules can be asked.
    fn question(&self, _case: &Case<'_>) -> Question<'_> {
        Question::Nothing
    }

    /// What is sealed beside the record.
    fn to_seal(&self) -> ToSeal {
        ToSeal::Nothing
    }

    /// How the secret is made that its event names.
    fn new_secret(&self, _state: &State) -> Option<NewSecret<'_>> {
        None
    }

    /// What its caller alone is shown, beside a secret that was generated.
    fn shows(_ending: &Self::Ending) -> Shows
    where
        Self: Sized,
    {
        Shows::Generated
    }

    /// What is documented about a reset. A refusal keeps it too.
    fn story(&self, _case: &Case<'_>) -> Option<ResetStory> {
        None
    }
}

/// A command of any kind.
pub trait Command: UseCase {
    /// Its rules, and the event that it ends in.
    ///
    /// # Errors
    /// The first rule that does not let it pass.
    fn decide_any(&self, case: &Case<'_>) -> Result<Event, No>;
}

impl<C: UseCase> Command for C {
    fn decide_any(&self, case: &Case<'_>) -> Result<Event, No> {
        self.decide(case).map(Into::into)
    }
}

/// What a command has sealed in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToSeal {
    /// Nothing.
    Nothing,
    /// Words.
    Words(Words),
    /// Personal data.
    Personal(Personal),
    /// A change of somebody's personal data. What is `None` stays.
    Changed {
        /// Whose.
        administrator: AdministratorId,
        /// The new display name.
        display_name: Option<String>,
        /// The new addresses.
        emails: Option<Vec<String>>,
    },
}

impl ToSeal {
    /// A note, where there is one.
    pub(crate) fn note(text: Option<&String>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Words(Words::text(text.clone())))
    }
}

/// How a secret is made.
#[derive(Debug)]
pub enum NewSecret<'a> {
    /// A seed for an authenticator app.
    TotpSeed,
    /// A set of backup codes.
    BackupCodes,
    /// A generated password.
    GeneratedPassword,
    /// The password that a person chose.
    ChosenPassword(&'a SecretText),
    /// A key that signs deliveries.
    WebhookKey(WebhookSigning),
}

/// What a caller alone is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The secret that was generated, if one was.
    Generated,
    /// The token of a session.
    SessionToken(SessionId),
    /// The token of a service account.
    ServiceAccountToken(ServiceAccountId),
    /// A seed, as long as its enrollment is pending.
    Seed {
        /// Whose.
        administrator: AdministratorId,
        /// Which.
        credential: CredentialId,
    },
}
