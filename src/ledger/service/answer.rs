//! What a caller hears: the event that their command ended in, or the rule that did not let it pass.

use mfa_ledger_domain::{Failed, Shows, UseCase};
use mfa_ledger_schemas::record::Target;
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, Outcome, Position, Record, RefusalCode, Secret,
};
use mfa_ledger_vault::tokens::TokenKind;
use mfa_ledger_vault::{SecretText, VaultError, totp};

use super::{Failure, Service};

/// A command's answer. Either way it is on record.
pub type Answer<E> = Result<Done<E>, Rejected>;

/// What an answer says of its record.
pub fn receipt<E>(answer: &Answer<E>) -> &Receipt {
    match answer {
        Ok(done) => &done.receipt,
        Err(rejected) => &rejected.receipt,
    }
}

/// A command that was carried out.
#[derive(Debug)]
pub struct Done<E> {
    /// Its record.
    pub receipt: Receipt,
    /// The administrator acted upon.
    pub target: Option<Target>,
    /// What happened.
    pub event: E,
    /// What is shown to the caller alone.
    pub shown: Shown,
}

/// A command that was not carried out.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its record.
    pub receipt: Receipt,
    /// Why.
    pub why: Rejection,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// A rule refuses it; with the moment when it may be tried again.
    Refused(RefusalCode, Option<Instant>),
    /// What was to prove the caller, or a second factor, is not good.
    Failed(Failed),
}

impl Rejected {
    /// The code of the rule that refused it; one for all that was not proved.
    pub fn code(&self) -> RefusalCode {
        match self.why {
            Rejection::Refused(code, _) => code,
            Rejection::Failed(_) => RefusalCode::NotVerified,
        }
    }
}

/// What an answer says of its record.
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    /// Where it stands in the log.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// What happened, as the activity log names it.
    pub action: &'static str,
    /// What became of the command.
    pub outcome: Outcome,
    /// Whether this is the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// Secrets and tokens that go into one answer; never recorded, never traced.
#[derive(Debug, Default)]
pub struct Shown {
    /// The token of a session or service account.
    pub token: Option<SecretText>,
    /// A pending seed; shown until it is confirmed.
    pub enrollment: Option<EnrollmentShown>,
    /// What was generated: a password, backup codes, or the key that deliveries are checked with; shown once.
    pub generated: Vec<SecretText>,
}

impl Shown {
    /// The one secret that was generated; none in an answer that is repeated.
    pub fn secret(&self) -> Option<&SecretText> {
        self.generated.first()
    }
}

/// A pending seed in the forms that authenticator apps take.
#[derive(Debug)]
pub struct EnrollmentShown {
    /// `otpauth://` URI.
    pub uri: SecretText,
    /// The seed in base32, in groups, to be typed.
    pub manual_key: SecretText,
    /// The URI as a QR code, in SVG.
    pub qr_svg: SecretText,
}

/// A command on record.
#[derive(Debug)]
pub(super) struct Recorded {
    pub position: Position,
    pub record: Record,
    /// Secrets that were generated for it.
    pub generated: Vec<SecretText>,
    pub replayed: bool,
}

impl Service {
    pub(super) fn answer<C: UseCase>(&self, recorded: Recorded) -> Result<Answer<C::Ending>, Failure> {
        let Recorded { position, record, generated, replayed } = recorded;
        let (action, outcome) = (record.event.action(), record.event.outcome());
        let receipt = Receipt { position, at: record.at, action, outcome, replayed };
        let why = match record.event {
            Event::CommandRefused(refused) => Rejection::Refused(refused.code, refused.retry_at),
            Event::LogInFailed(failed) => Rejection::Failed(Failed::LogIn(failed)),
            Event::SecondFactorFailed(failed) => Rejection::Failed(Failed::SecondFactor(failed)),
            ending => {
                let event = C::Ending::try_from(ending).map_err(|other| Failure::Unknown(other.into()))?;
                let shown = self.shown(C::shows(&event), &record.actor.name, generated, replayed)?;
                return Ok(Ok(Done { receipt, target: record.target, event, shown }));
            }
        };
        Ok(Err(Rejected { receipt, why }))
    }

    fn shown(
        &self,
        shows: Shows,
        actor: &str,
        generated: Vec<SecretText>,
        replayed: bool,
    ) -> Result<Shown, Failure> {
        let mut answer = Shown { generated, ..Shown::default() };
        match shows {
            Shows::Generated => {}
            Shows::SessionToken(session) => {
                answer.token = Some(self.tokens.mint(TokenKind::Session, session.bytes()));
            }
            // It is good for as long as the account, the answer for its first caller.
            Shows::ServiceAccountToken(_) if replayed => {}
            Shows::ServiceAccountToken(account) => {
                answer.token = Some(self.tokens.mint(TokenKind::ServiceAccount, account.bytes()));
            }
            Shows::Seed { administrator, credential } => {
                answer.enrollment = self
                    .enrollment(administrator, credential, actor)
                    .map_err(|error| Failure::Unknown(error.into()))?;
            }
        }
        Ok(answer)
    }

    fn enrollment(
        &self,
        administrator: AdministratorId,
        credential: CredentialId,
        account: &str,
    ) -> Result<Option<EnrollmentShown>, VaultError> {
        let pending = {
            let state = self.state();
            let known = state.directory.administrator(administrator);
            known.is_some_and(|it| {
                it.mfa.pending.as_ref().is_some_and(|pending| pending.credential == credential)
            })
        };
        if !pending {
            return Ok(None);
        }
        let stored = self.sealed(credential, Secret::TotpSeed(administrator));
        let Some(seed) = stored.and_then(|bytes| totp::Seed::from_bytes(&bytes)) else { return Ok(None) };
        let issuer = self.state().directory.settings().map(|it| it.issuer.clone()).unwrap_or_default();
        let uri = seed.uri(&issuer, account);
        let qr_svg = totp::qr_svg(&uri).map_err(|_| VaultError::TooLarge)?;
        Ok(Some(EnrollmentShown { manual_key: seed.manual_key(), uri, qr_svg }))
    }
}
