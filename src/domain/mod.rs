//! The rules: what a command makes of the state that it is decided on.
//!
//! [`decide`] is a plain function. It never fails: a command that may not be carried out becomes a
//! `CommandRefused` event. Whatever it looks at through `Case` is noted as a read, so that the
//! record names everything that the decision rested on.

pub mod account;
mod activity;
mod alert;
mod case;
pub mod command;
mod delay;
mod integrity;
mod log_in;
pub mod mfa;
mod notification;
pub mod policy;
pub mod presets;
mod request;
mod reset;
mod second_factor;
mod service_account;
mod settings;
#[cfg(test)]
mod tests;
mod webhook;

pub use activity::minute;
pub use case::Caller;
pub use command::{Command, FactorProof, PasswordProof, Story};
pub use mfa::BACKUP_CODES_LOW;

use case::{Case, No};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::record::{Actor, Read, Target};
use mfa_ledger_schemas::v1::CommandRefused;
use mfa_ledger_schemas::{Event, Instant, Position, RefusalCode, StreamName};

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The stream that it moves.
    pub stream: StreamName,
    /// What it rests on.
    pub reads: Vec<Read>,
    /// Who acts.
    pub actor: Actor,
    /// Who is acted upon.
    pub target: Option<Target>,
    /// What happened.
    pub event: Event,
}

/// There is nothing to record yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// The caller's session or token no longer stands.
    Unauthenticated,
    /// The evidence belongs to another moment: gather it again.
    StaleEvidence,
}

/// Decides a command.
///
/// `expected` is the version of the target that the caller saw (`If-Match`).
pub fn decide(
    state: &State,
    caller: &Caller,
    command: &Command,
    expected: Option<Position>,
    now: Instant,
) -> Result<Decision, Undecided> {
    let case = Case::new(state, caller, now);
    let known = match command {
        // Whoever logs in anew may still carry a session that is over.
        Command::LogIn(_) => Ok(()),
        _ => case.authenticate(),
    };
    let outcome = known.and_then(|()| carry_out(&case, command));
    // Who may not touch the target at all is not told whether it has moved either.
    let outcome = match (outcome, expected) {
        (Err(no), _) if no.is_about_the_caller() => Err(no),
        (_, Some(expected)) if !case.is_at_version(command, expected) => {
            Err(RefusalCode::VersionMismatch.into())
        }
        (outcome, _) => outcome,
    };
    let event = match outcome {
        Ok(event) => event,
        Err(No::Refused(code, retry_at)) => {
            let story = command.story().map(Story::to_event);
            CommandRefused { command: command.name(), code, story, retry_at }.into()
        }
        Err(No::Undecided(undecided)) => return Err(undecided),
    };
    let stream = command.stream(state, caller);
    let target = command.target(state, caller).and_then(|it| case.administrator(it.id).ok());
    let target = target.map(|it| Target {
        administrator: it.id,
        user_name: it.user_name.clone(),
        role: it.role.clone(),
        super_admin: it.super_administrator,
    });
    let target = target.or_else(|| account::registered(&event));
    let actor = case.actor();
    Ok(Decision { reads: case.into_reads(&stream), stream, actor, target, event })
}

fn carry_out(case: &Case<'_>, command: &Command) -> Result<Event, No> {
    match command {
        Command::RegisterAdministrator(it) => account::register(case, it),
        Command::ChangeAdministrator(it) => account::change(case, it),
        Command::DeactivateAdministrator(it) => account::deactivate(case, it),
        Command::ReactivateAdministrator(it) => account::reactivate(case, it),
        Command::SetPassword(it) => account::set_password(case, it),
        Command::ResetPassword(it) => account::reset_password(case, it),
        Command::ErasePersonalData(it) => account::erase(case, it),
        Command::DefineRole(it) => settings::define_role(case, it),
        Command::AssignRole(it) => settings::assign_role(case, it),
        Command::ChangeSettings(it) => settings::change(case, it),
        Command::LogIn(it) => log_in::log_in(case, it),
        Command::VerifySecondFactor(it) => second_factor::verify(case, it),
        Command::VerifyForHost(it) => second_factor::verify_for_host(case, it),
        Command::LogOut => log_in::log_out(case),
        Command::RevokeSessions(it) => log_in::revoke_sessions(case, it),
        Command::EnrollMfa(it) => mfa::enroll(case, it),
        Command::ConfirmMfaEnrollment(it) => mfa::confirm(case, it),
        Command::CancelMfaEnrollment => mfa::cancel(case),
        Command::DisableMfa(it) => mfa::disable(case, it),
        Command::RegenerateBackupCodes(it) => mfa::regenerate(case, it),
        Command::ResetMfa(it) => reset::reset(case, it),
        Command::RequestMfaReset(it) => request::request(case, it),
        Command::ApproveMfaReset(it) => request::approve(case, it),
        Command::DeclineMfaReset(it) => request::decline(case, it),
        Command::ReportSuspiciousRequest(it) => request::report(case, it),
        Command::RecordFollowUp(it) => request::follow_up(case, it),
        Command::RepudiateReset(it) => request::repudiate(case, it),
        Command::CreateServiceAccount(it) => service_account::create(case, it),
        Command::RevokeServiceAccount(it) => service_account::revoke(case, it),
        Command::ReadActivity(it) => activity::read(case, it),
        Command::LookBack(it) => activity::look_back(case, it),
        Command::ExportActivity(it) => activity::export(case, it),
        Command::AcceptLoss(it) => integrity::accept_loss(case, it),
        Command::AcceptVaultLoss(it) => integrity::accept_vault_loss(case, it),
        Command::RotateSigningKey(it) => integrity::rotate_signing_key(case, it),
        Command::RaiseAlert(it) => alert::raise(case, it),
        Command::AcknowledgeAlert(it) => alert::acknowledge(case, it),
        Command::ResolveAlert(it) => alert::resolve(case, it),
        Command::SilenceRule(it) => alert::silence(case, it),
        Command::EndSilence(it) => alert::end_silence(case, it),
        Command::RecordNotification(it) => notification::record(case, it),
        Command::CreateWebhook(it) => webhook::create(case, it),
        Command::ChangeWebhook(it) => webhook::change(case, it),
        Command::RotateWebhookSecret(it) => webhook::rotate_secret(case, it),
        Command::RemoveWebhook(it) => webhook::remove(case, it),
        Command::DisableWebhook(it) => webhook::disable(case, it),
        Command::TestWebhook(it) => webhook::test(case, it),
        Command::ResendDelivery(it) => webhook::resend(case, it),
    }
}
