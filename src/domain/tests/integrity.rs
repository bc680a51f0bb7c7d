//! What operators do to the log's own evidence: theirs alone, and never without a reason.

use mfa_ledger_schemas::bodies::{LossAccepted, SigningKeyRotated, VaultLossAccepted};
use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use mfa_ledger_schemas::{Event, RefusalCode};

use super::attempt::Attempt;
use super::world::{World, operator};
use crate::command::{AcceptLoss, AcceptVaultLoss, RotateSigningKey};

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
