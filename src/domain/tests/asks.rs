//! What each command requires of its caller: declared by the command, printed as one table, and tried.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use mfa_ledger_schemas::bodies::{
    AlertRaised, Commitment, LossAccepted, NotificationRecorded, SigningKeyRotated, VaultLossAccepted,
};
use mfa_ledger_schemas::{
    AdministratorId, AlertId, CommandName, Delivery, Event, NotificationChannel, Permission, Personal,
    Position, RefusalCode, ResetRequestId, Scope, ServiceAccountId, Severity, SilenceId, WebhookFault,
    WebhookForm, WebhookId, WebhookSigning,
};

use super::attempt::{Attempt, confirm, disable, regenerate, typed, verify};
use super::world::{World, id, operator, service_account};
use crate::command::*;
use crate::{Asks, Caller, Proof, READ, Rank};

/// The table as the manual has it.
const TABLE: &str = include_str!("../asks.md");

const WEBHOOK: WebhookId = WebhookId::from_bytes([9; 16]);
const ALERT: AlertId = AlertId::from_bytes([8; 16]);
const SILENCE: SilenceId = SilenceId::from_bytes([7; 16]);

/// A house in which every command has something to act upon.
struct Stage {
    world: World,
    /// May do everything.
    root: Caller,
    /// Acted upon.
    joe: AdministratorId,
    /// Deactivated.
    gone: AdministratorId,
    /// Was reset, by somebody else than root.
    reset: Position,
    request: ResetRequestId,
    program: ServiceAccountId,
    /// Suspended.
    resting: ServiceAccountId,
}

impl Stage {
    fn set() -> Self {
        let mut world = World::new();
        let Caller::ServiceAccount(resting) = service_account(&mut world, Scope::ALL) else {
            panic!("a program")
        };
        world.run(&operator(), Attempt::of(RecordRestore { kept: 1, backup_at: None }));
        let root = world.super_administrator("root");
        let desk = world.enrolled("desk", "system-administrator");
        let gone = id(&world.person("gone", "general-staff"));
        let was_reset = id(&world.enrolled("reset", "general-staff"));
        let joe = id(&world.enrolled("joe", "general-staff"));
        world.run(&operator(), Attempt::of(DeactivateAdministrator { administrator: gone, note: None }));
        world.reset(&desk, was_reset);
        let reset = world.state.position();
        let request = world.request(&desk, joe);
        world.run(&desk, report(joe));
        let program = match service_account(&mut world, Scope::ALL) {
            Caller::ServiceAccount(id) => id,
            other => panic!("{other:?} is no program"),
        };
        world.run(&operator(), webhook().fresh(WEBHOOK.bytes()));
        Self { world, root, joe, gone, reset, request, program, resting }
    }

    /// Every command that may be given in a session, about somebody else where it is about anybody.
    fn in_sessions(&self) -> Vec<Attempt> {
        let (administrator, note) = (self.joe, Some("why".to_owned()));
        let again = |attempt: Attempt| attempt.sealed();
        let mut all = self.about_accounts(note.as_ref());
        all.extend([
            again(Attempt::of(ApproveMfaReset { reset_request: self.request, note: note.clone() })),
            again(Attempt::of(DeclineMfaReset { reset_request: self.request, note: note.clone() })),
            again(Attempt::of(self.world.reset_of(administrator))),
            again(Attempt::of(RequestMfaReset { administrator, documented: self.world.documented() })),
            again(report(administrator)),
            again(Attempt::of(ClearSuspicion { administrator, note: note.clone() })),
            again(Attempt::of(RecordFollowUp { reset: self.reset, notified: None, note: note.clone() })),
            again(Attempt::of(RepudiateReset { reset: self.reset, note: note.clone() })),
            Attempt::of(ReadActivity { query: "q".to_owned(), right: READ }),
            Attempt::of(ExportActivity { format: "csv".to_owned(), query: String::new() }),
            Attempt::of(AcknowledgeAlert { alert: ALERT, note: note.clone() }),
            Attempt::of(ResolveAlert { alert: ALERT, false_positive: true, note: note.clone() }),
            Attempt::of(SilenceRule {
                rule: "many-resets".parse().expect("an id"),
                group: None,
                hours: 1,
                note,
            }),
            Attempt::of(EndSilence { silence: SILENCE }),
            Attempt::of(LogOut),
            Attempt::of(EnrollMfa),
            Attempt::of(CancelMfaEnrollment),
        ]);
        all
    }

