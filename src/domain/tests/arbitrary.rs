//! Any sequence of commands: no panic, nothing void at once, and what is not void is still true.

use mfa_ledger_projections::{Administrator, Fate};
use mfa_ledger_schemas::limits::STORED_BYTES;
use mfa_ledger_schemas::{
    AdministratorId, ApprovalPolicy, LedgerId, Permission, Personal, Position, ResetRequestId, RoleId, Scope,
    ServiceAccountId, SessionId, VerificationMethod, codec,
};
use proptest::prelude::*;

use super::attempt::{Attempt, FactorProof, confirm, disable, regenerate, typed, verify};
use super::world::{ELSEWHERE, OFFICE, World, operator, small_world};
use crate::command::{
    ApproveMfaReset, AssignRole, CancelMfaEnrollment, ChangeAdministrator, ChangeSettings, ClearSuspicion,
    CreateServiceAccount, DeactivateAdministrator, DeclineMfaReset, DefineRole, Documented, EnrollMfa,
    ErasePersonalData, ExportActivity, LogIn, LogOut, ReactivateAdministrator, ReadActivity, RecordFollowUp,
    RegisterAdministrator, ReportSuspiciousRequest, RepudiateReset, RequestMfaReset, ResetPassword,
    ResumeServiceAccount, RevokeServiceAccount, RevokeSessions, SetPassword, VerifyForHost,
};
use crate::{Caller, Decision, Evidence, READ, Undecided};

const KINDS: u8 = 31;
const ROLES: [&str; 4] = ["general-staff", "help-desk", "system-administrator", "auditor"];

/// One command, told by a few bytes: who, what, to whom, and two details.
pub type Choice = (u8, u8, u8, u8, u8);

pub fn choices(most: usize) -> impl Strategy<Value = Vec<Choice>> {
    prop::collection::vec((0_u8..12, 0..KINDS, any::<u8>(), any::<u8>(), any::<u8>()), 1..most)
}

pub fn pick<T: Clone>(all: impl Iterator<Item = T>, choice: u8) -> Option<T> {
    let all: Vec<T> = all.collect();
    all.get(usize::from(choice) % all.len().max(1)).cloned()
}

fn somebody(world: &mut World, choice: u8) -> AdministratorId {
    let ghost = world.id(AdministratorId::from_bytes);
    if choice > 250 {
        return ghost;
    }
    pick(world.state.directory.administrators().map(|it| it.id), choice).unwrap_or(ghost)
}

fn caller(world: &mut World, choice: u8, detail: u8) -> Caller {
    match choice {
        0 => operator(),
        1 => Caller::Anonymous,
        2 => match pick(world.state.directory.service_accounts().map(|it| it.id), detail) {
            Some(account) => Caller::ServiceAccount(account),
            None => Caller::Anonymous,
        },
        _ => {
            let administrator = somebody(world, choice);
            let sessions = world.state.directory.administrator(administrator).map(|it| it.sessions.clone());
            let session = pick(sessions.into_iter().flatten(), detail);
            Caller::Session { administrator, session: session.unwrap_or(SessionId::from_bytes([0; 16])) }
        }
    }
}

fn begun(world: &World) -> Option<Caller> {
    let it = world.state.directory.administrators().find(|it| it.mfa.pending.is_some())?;
    Some(Caller::Session { administrator: it.id, session: *it.sessions.first()? })
}

/// One of these people, in a session in which they proved MFA.
pub fn proved(world: &World, choice: u8, who: impl Fn(&Administrator) -> bool) -> Option<Caller> {
    let all = world.state.directory.administrators().filter(|it| who(it));
    let sessions =
        all.flat_map(|it| it.sessions.iter()).filter_map(|id| world.state.directory.session(*id, world.now));
    let proved = sessions.filter(|session| session.verified_at.is_some());
    let session = pick(proved, choice)?;
    Some(Caller::Session { administrator: session.administrator, session: session.id })
}

fn proof(world: &mut World, who: AdministratorId, choice: u8) -> FactorProof {
    let step = world.step();
    let Some(it) = world.state.directory.administrator(who) else {
        return FactorProof::not_looked(mfa_ledger_schemas::Factor::Totp);
    };
    let enrolled = it.mfa.enrolled.as_ref();
    let seed = enrolled.map(|enrolled| enrolled.credential);
    let seed = seed.or(it.mfa.pending.as_ref().map(|pending| pending.credential));
    match (choice % 6, seed, enrolled) {
        (0, Some(credential), _) => FactorProof::totp(credential, None, Some(-9)),
        (1, _, Some(enrolled)) => FactorProof::backup_code(enrolled.backup_codes, Some(choice % 11)),
        (2, ..) => FactorProof::not_looked(mfa_ledger_schemas::Factor::BackupCode),
        (_, Some(credential), _) => FactorProof::totp(credential, Some(step), None),
        _ => FactorProof::not_looked(mfa_ledger_schemas::Factor::Totp),
    }
}

