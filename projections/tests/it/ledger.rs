//! A log by hand: records without the rules that would have made them.

use mfa_ledger_projections::{Fate, State};
use mfa_ledger_schemas::bodies::{self, Annex, Commitment, MfaReset, ResetStory};
use mfa_ledger_schemas::{
    Actor, ActorKind, AdministratorId, AnnexId, ApprovalPolicy, CommandName, Context, CredentialId, Event,
    EventId, Idempotency, Instant, LogInFailure, MfaStatus, Origin, Position, Read, Record, RefusalCode,
    ResetReason, RoleId, SessionId, SessionStage, StreamName, Target, VerificationMethod,
};

pub struct Ledger {
    pub records: Vec<Record>,
    pub state: State,
    pub now: Instant,
}

pub fn adm(number: u8) -> AdministratorId {
    AdministratorId::from_bytes([number; 16])
}

pub fn ses(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

pub fn name(number: u8) -> String {
    format!("person-{number}")
}

fn role() -> RoleId {
    "help-desk".parse().expect("a role id")
}

pub fn annex(number: u8) -> Annex {
    Annex { id: AnnexId::from_bytes([number; 16]), commitment: Commitment([number; 32]) }
}

impl Ledger {
    pub fn new() -> Self {
        Self { records: Vec::new(), state: State::default(), now: Instant::from_unix_seconds(1_800_000_000) }
    }

    /// A record on an administrator's stream, by an actor, a second later, not folded yet.
    pub fn record(&mut self, actor: u8, target: u8, event: impl Into<Event>) -> Record {
        self.now = self.now.plus_seconds(1);
        let stream = StreamName::Administrator(adm(target));
        let position = self.state.tip(&stream);
        Record {
            id: EventId::from_bytes([0; 16]),
            reads: vec![Read { stream: stream.clone(), position }],
            stream,
            at: self.now,
            actor: Actor {
                kind: ActorKind::Administrator,
                administrator: Some(adm(actor)),
                service_account: None,
                name: name(actor),
                role: Some(role()),
                session: Some(ses(actor)),
            },
            target: Some(Target {
                administrator: adm(target),
                user_name: name(target),
                role: role(),
                super_admin: false,
            }),
            origin: Origin { address: Some(format!("192.0.2.{actor}")), user_agent: None },
            request: "req".to_owned(),
            idempotency: None,
            context: Context::default(),
            event: event.into(),
        }
    }

    pub fn push(&mut self, record: Record) -> Position {
        let position = Position(self.state.position().0 + 1);
        assert_eq!(self.state.apply(position, &record), Ok(Fate::Effective));
        self.records.push(record);
        position
    }

    pub fn add(&mut self, actor: u8, target: u8, event: impl Into<Event>) -> Position {
        let record = self.record(actor, target, event);
        self.push(record)
    }

    pub fn keyed(&mut self, actor: u8, key: &str, fingerprint: u8) -> Position {
        let mut record = self.record(
            actor,
            actor,
            bodies::SessionsRevoked { administrator: adm(actor), sessions_ended: 0 },
        );
        record.idempotency = Some(Idempotency { key: key.to_owned(), fingerprint: [fingerprint; 32] });
        self.push(record)
    }

    pub fn register(&mut self, who: u8) -> Position {
        let password_expires = self.now.plus_hours(72);
        self.add(
            0,
            who,
            bodies::AdministratorRegistered {
                administrator: adm(who),
                user_name: name(who),
                role: role(),
                super_administrator: false,
                password: CredentialId::from_bytes([who; 16]),
                password_expires,
                personal: annex(who),
            },
        )
    }

    pub fn log_in(&mut self, who: u8, session: u8, stage: SessionStage, hours: i64) -> Position {
        let expires = self.now.plus_hours(hours);
        self.add(
            who,
            who,
            bodies::SessionStarted {
                administrator: adm(who),
                session: ses(session),
                stage,
                expires,
                device_known: false,
                password_change_due: false,
            },
        )
    }

    pub fn enable(&mut self, who: u8) -> Position {
        let expires = self.now.plus_hours(12);
        self.add(
            who,
            who,
            bodies::MfaEnabled {
                administrator: adm(who),
                credential: CredentialId::from_bytes([100 + who; 16]),
                step: 1,
                backup_codes: CredentialId::from_bytes([200; 16]),
                backup_codes_count: 10,
                session: ses(who),
                expires,
                sessions_ended: 0,
            },
        )
    }

    pub fn reset(&mut self, actor: u8, who: u8, ticket: &str) -> Position {
        let event = MfaReset {
            administrator: adm(who),
            story: story(ticket),
            approved_by: None,
            approved_at: None,
            approval_policy: ApprovalPolicy::Off,
            under_suspicion: false,
            performer_verified_at: Some(self.now),
            break_glass: false,
            credential: CredentialId::from_bytes([100 + who; 16]),
            enrolled_at: self.now,
            backup_codes: CredentialId::from_bytes([200; 16]),
            backup_codes_left: 10,
            status_before: MfaStatus::Enabled,
            status_after: MfaStatus::NotEnabled,
            sessions_ended: Vec::new(),
            totp_failures: 0,
            backup_code_failures: 0,
            epoch: 1,
            must_enroll: false,
        };
        self.add(actor, who, event)
    }

    pub fn refuse(&mut self, actor: u8, who: u8, code: RefusalCode, ticket: &str) -> Position {
        self.add(
            actor,
            who,
            bodies::CommandRefused {
                command: CommandName::ResetMfa,
                code,
                story: Some(story(ticket)),
                retry_at: None,
            },
        )
    }

    /// A wrong password for an account, from a place that is not known.
    pub fn mistype(&mut self, who: u8, consecutive: u32) -> Position {
        self.add(
            0,
            who,
            bodies::LogInFailed {
                administrator: Some(adm(who)),
                unknown_name: None,
                cause: LogInFailure::WrongPassword,
                device_known: false,
                consecutive,
                next_attempt: None,
            },
        )
    }

    pub fn stranger(&mut self, hash: &str, consecutive: u32) -> Position {
        let mut record = self.record(
            0,
            0,
            bodies::LogInFailed {
                administrator: None,
                unknown_name: Some(hash.to_owned()),
                cause: LogInFailure::UnknownUser,
                device_known: false,
                consecutive,
                next_attempt: None,
            },
        );
        record.actor = Actor::anonymous();
        record.target = None;
        record.stream = StreamName::Strangers;
        record.reads.clear();
        self.push(record)
    }
}

pub fn story(ticket: &str) -> ResetStory {
    ResetStory {
        reason: Some(ResetReason::NewPhone),
        verification: Some(VerificationMethod::VideoCall),
        requested_at: None,
        ticket: Some(ticket.to_owned()),
        words: None,
        reset_request: None,
    }
}
