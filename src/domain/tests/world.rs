//! A small house with people in it: every command is decided, recorded and folded at once.

use mfa_ledger_projections::{Administrator, Fate, State};
use mfa_ledger_schemas::v1::{Annex, CommandRefused, Commitment, MfaReset};
use mfa_ledger_schemas::{
    AdministratorId, AnnexId, CredentialId, Event, EventId, Instant, Origin, Position, Record, RefusalCode,
    ResetReason, ResetRequestId, ServiceAccountId, SessionId, VerificationMethod, asyncapi,
};

use crate::command::{
    ChangeSettings, ConfirmMfaEnrollment, EnrollMfa, LogIn, RegisterAdministrator, RequestMfaReset, ResetMfa,
    SealedWords, VerifySecondFactor,
};
use crate::{Caller, Command, Decision, FactorProof, PasswordProof, Story, Undecided, decide, presets};

/// Where the people of the house log in from.
pub const OFFICE: &str = "192.0.2.10";
/// An address that nobody has logged in from.
pub const ELSEWHERE: &str = "198.51.100.66";

#[derive(Clone, Debug)]
pub struct World {
    pub state: State,
    pub now: Instant,
    ids: u128,
}

impl World {
    /// Preset settings and roles, nobody in it.
    pub fn new() -> Self {
        let mut world =
            Self { state: State::default(), now: Instant::from_unix_seconds(1_800_000_000), ids: 0 };
        world.settings(ChangeSettings { mfa_available: Some(true), ..ChangeSettings::default() });
        for role in presets::roles() {
            world.run(&operator(), Command::DefineRole(role));
        }
        world
    }

    pub fn id<T>(&mut self, make: fn([u8; 16]) -> T) -> T {
        self.ids += 1;
        make(self.ids.to_be_bytes())
    }

    pub fn annex(&mut self) -> Annex {
        Annex { id: self.id(AnnexId::from_bytes), commitment: Commitment([7; 32]) }
    }

    pub fn settings(&mut self, change: ChangeSettings) {
        self.run(&operator(), Command::ChangeSettings(change));
    }

    pub fn wait_seconds(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }

    pub fn wait_minutes(&mut self, minutes: i64) {
        self.now = self.now.plus_minutes(minutes);
    }

    pub fn wait_hours(&mut self, hours: i64) {
        self.now = self.now.plus_hours(hours);
    }

    pub fn decide(&self, caller: &Caller, command: &Command) -> Result<Decision, Undecided> {
        decide(&self.state, caller, command, None, self.now)
    }

    /// Decides and folds, a second later than what came before.
    pub fn run(&mut self, caller: &Caller, command: Command) -> Event {
        self.run_from(caller, command, Some(OFFICE))
    }

    #[expect(clippy::needless_pass_by_value, reason = "commands are written where they are run")]
    pub fn run_from(&mut self, caller: &Caller, command: Command, address: Option<&str>) -> Event {
        self.wait_seconds(1);
        let decision = self.decide(caller, &command).expect("there is something to record");
        let record = self.record(decision, address);
        let event = record.event.clone();
        assert_eq!(self.apply(&record), Fate::Effective, "what is decided now is not void now");
        event
    }

    /// The refusal of a command, after which nothing but the activity has changed.
    pub fn refusal(&mut self, caller: &Caller, command: Command) -> CommandRefused {
        let before = (self.state.directory.clone(), self.state.resets.clone());
        let event = self.run(caller, command);
        let Event::CommandRefused(refused) = event else { panic!("carried out: {event:?}") };
        // A refused command may leave the sealed words of its story behind, so that they can be erased; a
        // wrong password is counted.
        let words = refused.story.as_ref().is_some_and(|story| story.words.is_some());
        if !words && refused.code != RefusalCode::WrongPassword {
            assert!(self.state.directory == before.0, "a refusal changes nothing");
        }
        assert!(self.state.resets == before.1, "a refusal resets nothing");
        refused
    }

