//! Administrators of a house, with what they know, and the things they do, drawn by chance.

use mfa_ledger::clock::Clock;
use mfa_ledger::data_dir::Opened;
use mfa_ledger::service::command::{ChangeSettings, Documented, TypedFactor};
use mfa_ledger::service::{Call, Caller, Failure, SecretText, command};
use mfa_ledger_schemas::{AdministratorId, Event, Instant, Personal, ResetReason, VerificationMethod, Words};
use totp_rs::{Algorithm, Builder};

use crate::promises::hang_up::cases::silence;
use crate::support::any_command::{AnyCommand, Told};
use crate::support::draws::Draws;

const ROLES: &[&str] = &["system-administrator", "help-desk", "general-staff", "it-administrator"];

/// Somebody, with all that they know and carry.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: AdministratorId,
    pub user_name: String,
    pub password: Option<String>,
    token: Option<String>,
    seed: Option<Vec<u8>>,
    backup_codes: Vec<String>,
}

impl Person {
    /// The code that their app shows.
    pub fn code(&self, unix_ms: i64) -> Option<String> {
        let seed = self.seed.clone()?;
        let app = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6);
        let app = app.with_step_duration(30).with_secret(seed).build_noncompliant();
        Some(app.generate(u64::try_from(unix_ms / 1_000).unwrap()).to_string())
    }

    pub fn caller(&self, opened: &Opened) -> Option<Caller> {
        self.token.as_deref().and_then(|token| opened.service.authenticate(token))
    }
}

/// Everybody.
#[derive(Debug, Default)]
pub struct People(pub Vec<Person>);

/// A command, as somebody outside sees it.
pub struct Attempt {
    pub request: String,
    pub outcome: Result<Told, Failure>,
}

pub async fn execute(
    opened: &Opened,
    caller: Caller,
    request: &str,
    command: impl Into<AnyCommand>,
) -> Attempt {
    let outcome = command.into().execute(&opened.service, Call::by(caller, request)).await;
    Attempt { request: request.to_owned(), outcome }
}

