//! Every command that ends or makes a secret, or that is told in words, each ready to be given.

use std::pin::Pin;

use mfa_ledger::service::command::{Documented, TypedFactor};
use mfa_ledger::service::{Caller, SecretText, command};
use mfa_ledger_schemas::{
    AdministratorId, Instant, Personal, ResetReason, VerificationMethod, WebhookForm, WebhookId,
    WebhookSigning, Words,
};

use crate::support::any_command::AnyCommand;
use crate::support::house::{House, Person};

type Prepared<'a> = Pin<Box<dyn Future<Output = (Caller, AnyCommand)> + 'a>>;
type Prepare = fn(&House, usize) -> Prepared<'_>;

/// By name; one that is refused says so at its end.
pub const CASES: &[(&str, Prepare)] = &[
    ("registration", |_, n| Box::pin(async move { registration(n) })),
    ("changed addresses", |house, n| Box::pin(changed_addresses(house, n))),
    ("password reset", |house, n| Box::pin(password_reset(house, n))),
    ("chosen password", |house, n| Box::pin(chosen_password(house, n))),
    ("erasure", |house, n| Box::pin(erasure(house, n))),
    ("enrollment", |house, n| Box::pin(enrollment(house, n))),
    ("enrollment begun anew", |house, n| Box::pin(enrollment_begun_anew(house, n))),
    ("cancelled enrollment", |house, n| Box::pin(cancelled_enrollment(house, n))),
    ("confirmed enrollment", |house, n| Box::pin(confirmed_enrollment(house, n))),
    ("new backup codes", |house, n| Box::pin(new_backup_codes(house, n))),
    ("disabled MFA", |house, n| Box::pin(disabled(house, n))),
    ("reset", |house, n| Box::pin(reset(house, n))),
    ("reset of nobody, refused", |_, _| {
        Box::pin(async {
            (operator(), reset_of(AdministratorId::from_bytes([9; 16]), "nobody", None).into())
        })
    }),
    ("silence", |_, _| Box::pin(async { (operator(), silence().into()) })),
    ("webhook", |_, _| Box::pin(async { (operator(), webhook().into()) })),
    ("rotated webhook secret", |house, _| Box::pin(rotated(house))),
    ("removed webhook", |house, _| Box::pin(removed(house))),
];

fn operator() -> Caller {
    Caller::Operator("root".to_owned())
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn id(person: &Person) -> AdministratorId {
    person.id.parse().expect("an id")
}

fn session(house: &House, person: &Person) -> Caller {
    house.service.authenticate(&person.token).expect("a session")
}

async fn logged_in(house: &House, n: usize) -> Person {
    let mut person = house.admin(&format!("person-{n}"), "general-staff").await;
    house.log_in(&mut person).await;
    person
}

async fn enrolled(house: &House, n: usize) -> Person {
    house.enrolled(&format!("person-{n}"), "general-staff").await
}

fn registration(n: usize) -> (Caller, AnyCommand) {
    let command = command::RegisterAdministrator {
        user_name: format!("person-{n}"),
        role: "general-staff".parse().expect("a role id"),
        super_administrator: false,
        personal: Personal::new("Somebody".to_owned(), vec!["somebody@example.org".to_owned()]),
    };
    (operator(), command.into())
}

async fn changed_addresses(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = house.admin(&format!("person-{n}"), "general-staff").await;
    let command = command::ChangeAdministrator {
        administrator: id(&person),
        user_name: None,
        super_administrator: None,
        display_name: None,
        emails: Some(vec!["new@example.org".to_owned()]),
    };
    (operator(), command.into())
}

async fn password_reset(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = house.admin(&format!("person-{n}"), "general-staff").await;
    (operator(), command::ResetPassword { administrator: id(&person) }.into())
}

async fn chosen_password(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = logged_in(house, n).await;
    let new = secret("correct horse battery staple");
    (session(house, &person), command::SetPassword { current: secret(&person.password), new }.into())
}

async fn erasure(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = house.admin(&format!("person-{n}"), "general-staff").await;
    house
        .operate(command::DeactivateAdministrator { administrator: id(&person), note: Some("left".into()) })
        .await;
    (operator(), command::ErasePersonalData { administrator: id(&person) }.into())
}

async fn enrollment(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = logged_in(house, n).await;
    (session(house, &person), command::EnrollMfa.into())
}

async fn enrollment_begun_anew(house: &House, n: usize) -> (Caller, AnyCommand) {
    let (caller, command) = enrollment(house, n).await;
    house.execute(caller.clone(), command::EnrollMfa).await;
    (caller, command)
}

async fn cancelled_enrollment(house: &House, n: usize) -> (Caller, AnyCommand) {
    let (caller, _) = enrollment_begun_anew(house, n).await;
    (caller, command::CancelMfaEnrollment.into())
}

async fn confirmed_enrollment(house: &House, n: usize) -> (Caller, AnyCommand) {
    let mut person = logged_in(house, n).await;
    let begun = house.post("/v1/me/mfa/enrollment").as_(&person).send().await.ok(201);
    person.seed = Some(begun["manual_key"].as_str().expect("a key").replace([' ', '-'], ""));
    let code = secret(&house.code(&person));
    (session(house, &person), command::ConfirmMfaEnrollment { code }.into())
}

async fn new_backup_codes(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = enrolled(house, n).await;
    let code = secret(&house.code(&person));
    (session(house, &person), command::RegenerateBackupCodes { factor: TypedFactor::Code(code) }.into())
}

async fn disabled(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = enrolled(house, n).await;
    let code = secret(&house.code(&person));
    (session(house, &person), command::DisableMfa { factor: TypedFactor::Code(code) }.into())
}

async fn reset(house: &House, n: usize) -> (Caller, AnyCommand) {
    let person = enrolled(house, n).await;
    (operator(), reset_of(id(&person), &person.user_name, Some(house.now())).into())
}

fn reset_of(
    administrator: AdministratorId,
    user_name: &str,
    requested_at: Option<Instant>,
) -> command::ResetMfa {
    let documented = Documented {
        reason: Some(ResetReason::NewPhone),
        verification: Some(VerificationMethod::VideoCall),
        words: Words {
            requester_name: Some(user_name.to_owned()),
            requester_contact: Some("+1 555 0100".to_owned()),
            text: None,
        },
        requested_at,
        ticket: Some("HD-1".to_owned()),
        ..Documented::default()
    };
    command::ResetMfa { administrator, documented, confirmation: Some(user_name.to_owned()) }
}

pub fn silence() -> command::SilenceRule {
    command::SilenceRule {
        rule: "burst-of-resets".parse().expect("an id"),
        group: None,
        hours: 1,
        note: Some("the migration of today".to_owned()),
    }
}

fn webhook() -> command::CreateWebhook {
    command::CreateWebhook {
        url: "https://example.org/hook".to_owned(),
        actions: vec!["mfa.".to_owned()],
        form: WebhookForm::CloudEvents,
        signing: WebhookSigning::Hmac,
        description: "the tests".to_owned(),
    }
}

async fn created(house: &House) -> WebhookId {
    let done = house.execute(operator(), webhook()).await;
    let event = &done.event;
    event.webhook
}

async fn rotated(house: &House) -> (Caller, AnyCommand) {
    let webhook = created(house).await;
    house.execute(operator(), command::RotateWebhookSecret { webhook }).await;
    (operator(), command::RotateWebhookSecret { webhook }.into())
}

async fn removed(house: &House) -> (Caller, AnyCommand) {
    (operator(), command::RemoveWebhook { webhook: created(house).await }.into())
}