    pub fn refuses(&mut self, caller: &Caller, command: Command, code: RefusalCode) {
        assert_eq!(self.refusal(caller, command).code, code);
    }

    pub fn record(&mut self, decision: Decision, address: Option<&str>) -> Record {
        let id = self.id(EventId::from_bytes);
        let Decision { stream, reads, actor, target, event } = decision;
        assert!(asyncapi::is_documented(&stream, event.action()), "{stream}: {}", event.action());
        let origin = Origin { address: address.map(str::to_owned), user_agent: None };
        let request = "req".to_owned();
        Record { id, stream, reads, at: self.now, actor, target, origin, request, idempotency: None, event }
    }

    pub fn apply(&mut self, record: &Record) -> Fate {
        let next = Position(self.state.position().0 + 1);
        self.state.apply(next, record).expect("the next position")
    }

    // --- people -------------------------------------------------------------------------------

    pub fn register(&mut self, user_name: &str, role: &str, super_administrator: bool) -> AdministratorId {
        let administrator = self.id(AdministratorId::from_bytes);
        let password = self.id(CredentialId::from_bytes);
        let personal = self.annex();
        let command = RegisterAdministrator {
            administrator,
            user_name: user_name.to_owned(),
            role: role.parse().expect("a role id"),
            super_administrator,
            password,
            personal,
        };
        self.run(&operator(), Command::RegisterAdministrator(command));
        administrator
    }

    /// Somebody with a role and no MFA, logged in.
    pub fn person(&mut self, user_name: &str, role: &str) -> Caller {
        let id = self.register(user_name, role, false);
        self.log_in(id)
    }

    /// Somebody with a role, MFA, and a session in which it was just proved.
    pub fn enrolled(&mut self, user_name: &str, role: &str) -> Caller {
        let caller = self.person(user_name, role);
        self.enroll(&caller);
        caller
    }

    pub fn super_administrator(&mut self, user_name: &str) -> Caller {
        let id = self.register(user_name, "general-staff", true);
        let caller = self.log_in(id);
        self.enroll(&caller);
        caller
    }

    pub fn it(&self, id: AdministratorId) -> &Administrator {
        self.state.directory.administrator(id).expect("registered")
    }

    // --- logging in ---------------------------------------------------------------------------

    pub fn log_in_command(&mut self, id: AdministratorId, fits: bool, address: Option<&str>) -> LogIn {
        let session = self.id(SessionId::from_bytes);
        let it = self.it(id);
        LogIn {
            user_name: it.user_name.clone(),
            name_hash: "hash".to_owned(),
            proof: PasswordProof::Compared { credential: Some(it.password.credential), fits },
            session,
            address: address.map(str::to_owned),
        }
    }

    pub fn try_log_in(&mut self, id: AdministratorId, fits: bool, address: Option<&str>) -> Event {
        let command = self.log_in_command(id, fits, address);
        self.run_from(&Caller::Anonymous, Command::LogIn(command), address)
    }

    /// A session, as far as the password gets.
    pub fn log_in(&mut self, id: AdministratorId) -> Caller {
        match self.try_log_in(id, true, Some(OFFICE)) {
            Event::SessionStarted(event) => Caller::Session { administrator: id, session: event.session },
            other => panic!("no session: {other:?}"),
        }
    }

    // --- second factors -----------------------------------------------------------------------

    /// Waits until the time step is one that was not used yet.
    pub fn fresh_code(&mut self, id: AdministratorId) -> FactorProof {
        self.wait_seconds(30);
        self.code(id, Some(self.step()))
    }

    pub fn step(&self) -> u64 {
        u64::try_from(self.now.unix_seconds() / 30).expect("after 1970")
    }

    pub fn code(&self, id: AdministratorId, step: Option<u64>) -> FactorProof {
        let mfa = &self.it(id).mfa;
        let enrolled = mfa.enrolled.as_ref().map(|enrolled| enrolled.credential);
        let pending = mfa.pending.as_ref().map(|pending| pending.credential);
        let credential = enrolled.or(pending).expect("a seed");
        FactorProof::Totp { credential, step, drift: None }
    }

