//! What operators do to the log's own evidence: theirs alone, and never without a reason.

use mfa_ledger_schemas::bodies::{LossAccepted, SigningKeyRotated, VaultLossAccepted};
use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use mfa_ledger_schemas::{Event, RefusalCode, Scope};

use super::attempt::Attempt;
use super::world::{World, id, operator, service_account};
use crate::command::{
    AcceptLoss, AcceptVaultLoss, ReadActivity, RecordRestore, ResumeServiceAccount, RevokeServiceAccount,
    RotateSigningKey,
};
use crate::{Caller, READ, Undecided};

fn loss(reason: String) -> Attempt {
    Attempt::of(AcceptLoss(LossAccepted {
        reason,
        found: "the log ends too early".into(),
        first_bad: Some(9),
        origin: "mfa-ledger/x".into(),
        signed_size: Some(12),
        kept: 8,
        verifier: "key".into(),
    }))
}

#[test]
fn a_loss_is_accepted_by_the_operator_alone_and_with_a_reason() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    world.refuses(&boss, loss("why".into()), RefusalCode::PermissionDenied);
    world.refuses(&operator(), loss("  ".into()), RefusalCode::ReasonRequired);
    let longest = "€".repeat(ACCEPTED_LOSS_CHARS);
    world.refuses(&operator(), loss(format!("{longest}€")), RefusalCode::ReasonRequired);
    assert!(matches!(world.run(&operator(), loss(longest)), Event::LossAccepted(_)));
}

#[test]
fn a_lost_vault_is_accepted_by_the_operator_alone_and_with_a_reason() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let lost = |reason: String| {
        Attempt::of(AcceptVaultLoss(VaultLossAccepted {
            reason,
            found: "there is no vault".into(),
            vault: "00".into(),
            passwords: 1,
            totp_seeds: 0,
            backup_codes: 0,
            webhook_secrets: 0,
            annexes: 1,
            reset_passwords_of: Vec::new(),
            reset_mfa_of: Vec::new(),
        }))
    };
    world.refuses(&boss, lost("why".into()), RefusalCode::PermissionDenied);
    world.refuses(&operator(), lost("  ".into()), RefusalCode::ReasonRequired);
    let longest = "€".repeat(ACCEPTED_LOSS_CHARS);
    world.refuses(&operator(), lost(format!("{longest}€")), RefusalCode::ReasonRequired);
    assert!(matches!(world.run(&operator(), lost(longest)), Event::VaultLossAccepted(_)));
}

#[test]
fn a_signing_key_is_rotated_by_the_operator_alone() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let rotate =
        || Attempt::of(RotateSigningKey(SigningKeyRotated { retired: "old".into(), verifier: "new".into() }));
    world.refuses(&boss, rotate(), RefusalCode::PermissionDenied);
    assert!(matches!(world.run(&operator(), rotate()), Event::SigningKeyRotated(_)));
}

fn restored() -> Attempt {
    Attempt::of(RecordRestore { kept: 7, backup_at: None })
}

#[test]
fn a_restore_ends_whatever_may_have_been_revoked_since() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let desk = world.enrolled("desk", "help-desk");
    let target = id(&world.enrolled("joe", "general-staff"));
    let program = service_account(&mut world, &[Scope::ViewActivity]);
    let request = world.request(&desk, target);
    let codes = |world: &World, of| world.it(of).mfa.enrolled.as_ref().expect("enrolled").unused.len();
    assert!(codes(&world, target) > 0);
    world.refuses(&boss, restored(), RefusalCode::PermissionDenied);

    let Event::LogRestored(event) = world.run(&operator(), restored()) else { panic!("not recorded") };
    let people = u32::try_from(world.state.directory.administrators().count()).expect("few");
    assert!(event.sessions_ended >= people, "{event:?}");
    let counts = [event.service_accounts_suspended, event.webhooks_suspended, event.reset_requests_closed];
    assert_eq!((counts, event.kept), ([1, 0, 1], 7));
    assert_eq!(event.backup_codes_voided, people, "all have MFA");

    let read = || Attempt::of(ReadActivity { query: String::new(), right: READ });
    for caller in [&boss, &desk, &program] {
        assert_eq!(world.decide(caller, &read()), Err(Undecided::Unauthenticated), "{caller:?}");
    }
    assert_eq!(codes(&world, target), 0);
    let closed = world.state.directory.reset_request(request).expect("still known");
    assert!(closed.expires <= world.now, "{closed:?}");

    let Event::LogRestored(again) = world.run(&operator(), restored()) else { panic!("not recorded") };
    let counts = [again.sessions_ended, again.service_accounts_suspended, again.backup_codes_voided];
    assert_eq!(counts, [0, 0, 0], "there is nothing left to end");
}

#[test]
fn a_suspended_program_works_again_once_somebody_resumes_it() {
    let mut world = World::new();
    let program = service_account(&mut world, &[Scope::ViewActivity]);
    let Caller::ServiceAccount(service_account) = program else { panic!("a program") };
    let resume = || Attempt::of(ResumeServiceAccount { service_account });
    let read = || Attempt::of(ReadActivity { query: String::new(), right: READ });
    world.refuses(&operator(), resume(), RefusalCode::NotSuspended);
    world.run(&operator(), restored());
    assert_eq!(world.decide(&program, &read()), Err(Undecided::Unauthenticated));
    let staff = world.enrolled("joe", "general-staff");
    world.refuses(&staff, resume(), RefusalCode::PermissionDenied);
    let Event::ServiceAccountResumed(event) = world.run(&operator(), resume()) else { panic!("resumed") };
    assert_eq!(event.name, "tickets");
    assert!(world.decide(&program, &read()).is_ok());

    world.run(&operator(), restored());
    world.run(&operator(), Attempt::of(RevokeServiceAccount { service_account }));
    world.refuses(&operator(), resume(), RefusalCode::ServiceAccountNotFound);
}
