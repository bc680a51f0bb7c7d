//! Acting: every step is a real command through the service, at a moment set by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use mfa_ledger_schemas::bodies::MfaReset;
use mfa_ledger_schemas::record::{Context, Origin};
use mfa_ledger_schemas::{AdministratorId, Instant, Personal};
use totp_rs::{Algorithm, Builder};

use super::DemoError;
use super::people;
use crate::clock::Clock;
use crate::service::command::{Documented, TypedFactor};
use crate::service::{Answer, Call, Caller, Done, SecretText, Service, UseCase, command};

const STEP_MS: i64 = 30_000;

/// Somebody on the stage.
#[derive(Clone)]
pub(super) struct Person {
    pub id: Option<AdministratorId>,
    pub password: SecretText,
    pub seed: Option<Vec<u8>>,
    pub uri: Option<SecretText>,
    pub address: String,
}

/// The stage.
pub(super) struct Play {
    pub service: Arc<Service>,
    clock: Arc<Clock>,
    end: i64,
    cast: BTreeMap<String, Person>,
    requests: u64,
}

impl Play {
    pub fn new(service: Arc<Service>, clock: Arc<Clock>, end: i64) -> Self {
        Self { service, clock, end, cast: BTreeMap::new(), requests: 0 }
    }

    pub fn into_cast(self) -> BTreeMap<String, Person> {
        self.cast
    }

    /// The moment that the history ends at, in milliseconds since 1970.
    pub fn end(&self) -> i64 {
        self.end
    }

    pub fn now(&self) -> Instant {
        Instant::from_unix_ms(self.clock.unix_ms())
    }

    /// Goes on to a moment; the past stays past.
    pub fn at(&self, unix_ms: i64) {
        self.clock.set(unix_ms.max(self.clock.unix_ms()));
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.at(self.clock.unix_ms() + minutes * 60_000);
    }

    pub fn enter(&mut self, user_name: &str, id: Option<AdministratorId>, password: SecretText) {
        let number = self.cast.len() + 10;
        let address = format!("10.20.{}.{}", number / 20, 10 + number % 200);
        let person = Person { id, password, seed: None, uri: None, address };
        self.cast.insert(user_name.to_owned(), person);
    }

    pub fn person(&self, user_name: &str) -> &Person {
        &self.cast[user_name]
    }

    pub fn is_enrolled(&self, user_name: &str) -> bool {
        self.person(user_name).seed.is_some()
    }

    pub fn names(&self) -> Vec<String> {
        self.cast.keys().cloned().collect()
    }

    pub fn id(&self, user_name: &str) -> Result<AdministratorId, DemoError> {
        self.person(user_name).id.ok_or_else(|| DemoError::Step(format!("{user_name} has no id")))
    }

    pub async fn act<C: UseCase>(
        &mut self,
        caller: &Caller,
        address: Option<&str>,
        command: C,
    ) -> Result<Answer<C::Ending>, DemoError> {
        self.requests += 1;
        let origin = Origin {
            address: address.map(str::to_owned),
            user_agent: address.map(|_| "Mozilla/5.0 (demo)".to_owned()),
        };
        let request = format!("demo-{}", self.requests);
        let call = Call {
            caller: caller.clone(),
            origin,
            request,
            idempotency: None,
            if_match: None,
            context: Context::default(),
        };
        // Two commands at the same millisecond would look as if a machine had sent them.
        self.at(self.clock.unix_ms() + 1_300);
        self.service.execute(call, command).await.map_err(|failure| DemoError::Step(failure.to_string()))
    }

    /// The same for what must not be refused.
    pub async fn must<C: UseCase>(
        &mut self,
        caller: &Caller,
        address: Option<&str>,
        command: C,
    ) -> Result<Done<C::Ending>, DemoError> {
        let answer = self.act(caller, address, command).await?;
        answer.map_err(|rejected| DemoError::Step(format!("refused: {}", rejected.code())))
    }

    /// Logs in, with a second factor where there is one, from the usual place or another.
    pub async fn log_in(&mut self, user_name: &str, from: Option<&str>) -> Result<Caller, DemoError> {
        let person = self.person(user_name).clone();
        let address = from.unwrap_or(&person.address).to_owned();
        let command = self.service.log_in(user_name.to_owned(), person.password);
        let event = self.must(&Caller::Anonymous, Some(&address), command).await?.event;
        let caller = Caller::Session { administrator: event.administrator, session: event.session };
        if person.seed.is_some() {
            self.step_up(user_name, &caller, &address).await?;
        }
        Ok(caller)
    }