    fn about_accounts(&self, note: Option<&String>) -> Vec<Attempt> {
        let administrator = self.joe;
        let role = || "general-staff".parse().expect("a role id");
        vec![
            Attempt::of(RegisterAdministrator {
                user_name: "new".to_owned(),
                role: role(),
                super_administrator: false,
                personal: Personal::default(),
            }),
            Attempt::of(ChangeAdministrator {
                administrator,
                user_name: None,
                super_administrator: None,
                display_name: None,
                emails: Some(vec!["new@example.org".to_owned()]),
            }),
            Attempt::of(DeactivateAdministrator { administrator, note: note.cloned() }),
            Attempt::of(ReactivateAdministrator { administrator: self.gone, note: note.cloned() }),
            Attempt::of(ResetPassword { administrator }),
            Attempt::of(ErasePersonalData { administrator: self.gone }),
            Attempt::of(RevokeSessions { administrator }),
            Attempt::of(AssignRole { administrator, role: "auditor".parse().expect("a role id") }),
            Attempt::of(DefineRole {
                role: "auditor".parse().expect("a role id"),
                name: "Auditor".to_owned(),
                permissions: BTreeSet::from([Permission::ManageMfa]),
                mfa_required: false,
            }),
            Attempt::of(ChangeSettings { step_up_minutes: Some(240), ..ChangeSettings::default() }),
            Attempt::of(CreateServiceAccount {
                name: "new".to_owned(),
                scopes: BTreeSet::new(),
                expires: None,
            }),
            Attempt::of(RevokeServiceAccount { service_account: self.program }),
            Attempt::of(ResumeServiceAccount { service_account: self.resting }),
            webhook().fresh([6; 16]),
            Attempt::of(ChangeWebhook {
                webhook: WEBHOOK,
                url: None,
                actions: None,
                form: None,
                description: Some("other".to_owned()),
                active: None,
            }),
            Attempt::of(RotateWebhookSecret { webhook: WEBHOOK }).fresh([5; 16]),
            Attempt::of(RemoveWebhook { webhook: WEBHOOK }),
            Attempt::of(TestWebhook { webhook: WEBHOOK }),
            Attempt::of(ResendDelivery { webhook: WEBHOOK, position: Position(1) }),
        ]
    }

    /// What is typed, and what parts of the system do.
    fn elsewhere(&self) -> Vec<Attempt> {
        let administrator = self.joe;
        let proof = self.world.code(administrator, None);
        vec![
            Attempt::of(self.world.log_in_command(administrator)),
            Attempt::of(SetPassword { current: typed(), new: typed() }),
            verify(proof),
            confirm(proof),
            disable(proof),
            regenerate(proof),
            Attempt::of(VerifyForHost { administrator, factor: proof.typed() }),
            Attempt::of(DisableWebhook { webhook: WEBHOOK, fault: WebhookFault::Gone, since: None }),
            Attempt::of(RaiseAlert(AlertRaised {
                alert: ALERT,
                rule: "many-resets".parse().expect("an id"),
                rule_sha256: Commitment([3; 32]),
                title: String::new(),
                severity: Severity::High,
                group: String::new(),
                positions: Vec::new(),
            })),
            Attempt::of(RecordNotification(NotificationRecorded {
                administrator,
                about: self.reset,
                channel: NotificationChannel::Email,
                delivery: Delivery::Sent,
                addresses: 1,
                attempts: 1,
                error: None,
            })),
            Attempt::of(AcceptLoss(LossAccepted {
                reason: String::new(),
                found: String::new(),
                first_bad: None,
                origin: String::new(),
                signed_size: None,
                kept: 1,
                verifier: String::new(),
            })),
            Attempt::of(AcceptVaultLoss(VaultLossAccepted {
                reason: String::new(),
                found: String::new(),
                vault: String::new(),
                passwords: 0,
                totp_seeds: 0,
                backup_codes: 0,
                webhook_secrets: 0,
                annexes: 0,
                reset_passwords_of: Vec::new(),
                reset_mfa_of: Vec::new(),
            })),
            Attempt::of(RehashPassword {
                administrator,
                replaced: self.world.it(administrator).password.credential,
                password: typed(),
            }),
            Attempt::of(RecordRestore { kept: 1, backup_at: None }),
            Attempt::of(RotateSigningKey(SigningKeyRotated {
                retired: String::new(),
                verifier: String::new(),
            })),
        ]
    }

    fn asks(&self) -> BTreeMap<&'static str, Asks> {
        let all = self.in_sessions().into_iter().chain(self.elsewhere());
        all.map(|attempt| (attempt.command.name().name(), self.world.asks_of(&self.root, &attempt))).collect()
    }

    /// What came of a command; the stage stays as it is.
    fn tried(&self, caller: &Caller, attempt: &Attempt) -> Event {
        self.world.decide(caller, attempt).expect("there is something to record").event
    }
}

fn report(administrator: AdministratorId) -> Attempt {
    Attempt::of(ReportSuspiciousRequest {
        administrator: Some(administrator),
        reset_request: None,
        red_flags: BTreeSet::new(),
        description: None,
    })
}

