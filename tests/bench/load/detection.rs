//! Rules over leaves: the whole pack on a mix of events, in one thread, against reading their JSON alone.

use std::sync::Arc;

use mfa_ledger::react::detect::{Engine, Rules};
use mfa_ledger_schemas::bodies::{
    ActivityRead, CommandRefused, MfaEnabled, RoleAssigned, SecondFactorFailed, SessionStarted,
};
use mfa_ledger_schemas::{
    Actor, ActorKind, AdministratorId, CommandName, Context, CredentialId, Event, EventId, Factor,
    FactorFailure, FactorUse, Instant, LedgerId, Origin, Position, Record, RefusalCode, SessionId,
    SessionStage, StreamName, Target, leaf,
};
use tokio::time::Instant as Moment;

use super::table::Figure;
use super::{Outcome, median, per_second};

const LEAVES: u64 = 100_000;
const ROUNDS: usize = 3;
/// Administrators that take turns.
const PEOPLE: u64 = 5_000;

/// Events a second with the whole pack.
pub fn measure() -> Outcome<Figure> {
    let leaves: Vec<String> = (0..LEAVES).map(leaf_of).collect::<Result<_, _>>()?;
    let rules = Arc::new(Rules::pack());
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Moment::now();
        for text in &leaves {
            let value: serde_json::Value = serde_json::from_str(text)?;
            std::hint::black_box(value);
        }
        floors.push(per_second(LEAVES, begun.elapsed()));
        let mut engine = Engine::new(&rules);
        let begun = Moment::now();
        for (position, text) in (1..).zip(&leaves) {
            std::hint::black_box(engine.take(Position(position), text, false)?);
        }
        ours.push(per_second(LEAVES, begun.elapsed()));
        assert!(engine.groups() > 0, "the mix is one that rules look at");
    }
    let (what, floor) = ("events through all rules, one thread", median(floors));
    Ok(Figure::per_second(what, median(ours), "20,000/s").against("reading their JSON", floor))
}

fn adm(number: u64) -> AdministratorId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    AdministratorId::from_bytes(bytes)
}

/// Log-ins for the most part; one in ten is something that a rule of the pack counts.
fn leaf_of(number: u64) -> Outcome<String> {
    let who = number.wrapping_mul(2_654_435_761) % PEOPLE;
    let at = Instant::from_unix_seconds(1_764_547_200 + i64::try_from(number / 20)?);
    let role = || "help-desk".parse().expect("a role id");
    let event = event_of(number, who, at);
    let record = Record {
        id: EventId::from_bytes([0; 16]),
        stream: StreamName::Administrator(adm(who)),
        reads: Vec::new(),
        at,
        actor: Actor {
            kind: ActorKind::Administrator,
            administrator: Some(adm(who)),
            service_account: None,
            name: format!("person-{who}"),
            role: Some(role()),
            session: Some(SessionId::from_bytes([1; 16])),
        },
        target: Some(Target {
            administrator: adm(who),
            user_name: format!("person-{who}"),
            role: role(),
            super_admin: who == 0,
        }),
        origin: Origin { address: Some("192.0.2.7".to_owned()), user_agent: Some("bench/1.0".to_owned()) },
        request: format!("req-{number}"),
        idempotency: None,
        context: Context::default(),
        event,
    };
    Ok(leaf::render(LedgerId::from_bytes([1; 16]), &record, &[0; 32])?)
}

fn event_of(number: u64, who: u64, at: Instant) -> Event {
    let administrator = adm(who);
    match number % 20 {
        0 => {
            let (command, code) = (CommandName::ResetMfa, RefusalCode::ConfirmationRequired);
            CommandRefused { command, code, story: None, retry_at: None }.into()
        }
        1 => SecondFactorFailed {
            administrator,
            factor: Factor::Totp,
            used_for: FactorUse::LogIn,
            session: None,
            cause: FactorFailure::WrongCode,
            drift_steps: None,
            consecutive: 1,
            next_attempt: None,
            counts_apart: false,
        }
        .into(),
        2 => MfaEnabled {
            administrator,
            credential: CredentialId::from_bytes([1; 16]),
            step: 1,
            backup_codes: CredentialId::from_bytes([1; 16]),
            backup_codes_count: 10,
            session: SessionId::from_bytes([1; 16]),
            expires: at,
            sessions_ended: 0,
        }
        .into(),
        3 => {
            let role = |name: &str| name.parse().expect("a role id");
            RoleAssigned { administrator, role: role("auditor"), previous: role("help-desk") }.into()
        }
        4..8 => ActivityRead { minute: at, query: "limit=100".to_owned() }.into(),
        _ => SessionStarted {
            administrator,
            session: SessionId::from_bytes([1; 16]),
            stage: SessionStage::Done,
            expires: at,
            device_known: !number.is_multiple_of(7),
            password_change_due: false,
        }
        .into(),
    }
}
