//! A log by hand: what happened on which day, without the rules of the house.

use std::collections::BTreeMap;

use mfa_ledger::service::presets;
use mfa_ledger_schemas::bodies::{self, Annex, Commitment, MfaReset, ResetStory};
use mfa_ledger_schemas::{
    Actor, ActorKind, AdministratorId, AnnexId, ApprovalPolicy, CommandName, Context, CredentialId, Delivery,
    Event, EventId, Factor, FactorFailure, FactorUse, Instant, LedgerId, MfaStatus, NotificationChannel,
    Origin, Position, Record, RefusalCode, ResetReason, ResetRequestId, SessionId, SessionStage, StreamName,
    Target, VerificationMethod, codec,
};

/// Monday, 1 December 2025, 00:00 UTC.
const BEGIN: i64 = 1_764_547_200;
/// The log of every history.
pub const LEDGER: LedgerId = LedgerId::from_bytes([1; 16]);
/// Administrators from this number on are super administrators.
pub const SUPER: u8 = 200;

pub fn adm(number: u8) -> AdministratorId {
    AdministratorId::from_bytes([number; 16])
}

/// What happened, in order.
#[derive(Default)]
pub struct History {
    pub records: Vec<Record>,
    /// The records behind the alert that a rule is to raise.
    pub expected: BTreeMap<&'static str, Vec<Position>>,
    now: Option<Instant>,
}

impl History {
    /// Sets the time: a day, counted from the beginning, and a time of that day.
    pub fn at(&mut self, day: i64, hour: i64, minute: i64) {
        let now = Instant::from_unix_seconds(BEGIN).plus_hours(day * 24 + hour).plus_minutes(minute);
        assert!(self.now.is_none_or(|before| before <= now), "time does not go back");
        self.now = Some(now);
    }

    pub fn pass(&mut self, minutes: i64) {
        self.now = Some(self.time().plus_minutes(minutes));
    }

    pub fn time(&self) -> Instant {
        self.now.unwrap_or(Instant::from_unix_seconds(BEGIN))
    }

    /// The beginning of a day.
    pub fn day(day: i64) -> Instant {
        Instant::from_unix_seconds(BEGIN).plus_hours(day * 24)
    }

    pub fn expect(&mut self, rule: &'static str, positions: &[Position]) {
        assert_eq!(self.expected.insert(rule, positions.to_vec()), None, "each attack once");
    }

    /// A record by an administrator (0 for the machine's operator) about another one (0 for none).
    pub fn add(&mut self, actor: u8, target: u8, event: impl Into<Event>) -> Position {
        let operator = actor == 0;
        let record = Record {
            id: EventId::from_bytes([0; 16]),
            stream: if target == 0 { StreamName::Settings } else { StreamName::Administrator(adm(target)) },
            reads: Vec::new(),
            at: self.time(),
            actor: Actor {
                kind: if operator { ActorKind::Operator } else { ActorKind::Administrator },
                administrator: (!operator).then(|| adm(actor)),
                service_account: None,
                name: if operator { "root".to_owned() } else { format!("person-{actor}") },
                role: (!operator).then(|| "help-desk".parse().expect("a role id")),
                session: None,
            },
            target: (target > 0).then(|| Target {
                administrator: adm(target),
                user_name: format!("person-{target}"),
                role: "help-desk".parse().expect("a role id"),
                super_admin: target >= SUPER,
            }),
            origin: Origin { address: Some("192.0.2.7".to_owned()), user_agent: None },
            request: "history".to_owned(),
            idempotency: None,
            context: Context::default(),
            event: event.into(),
        };
        self.records.push(record);
        Position(self.records.len() as u64)
    }

    /// The stored bytes of every record.
    pub fn stored(&self) -> Vec<Vec<u8>> {
        self.records.iter().map(|record| codec::encode(LEDGER, record).expect("it fits")).collect()
    }

    pub fn settings(&mut self) -> Position {
        let settings = presets::settings();
        self.add(
            0,
            0,
            bodies::SettingsChanged { settings, changed: vec!["business_hours".to_owned()], weakened: false },
        )
    }