    /// A fresh code, accepted.
    pub async fn step_up(
        &mut self,
        user_name: &str,
        caller: &Caller,
        address: &str,
    ) -> Result<(), DemoError> {
        self.at((self.clock.unix_ms() / STEP_MS + 1) * STEP_MS);
        let code = self.code(user_name, 0)?;
        let command = command::VerifySecondFactor { factor: TypedFactor::Code(code) };
        self.must(caller, Some(address), command).await.map(drop)
    }

    /// The code that the person's authenticator shows, its clock off by so many steps.
    pub fn code(&self, user_name: &str, steps_off: i64) -> Result<SecretText, DemoError> {
        let missing = || DemoError::Step(format!("{user_name} has no authenticator"));
        let seed = self.person(user_name).seed.clone().ok_or_else(missing)?;
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(seed)
            .build_noncompliant();
        let seconds = u64::try_from((self.clock.unix_ms() + steps_off * STEP_MS) / 1_000).unwrap_or(0);
        Ok(SecretText::new(totp.generate(seconds).to_string()))
    }

    /// Enrolls, from the usual place or another.
    pub async fn enroll(
        &mut self,
        user_name: &str,
        caller: &Caller,
        from: Option<&str>,
    ) -> Result<(), DemoError> {
        let address = from.unwrap_or(&self.person(user_name).address).to_owned();
        let begun = self.must(caller, Some(&address), command::EnrollMfa).await?;
        let shown = begun.shown.enrollment.ok_or_else(|| DemoError::Step("no seed was shown".to_owned()))?;
        let key = shown.manual_key.expose().replace(' ', "");
        let seed = data_encoding::BASE32_NOPAD.decode(key.as_bytes());
        let seed = seed.map_err(|error| DemoError::Step(error.to_string()))?;
        if let Some(person) = self.cast.get_mut(user_name) {
            person.seed = Some(seed);
            person.uri = Some(shown.uri);
        }
        self.at((self.clock.unix_ms() / STEP_MS + 1) * STEP_MS);
        let code = self.code(user_name, 0)?;
        self.must(caller, Some(&address), command::ConfirmMfaEnrollment { code }).await?;
        Ok(())
    }

    /// A reset, well documented; `Ok(Err)` is a refusal.
    pub async fn reset(
        &mut self,
        performer: (&str, &Caller),
        target: &str,
        documented: Documented,
    ) -> Result<Answer<MfaReset>, DemoError> {
        let (name, caller) = performer;
        let address = self.person(name).address.clone();
        let administrator = self.id(target)?;
        let confirmation = Some(target.to_owned());
        let command = command::ResetMfa { administrator, documented, confirmation };
        let answer = self.act(caller, Some(&address), command).await?;
        if answer.is_ok()
            && let Some(person) = self.cast.get_mut(target)
        {
            (person.seed, person.uri) = (None, None);
        }
        Ok(answer)
    }

    /// Registers somebody who then takes a password of their own.
    pub async fn register(&mut self, root: &Caller, user_name: &str, role: &str) -> Result<(), DemoError> {
        let command = command::RegisterAdministrator {
            user_name: user_name.to_owned(),
            role: role.parse().map_err(|_| DemoError::Step(format!("no role id: {role}")))?,
            super_administrator: user_name == people::SECOND_ROOT,
            personal: Personal::new(
                people::display_name(user_name),
                vec![format!("{user_name}@example.org")],
            ),
        };
        let address = self.person(people::ROOT).address.clone();
        let done = self.must(root, Some(&address), command).await?;
        let password = done.shown.secret().cloned();
        let password = password.ok_or_else(|| DemoError::Step("no password was shown".to_owned()))?;
        self.enter(user_name, Some(done.event.administrator), password);
        self.choose_password(user_name).await
    }

    pub async fn choose_password(&mut self, user_name: &str) -> Result<(), DemoError> {
        let caller = self.log_in(user_name, None).await?;
        let new = SecretText::new(format!("open sesame for {user_name}"));
        let current = self.person(user_name).password.clone();
        let address = self.person(user_name).address.clone();
        self.must(&caller, Some(&address), command::SetPassword { current, new: new.clone() }).await?;
        if let Some(person) = self.cast.get_mut(user_name) {
            person.password = new;
        }
        Ok(())
    }
}