pub fn operator() -> Caller {
    Caller::Operator("root".to_owned())
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

impl People {
    /// Something that somebody does.
    pub async fn act(&mut self, opened: &Opened, draws: &Draws, clock: &Clock, request: &str) -> Attempt {
        if self.0.len() < 3 || draws.below(40) == 0 {
            return self.register(opened, draws, request).await;
        }
        let (who, whom) = (draws.index(self.0.len()), draws.index(self.0.len()));
        let target = self.0[whom].id;
        let person = &self.0[who];
        // Whoever has no session gets one first.
        let caller = match person.caller(opened) {
            Some(caller) if draws.below(8) > 0 => caller,
            None if person.password.is_none() => {
                let attempt =
                    execute(opened, operator(), request, command::ResetPassword { administrator: person.id })
                        .await;
                self.learn(&attempt, who);
                return attempt;
            }
            _ => return self.log_in(opened, draws, who, request).await,
        };
        let code = secret(&self.code(draws, clock, who));
        let (pending, enrolled) = (person.seed.is_some(), !person.backup_codes.is_empty());
        let (caller, command): (_, AnyCommand) = match draws.below(20) {
            0..=5 if enrolled => {
                (caller, command::VerifySecondFactor { factor: self.factor(draws, clock, who) }.into())
            }
            0..=4 if pending => (caller, command::ConfirmMfaEnrollment { code }.into()),
            0..=7 => (caller, command::EnrollMfa.into()),
            8 => (caller, command::CancelMfaEnrollment.into()),
            9 => (caller, command::RegenerateBackupCodes { factor: TypedFactor::Code(code) }.into()),
            10 if draws.coin() => (caller, command::DisableMfa { factor: TypedFactor::Code(code) }.into()),
            10..=12 => {
                let with_mfa: Vec<_> =
                    (0..self.0.len()).filter(|it| !self.0[*it].backup_codes.is_empty()).collect();
                let whom = if with_mfa.is_empty() { whom } else { *draws.pick(&with_mfa) };
                (if draws.coin() { caller } else { operator() }, self.reset(whom, clock).into())
            }
            13 => (operator(), command::ResetPassword { administrator: target }.into()),
            14 => {
                let role = draws.pick(ROLES).parse().unwrap();
                (operator(), command::AssignRole { administrator: target, role }.into())
            }
            15 if draws.below(4) == 0 => {
                (operator(), command::DeactivateAdministrator { administrator: target, note: None }.into())
            }
            15 => (
                operator(),
                command::ReactivateAdministrator { administrator: target, note: Some("back".into()) }.into(),
            ),
            16 if draws.coin() => (operator(), command::ErasePersonalData { administrator: target }.into()),
            16 => (caller, command::LogOut.into()),
            // Words that belong to no administrator.
            17 => (operator(), silence().into()),
            18 => (operator(), self.reset_of_nobody(clock).into()),
            _ => {
                let change = ChangeSettings { step_up_minutes: Some(15), ..ChangeSettings::default() };
                (operator(), change.into())
            }
        };
        let attempt = execute(opened, caller, request, command).await;
        self.learn(&attempt, who);
        attempt
    }

    async fn register(&mut self, opened: &Opened, draws: &Draws, request: &str) -> Attempt {
        let user_name = format!("u-{request}");
        let command = command::RegisterAdministrator {
            user_name,
            role: draws.pick(ROLES).parse().unwrap(),
            super_administrator: draws.below(3) == 0,
            personal: Personal::new(format!("Name of {request}"), vec![format!("{request}@example.org")]),
        };
        let attempt = execute(opened, operator(), request, command).await;
        self.learn(&attempt, 0);
        attempt
    }

    async fn log_in(&mut self, opened: &Opened, draws: &Draws, who: usize, request: &str) -> Attempt {
        let person = &self.0[who];
        let right = person.password.clone().filter(|_| draws.below(20) > 0);
        let password = secret(right.as_deref().unwrap_or("wrong"));
        let command = opened.service.log_in(person.user_name.clone(), password);
        let attempt = execute(opened, Caller::Anonymous, request, command).await;
        self.learn(&attempt, who);
        attempt
    }

    fn code(&self, draws: &Draws, clock: &Clock, who: usize) -> String {
        let right = self.0[who].code(clock.unix_ms()).filter(|_| draws.below(8) > 0);
        right.unwrap_or_else(|| "000000".to_owned())
    }

    fn factor(&self, draws: &Draws, clock: &Clock, who: usize) -> TypedFactor {
        match self.0[who].backup_codes.last() {
            Some(code) if draws.below(4) == 0 => TypedFactor::BackupCode(secret(code)),
            _ => TypedFactor::Code(secret(&self.code(draws, clock, who))),
        }
    }

    fn reset(&self, whom: usize, clock: &Clock) -> command::ResetMfa {
        let documented = Documented {
            reason: Some(ResetReason::NewPhone),
            verification: Some(VerificationMethod::VideoCall),
            words: Words {
                requester_name: Some(self.0[whom].user_name.clone()),
                requester_contact: Some("+1 555 0100".to_owned()),
                text: None,
            },
            requested_at: Some(Instant::from_unix_ms(clock.unix_ms())),
            ticket: Some("HD-1".to_owned()),
            ..Documented::default()
        };
        let confirmation = Some(self.0[whom].user_name.clone());
        command::ResetMfa { administrator: self.0[whom].id, documented, confirmation }
    }

    /// A reset of somebody who does not exist: refused, with its whole story on record.
    fn reset_of_nobody(&self, clock: &Clock) -> command::ResetMfa {
        command::ResetMfa { administrator: AdministratorId::from_bytes([9; 16]), ..self.reset(0, clock) }
    }

    /// What an answer shows to whoever asked.
    fn learn(&mut self, attempt: &Attempt, who: usize) {
        let Ok(Told { event: Some(event), shown, .. }) = &attempt.outcome else { return };
        let text = |text: Option<&SecretText>| text.map(|text| text.expose().to_owned());
        match event {
            Event::AdministratorRegistered(event) => self.0.push(Person {
                id: event.administrator,
                user_name: event.user_name.clone(),
                password: text(shown.secret()),
                token: None,
                seed: None,
                backup_codes: Vec::new(),
            }),
            Event::PasswordReset(event) => {
                let person = self.0.iter_mut().find(|it| it.id == event.administrator).unwrap();
                person.password = text(shown.secret());
            }
            // Wrong, expired, too early: they ask for another one.
            Event::LogInFailed(_) => self.0[who].password = None,
            Event::SessionStarted(_) => self.0[who].token = text(shown.token.as_ref()),
            Event::MfaEnrollmentStarted(_) => {
                let key = shown.enrollment.as_ref().unwrap().manual_key.expose().replace(' ', "");
                self.0[who].seed = Some(data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap());
            }
            Event::MfaEnabled(_) | Event::BackupCodesRegenerated(_) => {
                let codes = shown.generated.iter().map(|code| code.expose().to_owned());
                self.0[who].backup_codes = codes.collect();
            }
            Event::MfaReset(event) => {
                for person in self.0.iter_mut().filter(|it| it.id == event.administrator) {
                    (person.seed, person.backup_codes) = (None, Vec::new());
                }
            }
            Event::MfaDisabled(_) | Event::MfaEnrollmentCancelled(_) => self.0[who].seed = None,
            Event::BackupCodeUsed(_) => drop(self.0[who].backup_codes.pop()),
            _ => {}
        }
    }
}