    pub fn register(&mut self, who: u8) -> Position {
        let event = bodies::AdministratorRegistered {
            administrator: adm(who),
            user_name: format!("person-{who}"),
            role: "help-desk".parse().expect("a role id"),
            super_administrator: who >= SUPER,
            password: CredentialId::from_bytes([who; 16]),
            password_expires: self.time().plus_hours(72),
            personal: Annex { id: AnnexId::from_bytes([who; 16]), commitment: Commitment([who; 32]) },
        };
        self.add(0, who, event)
    }

    pub fn assign(&mut self, who: u8) -> Position {
        let role = |name: &str| name.parse().expect("a role id");
        let (role, previous) = (role("it-administrator"), role("help-desk"));
        self.add(0, who, bodies::RoleAssigned { administrator: adm(who), role, previous })
    }

    pub fn enroll(&mut self, who: u8) -> Position {
        let event = bodies::MfaEnabled {
            administrator: adm(who),
            credential: CredentialId::from_bytes([who; 16]),
            step: 1,
            backup_codes: CredentialId::from_bytes([who; 16]),
            backup_codes_count: 10,
            session: SessionId::from_bytes([who; 16]),
            expires: self.time().plus_hours(12),
            sessions_ended: 0,
        };
        self.add(who, who, event)
    }

