//! Years of believable events: administrators who log in on working days, read, fail now and then, lose phones, and
//! are reset by a few help desks.

use mfa_ledger_schemas::bodies::{self, Annex, Commitment, MfaReset, ResetStory};
use mfa_ledger_schemas::{
    Actor, ActorKind, AdministratorId, AnnexId, ApprovalPolicy, CommandName, Context, CredentialId, Event,
    EventId, Instant, LogInFailure, MfaStatus, Origin, Record, RefusalCode, ResetReason, RoleId, SessionId,
    SessionStage, StreamName, Target, VerificationMethod,
};

/// Administrators of the history; the last ones are the help desk.
pub const PEOPLE: u64 = 2_000;
const HELP_DESK: u64 = 20;
/// When it begins: 4 January 2021, a Monday.
const BEGIN: i64 = 1_609_718_400;
/// And ends: the records are spread evenly until 2 May 2026.
const END: i64 = 1_777_680_000;

fn id(number: u64, kind: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&kind.to_be_bytes());
    id[8..].copy_from_slice(&number.to_be_bytes());
    id
}

/// Spreads numbers without order, and the same in each run.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub fn person(who: u64) -> AdministratorId {
    AdministratorId::from_bytes(id(who, 1))
}

pub fn name(who: u64) -> String {
    if who >= PEOPLE - HELP_DESK { format!("help.desk{who}") } else { format!("person.{who}") }
}

fn role(who: u64) -> RoleId {
    let role = if who >= PEOPLE - HELP_DESK { "help-desk" } else { "general-staff" };
    role.parse().expect("a role id")
}

fn story(number: u64) -> ResetStory {
    let reasons = ResetReason::ALL;
    ResetStory {
        reason: Some(reasons[usize::try_from(mixed(number) % reasons.len() as u64).expect("few")]),
        verification: Some(VerificationMethod::VideoCall),
        requested_at: None,
        ticket: Some(format!("INC-{number:07}")),
        words: None,
        reset_request: None,
    }
}

/// Who acts upon whom, and what happens.
fn event(number: u64, at: Instant) -> (u64, u64, Event) {
    if number < PEOPLE {
        let event = bodies::AdministratorRegistered {
            administrator: AdministratorId::from_bytes(id(number, 1)),
            user_name: name(number),
            role: role(number),
            super_administrator: false,
            password: CredentialId::from_bytes(id(number, 2)),
            password_expires: at.plus_hours(72),
            personal: Annex { id: AnnexId::from_bytes(id(number, 3)), commitment: Commitment([1; 32]) },
        };
        return (PEOPLE - 1, number, event.into());
    }
    let dice = mixed(number);
    let who = (dice >> 32) % PEOPLE;
    let administrator = AdministratorId::from_bytes(id(who, 1));
    let desk = PEOPLE - 1 - (dice >> 20) % HELP_DESK;
    match dice % 1_000 {
        0..4 => (desk, who, reset(administrator, who, number, at).into()),
        4..6 => {
            let code = RefusalCode::VerificationRequired;
            let command = CommandName::ResetMfa;
            let event = bodies::CommandRefused { command, code, story: Some(story(number)), retry_at: None };
            (desk, who, event.into())
        }
        6..40 => (who, who, failed(administrator).into()),
        40..46 => (who, who, enabled(administrator, who, number, at).into()),
        46..500 => (who, who, bodies::SessionsRevoked { administrator, sessions_ended: 1 }.into()),
        _ => (who, who, started(administrator, number, at).into()),
    }
}

fn started(administrator: AdministratorId, number: u64, at: Instant) -> bodies::SessionStarted {
    bodies::SessionStarted {
        administrator,
        session: SessionId::from_bytes(id(number, 4)),
        stage: SessionStage::Done,
        expires: at.plus_hours(12),
        device_known: !number.is_multiple_of(50),
        password_change_due: false,
    }
}

fn failed(administrator: AdministratorId) -> bodies::LogInFailed {
    bodies::LogInFailed {
        administrator: Some(administrator),
        unknown_name: None,
        cause: LogInFailure::WrongPassword,
        device_known: true,
        consecutive: 1,
        next_attempt: None,
    }
}

fn enabled(administrator: AdministratorId, who: u64, number: u64, at: Instant) -> bodies::MfaEnabled {
    bodies::MfaEnabled {
        administrator,
        credential: CredentialId::from_bytes(id(number, 5)),
        step: number,
        backup_codes: CredentialId::from_bytes(id(number, 6)),
        backup_codes_count: 10,
        session: SessionId::from_bytes(id(who, 4)),
        expires: at.plus_hours(12),
        sessions_ended: 0,
    }
}

fn reset(administrator: AdministratorId, who: u64, number: u64, at: Instant) -> MfaReset {
    MfaReset {
        administrator,
        story: story(number),
        approved_by: None,
        approved_at: None,
        approval_policy: ApprovalPolicy::Off,
        under_suspicion: false,
        performer_verified_at: Some(at),
        break_glass: false,
        credential: CredentialId::from_bytes(id(who, 5)),
        enrolled_at: at,
        backup_codes: CredentialId::from_bytes(id(who, 6)),
        backup_codes_left: 7,
        status_before: MfaStatus::Enabled,
        status_after: MfaStatus::NotEnabled,
        sessions_ended: Vec::new(),
        totp_failures: 0,
        backup_code_failures: 0,
        epoch: 1,
        must_enroll: true,
    }
}

pub fn record(number: u64, of: u64) -> Record {
    let share = i128::from(END - BEGIN) * 1_000 * i128::from(number) / i128::from(of.max(1));
    let at = Instant::from_unix_ms(BEGIN * 1_000 + i64::try_from(share).expect("a time"));
    let (actor, target, event) = event(number, at);
    let administrator = AdministratorId::from_bytes(id(target, 1));
    Record {
        id: EventId::from_bytes(id(number, 7)),
        stream: StreamName::Administrator(administrator),
        reads: Vec::new(),
        at,
        actor: Actor {
            kind: ActorKind::Administrator,
            administrator: Some(AdministratorId::from_bytes(id(actor, 1))),
            service_account: None,
            name: name(actor),
            role: Some(role(actor)),
            session: Some(SessionId::from_bytes(id(actor, 4))),
        },
        target: Some(Target {
            administrator,
            user_name: name(target),
            role: role(target),
            super_admin: false,
        }),
        origin: Origin {
            address: Some(format!("10.{}.{}.7", actor / 250, actor % 250)),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0".to_owned()),
        },
        request: format!("{number:032x}"),
        idempotency: None,
        context: Context::default(),
        event,
    }
}
