//! Administrators of a house, with what they know, and the things they do, drawn by chance.

use mfa_ledger::clock::Clock;
use mfa_ledger::data_dir::Opened;
use mfa_ledger::service::command::{AssignRole, ChangeSettings};
use mfa_ledger::service::intent::{Documented, TypedFactor};
use mfa_ledger::service::{Call, Caller, Done, Failure, Intent, SecretText};
use mfa_ledger_schemas::record::Origin;
use mfa_ledger_schemas::{AdministratorId, Event, Instant, ResetReason, VerificationMethod};
use totp_rs::{Algorithm, Builder};

use crate::promises::hang_up::cases::silence;
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
    pub outcome: Result<Done, Failure>,
}

pub async fn execute(opened: &Opened, caller: Caller, request: &str, intent: Intent) -> Attempt {
    let call = Call {
        caller,
        origin: Origin::default(),
        request: request.to_owned(),
        idempotency: None,
        if_match: None,
    };
    Attempt { request: request.to_owned(), outcome: opened.service.execute(call, intent).await }
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
                    execute(opened, operator(), request, Intent::ResetPassword { administrator: person.id })
                        .await;
                self.learn(&attempt, who);
                return attempt;
            }
            _ => return self.log_in(opened, draws, who, request).await,
        };
        let code = secret(&self.code(draws, clock, who));
        let (pending, enrolled) = (person.seed.is_some(), !person.backup_codes.is_empty());
        let (caller, intent) = match draws.below(20) {
            0..=5 if enrolled => {
                (caller, Intent::VerifySecondFactor { factor: self.factor(draws, clock, who) })
            }
            0..=4 if pending => (caller, Intent::ConfirmMfaEnrollment { code }),
            0..=7 => (caller, Intent::EnrollMfa),
            8 => (caller, Intent::CancelMfaEnrollment),
            9 => (caller, Intent::RegenerateBackupCodes { code }),
            10 if draws.coin() => (caller, Intent::DisableMfa { code }),
            10..=12 => {
                let with_mfa: Vec<_> =
                    (0..self.0.len()).filter(|it| !self.0[*it].backup_codes.is_empty()).collect();
                let whom = if with_mfa.is_empty() { whom } else { *draws.pick(&with_mfa) };
                (if draws.coin() { caller } else { operator() }, self.reset(whom, clock))
            }
            13 => (operator(), Intent::ResetPassword { administrator: target }),
            14 => {
                let role = draws.pick(ROLES).parse().unwrap();
                (operator(), Intent::AssignRole(AssignRole { administrator: target, role }))
            }
            15 if draws.below(4) == 0 => {
                (operator(), Intent::DeactivateAdministrator { administrator: target, note: None })
            }
            15 => (
                operator(),
                Intent::ReactivateAdministrator { administrator: target, note: Some("back".into()) },
            ),
            16 if draws.coin() => (operator(), Intent::ErasePersonalData { administrator: target }),
            16 => (caller, Intent::LogOut),
            // Words that belong to no administrator.
            17 => (operator(), silence()),
            18 => (operator(), self.reset_of_nobody(clock)),
            _ => {
                let change = ChangeSettings { step_up_minutes: Some(15), ..ChangeSettings::default() };
                (operator(), Intent::ChangeSettings(Box::new(change)))
            }
        };
        let attempt = execute(opened, caller, request, intent).await;
        self.learn(&attempt, who);
        attempt
    }

    async fn register(&mut self, opened: &Opened, draws: &Draws, request: &str) -> Attempt {
        let user_name = format!("u-{request}");
        let intent = Intent::RegisterAdministrator {
            user_name,
            role: draws.pick(ROLES).parse().unwrap(),
            super_administrator: draws.below(3) == 0,
            display_name: format!("Name of {request}"),
            emails: vec![format!("{request}@example.org")],
        };
        let attempt = execute(opened, operator(), request, intent).await;
        self.learn(&attempt, 0);
        attempt
    }

    async fn log_in(&mut self, opened: &Opened, draws: &Draws, who: usize, request: &str) -> Attempt {
        let person = &self.0[who];
        let right = person.password.clone().filter(|_| draws.below(20) > 0);
        let password = secret(right.as_deref().unwrap_or("wrong"));
        let intent = Intent::LogIn { user_name: person.user_name.clone(), password };
        let attempt = execute(opened, Caller::Anonymous, request, intent).await;
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

    fn reset(&self, whom: usize, clock: &Clock) -> Intent {
        let documented = Documented {
            reason: Some(ResetReason::NewPhone),
            verification: Some(VerificationMethod::VideoCall),
            requester_name: Some("Somebody".to_owned()),
            requester_contact: Some("+1 555 0100".to_owned()),
            requested_at: Some(Instant::from_unix_ms(clock.unix_ms())),
            ticket: Some("HD-1".to_owned()),
            ..Documented::default()
        };
        let confirmation = Some(self.0[whom].user_name.clone());
        Intent::ResetMfa { administrator: self.0[whom].id, documented, confirmation }
    }

    /// A reset of somebody who does not exist: refused, with its whole story on record.
    fn reset_of_nobody(&self, clock: &Clock) -> Intent {
        match self.reset(0, clock) {
            Intent::ResetMfa { documented, confirmation, .. } => {
                let administrator = AdministratorId::from_bytes([9; 16]);
                Intent::ResetMfa { administrator, documented, confirmation }
            }
            other => other,
        }
    }

    /// What an answer shows to whoever asked.
    fn learn(&mut self, attempt: &Attempt, who: usize) {
        let Ok(done) = &attempt.outcome else {
            return;
        };
        let shown = |text: &Option<SecretText>| text.as_ref().map(|text| text.expose().to_owned());
        match &done.record.event {
            Event::AdministratorRegistered(event) => self.0.push(Person {
                id: event.administrator,
                user_name: event.user_name.clone(),
                password: shown(&done.shown.password),
                token: None,
                seed: None,
                backup_codes: Vec::new(),
            }),
            Event::PasswordReset(event) => {
                let person = self.0.iter_mut().find(|it| it.id == event.administrator).unwrap();
                person.password = shown(&done.shown.password);
            }
            // Wrong, expired, too early: they ask for another one.
            Event::LogInFailed(_) => self.0[who].password = None,
            Event::SessionStarted(_) => self.0[who].token = shown(&done.shown.token),
            Event::MfaEnrollmentStarted(_) => {
                let key = done.shown.enrollment.as_ref().unwrap().manual_key.expose().replace(' ', "");
                self.0[who].seed = Some(data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap());
            }
            Event::MfaEnabled(_) | Event::BackupCodesRegenerated(_) => {
                let codes = done.shown.backup_codes.iter().map(|code| code.expose().to_owned());
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