fn role(choice: u8) -> RoleId {
    let name = if choice > 250 { "no-such-role" } else { ROLES[usize::from(choice) % ROLES.len()] };
    name.parse().expect("a role id")
}

fn documented(world: &World, choice: u8) -> Documented {
    let mut story = world.documented();
    if choice > 200 {
        story.verification = pick(VerificationMethod::ALL.iter().copied(), choice);
    }
    if choice.is_multiple_of(3) {
        story.reset_request = pick(world.state.directory.reset_requests().map(|it| it.id), choice);
    }
    story
}

fn settings(a: u8, b: u8) -> ChangeSettings {
    let mut change = ChangeSettings::default();
    match a % 6 {
        0 => change.mfa_available = Some(!b.is_multiple_of(4)),
        1 => change.mfa_required_for_all = Some(b.is_multiple_of(2)),
        2 => change.approval = pick(ApprovalPolicy::ALL.iter().copied(), b),
        3 => change.resets_per_target_per_day = Some(u16::from(b % 4)),
        4 => change.step_up_minutes = Some(u16::from(b) * 4),
        _ => change.issuer = Some(format!("issuer {b}")),
    }
    change
}

/// What the bytes of a choice stand for.
struct Draw {
    me: AdministratorId,
    target: AdministratorId,
    note: Option<String>,
    a: u8,
    b: u8,
}

fn any_command(world: &mut World, caller: &Caller, (_, kind, who, a, b): Choice) -> Attempt {
    let me = match caller {
        Caller::Session { administrator, .. } => *administrator,
        _ => somebody(world, a),
    };
    let target = somebody(world, who);
    let note = a.is_multiple_of(2).then(|| "a note".to_owned());
    let draw = Draw { me, target, note, a, b };
    let sealed = draw.note.is_some();
    let attempt = match kind {
        0..=10 => about_accounts(world, kind, draw),
        11..=22 => about_factors(world, kind, &draw),
        _ => about_resets(world, kind, draw),
    };
    Attempt { sealed: attempt.sealed || sealed, ..attempt }
}

fn about_accounts(world: &mut World, kind: u8, draw: Draw) -> Attempt {
    let Draw { me, target, note, a, b } = draw;
    match kind {
        0 => Attempt::of(RegisterAdministrator {
            user_name: format!("new-{}", a % 4),
            role: role(b),
            super_administrator: a.is_multiple_of(5),
            personal: Personal::default(),
        }),
        1 | 2 => Attempt::of(ChangeAdministrator {
            administrator: target,
            user_name: (!a.is_multiple_of(3)).then(|| format!("new-{}", a % 4)),
            super_administrator: (!b.is_multiple_of(3)).then_some(b.is_multiple_of(2)),
            display_name: note,
            emails: None,
        }),
        3 => Attempt::of(DeactivateAdministrator { administrator: target, note }),
        4 => Attempt::of(ReactivateAdministrator { administrator: target, note }),
        5 => {
            let credential = world.state.directory.administrator(me).map(|it| it.password.credential);
            let new = if b.is_multiple_of(4) { "short" } else { "correct horse battery" };
            Attempt::of(SetPassword { current: typed(), new: new.to_owned().into() })
                .with(Evidence::Password { credential, fits: !a.is_multiple_of(3) })
        }
        6 => Attempt::of(ResetPassword { administrator: target }),
        7 => {
            let gone = world.state.directory.administrators().find(|it| !it.active).map(|it| it.id);
            Attempt::of(ErasePersonalData { administrator: gone.unwrap_or(target) })
        }
        8 => Attempt::of(DefineRole {
            role: role(a),
            name: format!("role {b}"),
            permissions: Permission::ALL.iter().copied().filter(|it| b >> it.code() & 1 == 1).collect(),
            mfa_required: b % 2 == 1,
        }),
        9 => Attempt::of(AssignRole { administrator: target, role: role(a) }),
        _ => Attempt::of(settings(a, b)),
    }
}