    pub fn backup_code(&self, id: AdministratorId, index: Option<u8>) -> FactorProof {
        let enrolled = self.it(id).mfa.enrolled.as_ref().expect("enrolled");
        FactorProof::BackupCode { backup_codes: enrolled.backup_codes, index }
    }

    pub fn verify(&mut self, caller: &Caller, proof: FactorProof) -> Event {
        let command = VerifySecondFactor { proof, address: Some(OFFICE.to_owned()) };
        self.run(caller, Command::VerifySecondFactor(command))
    }

    pub fn enroll(&mut self, caller: &Caller) {
        let credential = self.id(CredentialId::from_bytes);
        self.run(caller, Command::EnrollMfa(EnrollMfa { credential }));
        let proof = self.fresh_code(id(caller));
        let event = self.confirm(caller, proof);
        assert!(matches!(event, Event::MfaEnabled(_)), "{event:?}");
    }

    pub fn confirm(&mut self, caller: &Caller, proof: FactorProof) -> Event {
        let backup_codes = self.id(CredentialId::from_bytes);
        self.run(caller, Command::ConfirmMfaEnrollment(ConfirmMfaEnrollment { proof, backup_codes }))
    }

    /// A finished log-in with a code.
    pub fn log_in_with_code(&mut self, id: AdministratorId) -> Caller {
        let caller = self.log_in(id);
        let proof = self.fresh_code(id);
        let event = self.verify(&caller, proof);
        assert!(matches!(event, Event::SecondFactorVerified(_)), "{event:?}");
        caller
    }

    // --- resets -------------------------------------------------------------------------------

    /// A reset that documents everything that the guide asks for.
    pub fn reset_of(&self, target: AdministratorId) -> ResetMfa {
        ResetMfa {
            administrator: target,
            story: self.story(),
            confirmation: self.state.directory.administrator(target).map(|it| it.user_name.clone()),
        }
    }

    pub fn story(&self) -> Story {
        Story {
            reason: Some(ResetReason::LostOrStolenDevice),
            verification: Some(VerificationMethod::VideoCall),
            requested_at: Some(self.now),
            ticket: Some("HD-1".to_owned()),
            words: None,
            has: SealedWords { requester_name: true, requester_contact: true, reason_text: false },
            reset_request: None,
        }
    }

    pub fn reset(&mut self, caller: &Caller, target: AdministratorId) -> MfaReset {
        let command = self.reset_of(target);
        match self.run(caller, Command::ResetMfa(command)) {
            Event::MfaReset(event) => event,
            other => panic!("no reset: {other:?}"),
        }
    }

    pub fn request(&mut self, caller: &Caller, target: AdministratorId) -> ResetRequestId {
        let reset_request = self.id(ResetRequestId::from_bytes);
        let story = self.story();
        let command = RequestMfaReset { reset_request, administrator: target, story };
        let event = self.run(caller, Command::RequestMfaReset(command));
        assert!(matches!(event, Event::MfaResetRequested(_)), "{event:?}");
        reset_request
    }
}

pub fn operator() -> Caller {
    Caller::Operator("ops".to_owned())
}

/// Whose session it is.
pub fn id(caller: &Caller) -> AdministratorId {
    match caller {
        Caller::Session { administrator, .. } => *administrator,
        other => panic!("{other:?} is no administrator"),
    }
}

pub fn service_account(world: &mut World, scopes: &[mfa_ledger_schemas::Scope]) -> Caller {
    let service_account = world.id(ServiceAccountId::from_bytes);
    let command = crate::command::CreateServiceAccount {
        service_account,
        name: "tickets".to_owned(),
        scopes: scopes.iter().copied().collect(),
        expires: Some(world.now.plus_hours(24)),
    };
    world.run(&operator(), Command::CreateServiceAccount(command));
    Caller::ServiceAccount(service_account)
}