fn webhook() -> Attempt {
    Attempt::of(CreateWebhook {
        url: "https://example.org/".to_owned(),
        actions: vec!["mfa.reset".to_owned()],
        form: WebhookForm::CloudEvents,
        signing: WebhookSigning::Hmac,
        description: String::new(),
    })
}

fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "none: a part of the system, or the machine's operator",
        Proof::Session => "a session or token",
        Proof::LogIn => "a log-in with the password, as fresh as a code",
        Proof::Typed => "a password or code, typed with it",
        Proof::StepUp => "MFA, and a fresh code",
        Proof::StepUpForOthers => "MFA, and a fresh code, when it is for somebody else",
    }
}

fn rank(rank: Rank) -> &'static str {
    match rank {
        Rank::Any => "",
        Rank::NotAbove => "not to anybody above the caller",
    }
}

#[test]
fn the_table_in_the_manual_is_what_every_command_says() {
    let asks = Stage::set().asks();
    let named: Vec<_> = CommandName::ALL.iter().map(|name| name.name()).collect();
    assert_eq!(
        asks.keys().copied().collect::<BTreeSet<_>>(),
        named.into_iter().collect(),
        "each command once"
    );
    let mut table = "| command | proof | to whom |\n|---|---|---|\n".to_owned();
    for (name, asks) in asks {
        writeln!(table, "| `{name}` | {} | {} |", proof(asks.proof), rank(asks.rank))
            .expect("a text takes it");
    }
    if std::env::var_os("UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/asks.md");
        std::fs::write(path, &table).expect("it is written");
    }
    assert_eq!(table, TABLE, "run the tests with UPDATE=1");
}

fn is_protected(asks: Asks) -> bool {
    matches!(asks.proof, Proof::StepUp | Proof::StepUpForOthers)
}

/// A super administrator passes with a fresh code, and is refused with an old one or none.
#[test]
fn what_asks_for_a_fresh_code_is_refused_without_one() {
    let mut fresh = Stage::set();
    // The proof of before has lapsed; a new one is given.
    fresh.world.wait_minutes(20);
    let mut lapsed = Stage::set();
    lapsed.world.wait_minutes(20);
    let proof = fresh.world.fresh_code(id(&fresh.root));
    let root = fresh.root.clone();
    fresh.world.verify(&root, proof);
    let mut bare = Stage::set();
    bare.world.wait_minutes(20);
    let nobody = bare.world.register("bare", "system-administrator", true);
    let nobody = bare.world.log_in(nobody);
    let mut protected = 0;
    for attempt in fresh.in_sessions() {
        let (name, asks) = (attempt.command.name(), fresh.world.asks_of(&root, &attempt));
        let event = fresh.tried(&root, &attempt);
        if !is_protected(asks) {
            continue;
        }
        protected += 1;
        if name == CommandName::ResetMfa {
            assert_refused(&event, RefusalCode::UnderSuspicion, name);
        } else {
            assert!(!matches!(event, Event::CommandRefused(_)), "{name:?}: {event:?}");
        }
        assert_refused(&lapsed.tried(&lapsed.root, &attempt), RefusalCode::StepUpRequired, name);
        assert_refused(&bare.tried(&nobody, &attempt), RefusalCode::ActorMfaRequired, name);
    }
    assert!(protected >= 20, "{protected}");
}

fn assert_refused(event: &Event, code: RefusalCode, name: CommandName) {
    let Event::CommandRefused(refused) = event else { panic!("{name:?} is carried out: {event:?}") };
    assert_eq!(refused.code, code, "{name:?}");
}

/// Each preset role, and a role of one permission, gets nowhere with somebody who holds more.
#[test]
fn nobody_acts_on_somebody_who_holds_more() {
    let mut stage = Stage::set();
    let above = stage.world.enrolled("above", "system-administrator");
    stage.joe = id(&above);
    let gone = stage.world.register("gone-above", "system-administrator", false);
    stage.world.run(&operator(), Attempt::of(DeactivateAdministrator { administrator: gone, note: None }));
    stage.gone = gone;
    let callers: Vec<_> = ["it-administrator", "help-desk", "security-officer"]
        .into_iter()
        .map(|role| stage.world.enrolled(&format!("of-{role}"), role))
        .collect();
    for caller in callers {
        for attempt in stage.in_sessions() {
            let asks = stage.world.asks_of(&caller, &attempt);
            let about = stage.world.target_of(&caller, &attempt);
            let about_above = about.is_some_and(|it| it == stage.joe || it == stage.gone);
            if asks.rank == Rank::NotAbove && about_above {
                let event = stage.tried(&caller, &attempt);
                assert!(matches!(event, Event::CommandRefused(_)), "{:?}: {event:?}", attempt.command.name());
            }
        }
    }
}