fn about_factors(world: &mut World, kind: u8, draw: &Draw) -> Attempt {
    let Draw { me, target, a, b, .. } = *draw;
    match kind {
        11..=13 => log_in(world, target, a, b),
        14 | 15 => verify(proof(world, me, b)),
        16 => {
            let proof = proof(world, target, b);
            Attempt::of(VerifyForHost { administrator: target, factor: proof.typed() }).with(proof.evidence)
        }
        17 => Attempt::of(LogOut),
        18 => Attempt::of(RevokeSessions { administrator: target }),
        19 => Attempt::of(EnrollMfa),
        20 => confirm(proof(world, me, b)),
        21 if a.is_multiple_of(2) => Attempt::of(CancelMfaEnrollment),
        21 => disable(proof(world, me, b)),
        _ => regenerate(proof(world, me, b)),
    }
}

fn about_resets(world: &mut World, kind: u8, draw: Draw) -> Attempt {
    let Draw { target, note, a, b, .. } = draw;
    let request = pick(world.state.directory.reset_requests().map(|it| it.id), a);
    let reset_request = request.unwrap_or(ResetRequestId::from_bytes([1; 16]));
    let reset = pick(world.state.resets.newest_first(None).map(|it| it.position), a).unwrap_or(Position(1));
    let account = pick(world.state.directory.service_accounts().map(|it| it.id), a);
    match kind {
        23 | 24 => {
            let mut command = world.reset_of(target);
            command.documented = documented(world, b);
            Attempt::of(command)
        }
        25 => Attempt::of(RequestMfaReset { administrator: target, documented: documented(world, b) }),
        26 if a.is_multiple_of(2) => Attempt::of(ApproveMfaReset { reset_request, note }),
        26 => Attempt::of(DeclineMfaReset { reset_request, note }),
        27 if b.is_multiple_of(3) => {
            let now = world.now;
            let suspected = world.state.directory.administrators().find(|it| it.suspected(now).is_some());
            Attempt::of(ClearSuspicion { administrator: suspected.map_or(target, |it| it.id), note })
        }
        27 => Attempt::of(ReportSuspiciousRequest {
            administrator: Some(target),
            reset_request: request,
            red_flags: std::collections::BTreeSet::new(),
            description: note,
        }),
        28 if a.is_multiple_of(2) => Attempt::of(RecordFollowUp { reset, notified: None, note }),
        28 => Attempt::of(RepudiateReset { reset, note }),
        29 if a.is_multiple_of(2) => Attempt::of(CreateServiceAccount {
            name: "program".to_owned(),
            scopes: Scope::ALL.iter().copied().filter(|it| b >> it.code() & 1 == 1).collect(),
            expires: None,
        }),
        29 if b.is_multiple_of(4) => Attempt::of(ResumeServiceAccount {
            service_account: account.unwrap_or(ServiceAccountId::from_bytes([1; 16])),
        }),
        29 => Attempt::of(RevokeServiceAccount {
            service_account: account.unwrap_or(ServiceAccountId::from_bytes([1; 16])),
        }),
        30 if a.is_multiple_of(2) => Attempt::of(ReadActivity { query: "q".to_owned(), right: READ }),
        _ => Attempt::of(ExportActivity { format: "csv".to_owned(), query: String::new() }),
    }
}

fn log_in(world: &mut World, target: AdministratorId, a: u8, b: u8) -> Attempt {
    let found = world.state.directory.administrator(target);
    let user_name = found.map_or_else(|| format!("new-{}", a % 4), |it| it.user_name.clone());
    let found = world.state.directory.by_user_name(&user_name);
    let credential = found.map(|it| it.password.credential);
    let fits = credential.is_some() && !b.is_multiple_of(4);
    let address = if a.is_multiple_of(3) { ELSEWHERE } else { OFFICE };
    Attempt::of(LogIn { name_hash: user_name.clone(), user_name, password: typed() })
        .with(Evidence::Password { credential, fits })
        .from(Some(address))
}

fn version(world: &World, caller: &Caller, attempt: &Attempt, choice: u8) -> Option<Position> {
    match choice % 5 {
        0 => world.version(caller, attempt),
        1 => Some(Position(3)),
        _ => None,
    }
}

