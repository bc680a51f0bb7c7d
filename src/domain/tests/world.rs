//! A small house with people in it: every command is decided, recorded and folded at once.

use mfa_ledger_projections::{Administrator, Fate, State};
use mfa_ledger_schemas::bodies::{Annex, CommandRefused, Commitment, MfaReset};
use mfa_ledger_schemas::{
    AdministratorId, AnnexId, Context, CredentialId, Event, EventId, Instant, Origin, Personal, Position,
    Record, RefusalCode, ResetReason, ResetRequestId, VerificationMethod, Words, asyncapi,
};

use super::attempt::{Attempt, FactorProof, confirm, typed, verify};
use crate::command::{
    ChangeSettings, Documented, EnrollMfa, LogIn, RegisterAdministrator, RequestMfaReset, ResetMfa,
};
use crate::{Asked, Asks, Caller, Case, Decision, Evidence, Prepared, Question, Undecided, decide, presets};

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
    /// Preset settings and roles, nobody in it. A holder of manage-mfa may approve at once: a test has no day to wait.
    pub fn new() -> Self {
        let mut world =
            Self { state: State::default(), now: Instant::from_unix_seconds(1_800_000_000), ids: 0 };
        world.settings(ChangeSettings { approver_hours: Some(0), ..ChangeSettings::default() });
        for role in presets::roles() {
            world.run(&operator(), Attempt::of(role));
        }
        world
    }

    pub fn id<T>(&mut self, make: fn([u8; 16]) -> T) -> T {
        self.ids += 1;
        make(self.ids.to_be_bytes())
    }

    pub fn settings(&mut self, change: ChangeSettings) {
        self.run(&operator(), Attempt::of(change));
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

    /// Decides on the state of now; the same again, as long as nothing was recorded.
    pub fn decide(&self, caller: &Caller, attempt: &Attempt) -> Result<Decision, Undecided> {
        decide(&self.state, &self.asked(caller, attempt), &*attempt.command, &self.prepared(caller, attempt))
    }

    fn asked<'a>(&self, caller: &'a Caller, attempt: &'a Attempt) -> Asked<'a> {
        let address = attempt.address.as_deref();
        Asked { caller, address, expected: attempt.expected, now: self.now }
    }

    /// Nothing lies sealed here: a requester fits, unless a test says otherwise.
    fn prepared(&self, caller: &Caller, attempt: &Attempt) -> Prepared {
        let prepared = self.without_evidence(attempt);
        let asked = self.asked(caller, attempt);
        let case = Case::new(&self.state, &asked, &prepared);
        let evidence = match (attempt.evidence, attempt.command.question(&case)) {
            (Evidence::Nothing, Question::Requester { personal, .. }) => {
                Evidence::Requester { personal, fits: true }
            }
            (evidence, _) => evidence,
        };
        Prepared { evidence, ..prepared }
    }

    fn without_evidence(&self, attempt: &Attempt) -> Prepared {
        let fresh = |kind: u128| attempt.fresh.unwrap_or((kind << 64 | self.ids).to_be_bytes());
        let annex = Annex { id: AnnexId::from_bytes(fresh(3)), commitment: Commitment([7; 32]) };
        Prepared {
            id: fresh(1),
            credential: CredentialId::from_bytes(fresh(2)),
            annex: attempt.sealed.then_some(annex),
            evidence: attempt.evidence,
        }
    }

    /// The version that a command's `If-Match` is compared with.
    pub fn version(&self, caller: &Caller, attempt: &Attempt) -> Option<Position> {
        let (asked, prepared) = (self.asked(caller, attempt), self.prepared(caller, attempt));
        attempt.command.version(&Case::new(&self.state, &asked, &prepared))
    }

    /// What a command requires of its caller.
    pub fn asks_of(&self, caller: &Caller, attempt: &Attempt) -> Asks {
        let (asked, prepared) = (self.asked(caller, attempt), self.prepared(caller, attempt));
        attempt.command.asks(&Case::new(&self.state, &asked, &prepared))
    }

    /// Whom it is about.
    pub fn target_of(&self, caller: &Caller, attempt: &Attempt) -> Option<AdministratorId> {
        let (asked, prepared) = (self.asked(caller, attempt), self.prepared(caller, attempt));
        attempt.command.target(&Case::new(&self.state, &asked, &prepared))
    }

    /// Whether something is compared for a command.
    pub fn asks(&self, caller: &Caller, attempt: &Attempt) -> bool {
        let (asked, prepared) = (self.asked(caller, attempt), self.prepared(caller, attempt));
        let case = Case::new(&self.state, &asked, &prepared);
        !matches!(attempt.command.question(&case), Question::Nothing)
    }

    /// Decides and folds, a second later than what came before.
    #[expect(clippy::needless_pass_by_value, reason = "commands are written where they are run")]
    pub fn run(&mut self, caller: &Caller, attempt: Attempt) -> Event {
        self.wait_seconds(1);
        let decision = self.decide(caller, &attempt).expect("there is something to record");
        let record = self.record(decision, attempt.address.as_deref());
        let event = record.event.clone();
        assert_eq!(self.apply(&record), Fate::Effective, "what is decided now is not void now");
        event
    }

    /// The refusal of a command, after which nothing but the activity has changed.
    pub fn refusal(&mut self, caller: &Caller, command: Attempt) -> CommandRefused {
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

    pub fn refuses(&mut self, caller: &Caller, command: Attempt, code: RefusalCode) {
        assert_eq!(self.refusal(caller, command).code, code);
    }

    pub fn record(&mut self, decision: Decision, address: Option<&str>) -> Record {
        let id = self.id(EventId::from_bytes);
        let Decision { stream, reads, actor, target, event } = decision;
        assert!(asyncapi::is_documented(&stream, event.action()), "{stream}: {}", event.action());
        let origin = Origin { address: address.map(str::to_owned), user_agent: None };
        let request = "req".to_owned();
        Record {
            id,
            stream,
            reads,
            at: self.now,
            actor,
            target,
            origin,
            request,
            idempotency: None,
            context: Context::default(),
            event,
        }
    }

    pub fn apply(&mut self, record: &Record) -> Fate {
        let next = Position(self.state.position().0 + 1);
        self.state.apply(next, record).expect("the next position")
    }

    // --- people -------------------------------------------------------------------------------

    pub fn register(&mut self, user_name: &str, role: &str, super_administrator: bool) -> AdministratorId {
        let command = RegisterAdministrator {
            user_name: user_name.to_owned(),
            role: role.parse().expect("a role id"),
            super_administrator,
            personal: Personal::default(),
        };
        match self.run(&operator(), Attempt::of(command)) {
            Event::AdministratorRegistered(event) => event.administrator,
            other => panic!("not registered: {other:?}"),
        }
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

    pub fn log_in_command(&self, id: AdministratorId) -> LogIn {
        let user_name = self.it(id).user_name.clone();
        LogIn { user_name, name_hash: "hash".to_owned(), password: typed() }
    }

    pub fn log_in_attempt(&self, id: AdministratorId, fits: bool, address: Option<&str>) -> Attempt {
        let evidence = Evidence::Password { credential: Some(self.it(id).password.credential), fits };
        Attempt::of(self.log_in_command(id)).with(evidence).from(address)
    }

    pub fn try_log_in(&mut self, id: AdministratorId, fits: bool, address: Option<&str>) -> Event {
        let attempt = self.log_in_attempt(id, fits, address);
        self.run(&Caller::Anonymous, attempt)
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
        FactorProof::totp(credential, step, None)
    }

    pub fn backup_code(&self, id: AdministratorId, index: Option<u8>) -> FactorProof {
        let enrolled = self.it(id).mfa.enrolled.as_ref().expect("enrolled");
        FactorProof::backup_code(enrolled.backup_codes, index)
    }

    pub fn verify(&mut self, caller: &Caller, proof: FactorProof) -> Event {
        self.run(caller, verify(proof))
    }

    pub fn enroll(&mut self, caller: &Caller) {
        self.run(caller, Attempt::of(EnrollMfa));
        let proof = self.fresh_code(id(caller));
        let event = self.confirm(caller, proof);
        assert!(matches!(event, Event::MfaEnabled(_)), "{event:?}");
    }

    pub fn confirm(&mut self, caller: &Caller, proof: FactorProof) -> Event {
        self.run(caller, confirm(proof))
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
            documented: self.documented(),
            confirmation: self.state.directory.administrator(target).map(|it| it.user_name.clone()),
        }
    }

    pub fn documented(&self) -> Documented {
        let words = Words {
            requester_name: Some("Joe".to_owned()),
            requester_contact: Some("extension 20".to_owned()),
            text: None,
        };
        Documented {
            reason: Some(ResetReason::LostOrStolenDevice),
            verification: Some(VerificationMethod::VideoCall),
            requested_at: Some(self.now),
            ticket: Some("HD-1".to_owned()),
            words,
            reset_request: None,
        }
    }

    pub fn reset(&mut self, caller: &Caller, target: AdministratorId) -> MfaReset {
        let command = self.reset_of(target);
        match self.run(caller, Attempt::of(command)) {
            Event::MfaReset(event) => event,
            other => panic!("no reset: {other:?}"),
        }
    }

    pub fn request(&mut self, caller: &Caller, target: AdministratorId) -> ResetRequestId {
        let command = RequestMfaReset { administrator: target, documented: self.documented() };
        match self.run(caller, Attempt::of(command)) {
            Event::MfaResetRequested(event) => event.reset_request,
            other => panic!("not filed: {other:?}"),
        }
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
    let command = crate::command::CreateServiceAccount {
        name: "tickets".to_owned(),
        scopes: scopes.iter().copied().collect(),
        expires: Some(world.now.plus_hours(24)),
    };
    match world.run(&operator(), Attempt::of(command)) {
        Event::ServiceAccountCreated(event) => Caller::ServiceAccount(event.service_account),
        other => panic!("not created: {other:?}"),
    }
}

/// A house with people of every kind, for commands at random.
pub fn small_world() -> World {
    let mut world = World::new();
    // The limit per performer counts records of other streams: see `reset::check_rates`.
    let (step_up_minutes, resets_per_actor_per_hour) = (Some(240), Some(0));
    world.settings(ChangeSettings {
        step_up_minutes,
        resets_per_actor_per_hour,
        ..ChangeSettings::default()
    });
    world.super_administrator("root");
    world.super_administrator("boss");
    world.enrolled("jane", "help-desk");
    world.enrolled("jim", "system-administrator");
    world.enrolled("joe", "general-staff");
    world.person("jill", "auditor");
    service_account(&mut world, mfa_ledger_schemas::Scope::ALL);
    world
}

#[test]
fn the_small_world_has_people_of_every_kind() {
    let world = small_world();
    assert_eq!(world.state.directory.administrators().count(), 6);
    let joe = world.state.directory.by_user_name("joe").expect("registered").id;
    assert!(world.it(joe).mfa.enrolled.is_some());
}