    /// A reset, after which nobody enrolls.
    pub fn reset_for_good(&mut self, actor: u8, who: u8) -> Position {
        let event = MfaReset {
            administrator: adm(who),
            story: story(),
            approved_by: None,
            approved_at: None,
            approval_policy: ApprovalPolicy::Off,
            under_suspicion: false,
            performer_verified_at: None,
            break_glass: false,
            credential: CredentialId::from_bytes([who; 16]),
            enrolled_at: self.time(),
            backup_codes: CredentialId::from_bytes([who; 16]),
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

    /// A reset, and the new enrollment two minutes later.
    pub fn reset(&mut self, actor: u8, who: u8) -> Position {
        let position = self.reset_for_good(actor, who);
        self.pass(2);
        self.enroll(who);
        position
    }

    pub fn refuse(&mut self, actor: u8, who: u8, code: RefusalCode) -> Position {
        let story = Some(story());
        let command = CommandName::ResetMfa;
        self.add(actor, who, bodies::CommandRefused { command, code, story, retry_at: None })
    }

    pub fn log_in(&mut self, who: u8, device_known: bool) -> Position {
        let event = bodies::SessionStarted {
            administrator: adm(who),
            session: SessionId::from_bytes([who; 16]),
            stage: SessionStage::Done,
            expires: self.time().plus_hours(12),
            device_known,
            password_change_due: false,
        };
        self.add(who, who, event)
    }

    pub fn reset_password(&mut self, actor: u8, who: u8) -> Position {
        let event = bodies::PasswordReset {
            administrator: adm(who),
            password: CredentialId::from_bytes([who; 16]),
            replaced: CredentialId::from_bytes([who; 16]),
            expires: self.time().plus_hours(72),
            sessions_ended: 0,
        };
        self.add(actor, who, event)
    }

    pub fn wrong_code(&mut self, who: u8) -> Position {
        let event = bodies::SecondFactorFailed {
            administrator: adm(who),
            factor: Factor::Totp,
            used_for: FactorUse::LogIn,
            session: None,
            cause: FactorFailure::WrongCode,
            drift_steps: None,
            consecutive: 1,
            next_attempt: None,
            counts_apart: false,
        };
        self.add(who, who, event)
    }

    pub fn backup_code(&mut self, who: u8) -> Position {
        let event = bodies::BackupCodeUsed {
            administrator: adm(who),
            backup_codes: CredentialId::from_bytes([who; 16]),
            used_for: FactorUse::LogIn,
            session: None,
            expires: None,
            index: 0,
            left: 9,
            device_known: true,
        };
        self.add(who, who, event)
    }

    pub fn repudiate(&mut self, who: u8, reset: Position) -> Position {
        let administrator = adm(who);
        let event =
            bodies::ResetRepudiated { reset, administrator, frozen: true, sessions_ended: 0, note: None };
        self.add(who, who, event)
    }

    pub fn reactivate(&mut self, actor: u8, who: u8) -> Position {
        let event =
            bodies::AdministratorReactivated { administrator: adm(who), was_frozen: true, note: None };
        self.add(actor, who, event)
    }

    pub fn report(&mut self, actor: u8, who: u8) -> Position {
        let event = bodies::SuspiciousRequestReported {
            administrator: adm(who),
            reset_request: None,
            red_flags: Vec::new(),
            words: None,
            suspected_until: Some(self.time().plus_hours(24)),
        };
        self.add(actor, who, event)
    }

    pub fn change(&mut self, actor: u8, who: u8) -> Position {
        let event = bodies::AdministratorChanged {
            administrator: adm(who),
            user_name: None,
            super_administrator: None,
            personal: Some(Annex { id: AnnexId::from_bytes([who; 16]), commitment: Commitment([who; 32]) }),
            replaced: None,
        };
        self.add(actor, who, event)
    }

    pub fn weaken(&mut self, actor: u8) -> Position {
        let settings = presets::settings();
        let changed = vec!["step_up_minutes".to_owned()];
        self.add(actor, 0, bodies::SettingsChanged { settings, changed, weakened: true })
    }

    pub fn fail_notice(&mut self, who: u8, about: Position) -> Position {
        let event = bodies::NotificationRecorded {
            administrator: adm(who),
            about,
            channel: NotificationChannel::Email,
            delivery: Delivery::Failed,
            addresses: 1,
            attempts: 5,
            error: Some("no such host".to_owned()),
        };
        self.add(0, who, event)
    }

    pub fn request(&mut self, actor: u8, who: u8) -> Position {
        let number = u8::try_from(self.records.len() % 256).expect("a byte");
        let event = bodies::MfaResetRequested {
            reset_request: ResetRequestId::from_bytes([number; 16]),
            administrator: adm(who),
            story: story(),
            expires: self.time().plus_hours(24),
        };
        self.add(actor, who, event)
    }

    /// Somebody approves a request about somebody.
    pub fn approve(&mut self, actor: u8, who: u8) -> Position {
        let event = bodies::MfaResetApproved {
            reset_request: ResetRequestId::from_bytes([who; 16]),
            administrator: adm(who),
            note: None,
        };
        self.add(actor, who, event)
    }

    /// A reset that somebody else approved.
    pub fn approved_reset(&mut self, actor: u8, approver: u8, who: u8) -> Position {
        let position = self.reset(actor, who);
        let index = usize::try_from(position.0 - 1).expect("a place");
        if let Event::MfaReset(event) = &mut self.records[index].event {
            event.approved_by = Some(adm(approver));
        }
        position
    }

    pub fn restore(&mut self) -> Position {
        let event = bodies::LogRestored {
            kept: 4,
            backup_at: None,
            sessions_ended: 2,
            service_accounts_suspended: 1,
            webhooks_suspended: 0,
            reset_requests_closed: 0,
            backup_codes_voided: 2,
        };
        self.add(0, 0, event)
    }

    pub fn accept_loss(&mut self) -> Position {
        let event = bodies::LossAccepted {
            reason: "the disk was replaced".to_owned(),
            found: "three records are gone".to_owned(),
            first_bad: Some(5),
            origin: "ledger".to_owned(),
            signed_size: Some(7),
            kept: 4,
            verifier: "key".to_owned(),
        };
        self.add(0, 0, event)
    }
}

fn story() -> ResetStory {
    ResetStory {
        reason: Some(ResetReason::NewPhone),
        verification: Some(VerificationMethod::VideoCall),
        requested_at: None,
        ticket: Some("T-1".to_owned()),
        words: None,
        reset_request: None,
    }
}