pub fn next(world: &mut World, choice: Choice) -> (Caller, Attempt) {
    let likely = match choice.1 {
        // Begun enrollments are rare: whoever has one goes on with it.
        20 | 21 => begun(world),
        // So are approvals: much has to be right for one.
        26 if choice.4.is_multiple_of(2) => proved(world, choice.3, |it| it.super_administrator),
        _ => None,
    };
    let caller = likely.unwrap_or_else(|| caller(world, choice.0, choice.3));
    let command = any_command(world, &caller, choice);
    let expected = version(world, &caller, &command, choice.4);
    // The same ids, however often it is decided.
    let fresh = Some(world.id(|id| id));
    (caller, Attempt { expected, fresh, ..command })
}

pub fn decided(world: &World, (caller, attempt): &(Caller, Attempt)) -> Result<Decision, Undecided> {
    world.decide(caller, attempt)
}

pub fn seconds(choice: Choice) -> i64 {
    if choice.4 > 248 { 3_600 } else { i64::from(choice.4 % 32) }
}

proptest! {
    #[test]
    fn deciding_never_panics_and_what_is_decided_is_not_void_at_once_and_fits(list in choices(60)) {
        let mut world = small_world();
        for choice in list {
            world.wait_seconds(seconds(choice));
            let asked = next(&mut world, choice);
            let Ok(decision) = decided(&world, &asked) else { continue };
            prop_assert_eq!(&decided(&world, &asked), &Ok(decision.clone()), "the same again");
            prop_assert!(decision.reads.iter().any(|read| read.stream == decision.stream));
            let record = world.record(decision, Some(OFFICE));
            let stored = codec::encode(LedgerId::from_bytes([9; 16]), &record).expect("encodes");
            prop_assert!(stored.len() <= STORED_BYTES);
            prop_assert_eq!(world.apply(&record), Fate::Effective);
            let counts = |it: &&Administrator| it.super_administrator && it.can_log_in();
            prop_assert!(world.state.directory.administrators().any(|it| counts(&it)), "somebody stays");
        }
    }

    /// Two decisions on one state: whichever comes second is void, or would be decided so again.
    #[test]
    fn what_is_not_void_after_another_record_is_what_would_be_decided_then(
        list in choices(40),
        pairs in prop::collection::vec((choices(2), choices(2)), 12),
    ) {
        let mut world = small_world();
        for choice in list {
            world.wait_seconds(seconds(choice));
            let asked = next(&mut world, choice);
            if let Ok(decision) = decided(&world, &asked) {
                let record = world.record(decision, Some(OFFICE));
                world.apply(&record);
            }
        }
        for (first, second) in pairs {
            let mut world = world.clone();
            let [first, second] = [first[0], second[0]].map(|choice| next(&mut world, choice));
            let (Ok(before), Ok(late)) = (decided(&world, &first), decided(&world, &second)) else { continue };
            let record = world.record(before, Some(OFFICE));
            world.apply(&record);
            let again = decided(&world, &second);
            let folded = (world.state.directory.clone(), world.state.resets.clone(), world.state.keys.clone());
            let record = world.record(late.clone(), Some(OFFICE));
            if world.apply(&record) == Fate::Effective {
                let again = again.expect("still decided");
                prop_assert_eq!(again.event, late.event, "after {:?}", first);
                prop_assert_eq!((again.actor, again.target), (late.actor, late.target));
            } else {
                let after = (world.state.directory, world.state.resets, world.state.keys);
                prop_assert!(folded == after, "a void record changes nothing");
            }
        }
    }
}

/// The properties above are worth as much as their commands reach.
#[test]
fn arbitrary_commands_reach_every_event_that_is_decided_here() {
    use mfa_ledger_schemas::Event;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..450 {
        let mut world = small_world();
        for choice in choices(60).new_tree(&mut runner).expect("a list").current() {
            world.wait_seconds(seconds(choice));
            let asked = next(&mut world, choice);
            if let Ok(decision) = decided(&world, &asked) {
                reached.insert(decision.event.kind());
                let record = world.record(decision, Some(OFFICE));
                world.apply(&record);
            }
        }
    }
    // Alerts, silences, notices, webhooks, what operators do to log and vault, what follows from that, and what parts of the
    // system do have tests of their own.
    let elsewhere = [
        "alert.",
        "rule.",
        "notification.",
        "log.",
        "vault.",
        "webhook.",
        "service_account.resumed",
        "password.rehashed",
    ];
    let missed: Vec<_> = Event::KINDS
        .iter()
        .filter(|(kind, _, action)| {
            !reached.contains(kind) && !elsewhere.iter().any(|room| action.starts_with(room))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}
