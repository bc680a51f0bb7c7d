//! The records and what governs them, over HTTP: activity, roles, settings, service accounts, health.

mod activity;
mod again;
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

use mfa_ledger::service::{Call, command};
use mfa_ledger_schemas::record::Origin;

use crate::support::house::{House, Person};

/// Registers somebody and logs them in.
async fn signed(house: &House, user_name: &str, role: &str) -> Person {
    let mut person = house.admin(user_name, role).await;
    house.log_in(&mut person).await;
    person
}

/// Carries out a command in somebody's session, without HTTP.
async fn act(house: &House, person: &Person, command: Intent) -> mfa_ledger::service::Done {
    let caller = house.service.authenticate(&person.token).expect("a session");
    let call = Call {
        caller,
        origin: Origin::default(),
        request: "test".to_owned(),
        idempotency: None,
        if_match: None,
    };
    house.service.execute(call, command).await.expect("it is recorded")
}
