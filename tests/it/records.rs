//! The records and what governs them, over HTTP: activity, roles, settings, service accounts, health.

mod activity;
mod again;
mod composed;
mod cursors;
mod export;
mod health;
mod roles;
mod service_accounts;
mod settings;
mod stats;
mod stream;
mod unwritable;
mod words;

use mfa_ledger::service::{Done, UseCase};

use crate::support::house::{House, Person};

/// Registers somebody and logs them in; with MFA, if they may change who gets in.
async fn signed(house: &House, user_name: &str, role: &str) -> Person {
    let mut person = house.admin(user_name, role).await;
    house.log_in(&mut person).await;
    if ["system-administrator", "it-administrator"].contains(&role) {
        house.enroll(&mut person).await;
    }
    person
}

/// Carries out a command in somebody's session, without HTTP.
async fn act<C: UseCase>(house: &House, person: &Person, command: C) -> Done<C::Ending> {
    house.execute(house.service.authenticate(&person.token).expect("a session"), command).await
}
