//! What operators do to the log's own evidence: theirs alone, and never without a reason.

use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use mfa_ledger_schemas::v1::{LossAccepted, SigningKeyRotated};
use mfa_ledger_schemas::{Event, RefusalCode};

use super::world::{World, operator};
use crate::domain::Command;

fn loss(reason: String) -> Command {
    Command::AcceptLoss(LossAccepted {
        reason,
        found: "the log ends too early".into(),
        first_bad: Some(9),
        origin: "mfa-ledger/x".into(),
        signed_size: Some(12),
        kept: 8,
        verifier: "key".into(),
    })
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
fn a_signing_key_is_rotated_by_the_operator_alone() {
    let mut world = World::new();
    let boss = world.super_administrator("boss");
    let rotate =
        || Command::RotateSigningKey(SigningKeyRotated { retired: "old".into(), verifier: "new".into() });
    world.refuses(&boss, rotate(), RefusalCode::PermissionDenied);
    assert!(matches!(world.run(&operator(), rotate()), Event::SigningKeyRotated(_)));
}
