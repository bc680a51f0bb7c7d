//! The rules: what a command makes of the state that it is decided on.
//!
//! Each command is a [`UseCase`] in a file of its own. [`decide`] is a plain function. It never fails: a command that
//! may not be carried out becomes a `CommandRefused` event. Whatever the rules look at through [`Case`] is noted as a
//! read, so that the record names everything that the decision rested on.

#![expect(missing_docs, reason = "the fields of commands are in the field's standard terms")]

mod account;
mod activity;
mod alert;
mod asked;
mod asks;
mod case;
pub mod command;
mod delay;
mod evidence;
mod integrity;
pub mod mfa;
mod no;
mod notification;
pub mod policy;
pub mod presets;
mod reset;
mod role;
mod second_factor;
mod service_account;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod use_case;
mod verify_for_host;
mod weakened;
mod webhook;

pub use account::{FORMER_ADDRESS_DAYS, PASSWORD_CHARS, WATCHDOG, changed_personal};
pub use activity::{EXPORT, READ, Reading, minute};
pub use asked::{Asked, Caller, Prepared};
pub use asks::{Asks, Proof, Rank};
pub use case::Case;
pub use evidence::{Evidence, Question};
pub use mfa::BACKUP_CODES_LOW;
pub use no::{Failed, No};
pub use reset::is_person;
pub use use_case::{Command, Ending, NewSecret, Shows, ToSeal, UseCase};

use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::bodies::CommandRefused;
use mfa_ledger_schemas::record::{Actor, Read, Target};
use mfa_ledger_schemas::{Event, RefusalCode, StreamName};

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
/// # Errors
/// [`Undecided`] when there is nothing to record yet.
pub fn decide(
    state: &State,
    asked: &Asked<'_>,
    command: &dyn Command,
    prepared: &Prepared,
) -> Result<Decision, Undecided> {
    let case = Case::new(state, asked, prepared);
    let event = match outcome(&case, asked, command) {
        Ok(event) => event,
        Err(No::Failed(failed)) => failed.into(),
        Err(No::Refused(code, retry_at)) => {
            CommandRefused { command: command.name(), code, story: command.story(&case), retry_at }.into()
        }
        Err(No::Undecided(undecided)) => return Err(undecided),
    };
    let stream = stream(&case, command);
    let known = target(&case, command).and_then(|it| case.administrator(it.id).ok());
    let target = known.map(named).or_else(|| account::registered(&event));
    let actor = started(&case, &event).unwrap_or_else(|| case.actor());
    Ok(Decision { reads: case.into_reads(&stream), stream, actor, target, event })
}

fn outcome(case: &Case<'_>, asked: &Asked<'_>, command: &dyn Command) -> Result<Event, No> {
    let known = if command.authenticates() { case.authenticate() } else { Ok(()) };
    let decided = known.and_then(|()| command.decide_any(case));
    let met = |event| case.meets(command.asks(case), command.target(case)).map(|()| event);
    let outcome = decided.and_then(met);
    match (outcome, asked.expected) {
        // A caller who may not touch the target at all is not told whether it has moved either.
        (Err(no), _) if no.is_about_the_caller() => Err(no),
        (_, Some(expected)) if command.version(case) != Some(expected) => {
            Err(RefusalCode::VersionMismatch.into())
        }
        (outcome, _) => outcome,
    }
}

/// The caller is known once the password is correct.
fn started(case: &Case<'_>, event: &Event) -> Option<Actor> {
    let Event::SessionStarted(event) = event else { return None };
    let caller = Caller::Session { administrator: event.administrator, session: event.session };
    Some(policy::actor(&case.state().directory, &caller))
}

/// Whether a command is one that its caller may give, whatever comes of it: what a caller may not, they may not have
/// repeated either.
pub fn may_give(case: &Case<'_>, command: &dyn Command) -> bool {
    let known = if command.authenticates() { case.authenticate() } else { Ok(()) };
    match known.and_then(|()| command.decide_any(case)) {
        Ok(_) | Err(No::Undecided(Undecided::StaleEvidence)) => true,
        Err(no) => !no.is_about_the_caller(),
    }
}

/// The stream that the record of a command moves.
pub fn stream(case: &Case<'_>, command: &dyn Command) -> StreamName {
    if let Some(stream) = command.stream(case) {
        return stream;
    }
    match (target(case, command), case.caller()) {
        (Some(target), _) => StreamName::Administrator(target.id),
        (None, Caller::Anonymous) => StreamName::Strangers,
        (None, Caller::Session { administrator, .. }) => StreamName::Administrator(*administrator),
        (None, Caller::ServiceAccount(id)) => StreamName::ServiceAccount(*id),
        (None, Caller::Operator(_) | Caller::System(_) | Caller::NoticeLink(_)) => StreamName::Directory,
    }
}

/// The administrator acted upon, where there is one that exists.
fn target<'a>(case: &Case<'a>, command: &dyn Command) -> Option<&'a Administrator> {
    case.state().directory.administrator(command.target(case)?)
}

fn named(it: &Administrator) -> Target {
    Target {
        administrator: it.id,
        user_name: it.user_name.clone(),
        role: it.role.clone(),
        super_admin: it.super_administrator,
    }
}
