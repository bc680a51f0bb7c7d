//! A seeded insider: a random walk of commands, judged by a small model that knows none of the rules but one. No account is
//! reset, frozen, thawed, re-addressed, given rights or let in except by somebody who proved MFA within the step-up time,
//! is not below it, and, where approval is on, together with a second person who is independent of them.

use std::collections::BTreeSet;

use mfa_ledger_projections::{Administrator, Reset, ResetRequest, ResetRequestStage, State};
use mfa_ledger_schemas::{AdministratorId, ApprovalPolicy, Event, Instant, Permission};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::arbitrary::{Choice, choices, decided, next, pick, proved, seconds};
use super::attempt::Attempt;
use super::world::{OFFICE, World, operator, small_world};
use crate::command::{
    ApproveMfaReset, ChangeSettings, DeactivateAdministrator, Documented, EnrollMfa, ReactivateAdministrator,
    RepudiateReset, RequestMfaReset, ResetPassword,
};
use crate::{Caller, Decision};

/// Walks, and commands of each; `make soak` sets the variable.
fn seeds() -> u16 {
    if std::env::var_os("MFA_LEDGER_SOAK").is_some() { 1_000 } else { 50 }
}
const STEPS: usize = 2_000;

/// After so many commands a new day begins: a house in which everybody is locked out tries nothing.
const MORNING: usize = 50;

/// Everybody has access again, and logs in with whatever they have.
fn morning(world: &mut World, approval: ApprovalPolicy) {
    world.settings(ChangeSettings {
        mfa_available: Some(true),
        approval: Some(approval),
        step_up_minutes: Some(15),
        ..ChangeSettings::default()
    });
    let everybody: Vec<_> = world.state.directory.administrators().map(|it| it.id).collect();
    for administrator in everybody {
        if !world.it(administrator).can_log_in() {
            let command = ReactivateAdministrator { administrator, note: Some("a new day".to_owned()) };
            world.run(&operator(), Attempt::of(command));
        }
        let Event::SessionStarted(started) = world.try_log_in(administrator, true, Some(OFFICE)) else {
            continue;
        };
        let caller = Caller::Session { administrator, session: started.session };
        if world.it(administrator).mfa.enrolled.is_some() {
            let proof = world.fresh_code(administrator);
            world.verify(&caller, proof);
        } else if administrator.bytes()[15].is_multiple_of(2) {
            world.run(&caller, Attempt::of(EnrollMfa));
            let proof = world.fresh_code(administrator);
            world.confirm(&caller, proof);
        }
    }
}

/// What an insider tries first: requests that wait for a second person, frozen accounts, and what came of denied resets.
fn tempted(world: &World, choice: Choice) -> Option<(Caller, Attempt)> {
    let (_, kind, who, detail, coin) = choice;
    if coin.is_multiple_of(4) {
        return None;
    }
    let enrolled = || world.state.directory.administrators().filter(|it| it.mfa.enrolled.is_some());
    let requests = || world.state.directory.reset_requests();
    let attempt = match kind {
        18 => {
            let approver = pick(enrolled().filter(|it| it.manages_mfa_since.is_some()), who)?.id;
            Attempt::of(ResetPassword { administrator: approver })
        }
        22 => return thaws(world, who, detail),
        23 => Attempt::of(world.reset_of(pick(enrolled().filter(|it| it.frozen), who)?.id)),
        24 => return performs(world, who, detail),
        25 => {
            let administrator = pick(enrolled(), who)?.id;
            Attempt::of(RequestMfaReset { administrator, documented: world.documented() })
        }
        26 => {
            let open = requests().filter(|it| matches!(it.stage, ResetRequestStage::Open));
            Attempt::of(ApproveMfaReset { reset_request: pick(open, who)?.id, note: None })
        }
        27 => {
            let (_, administrator) = pick(approved(world), who)?;
            return Some((operator(), Attempt::of(DeactivateAdministrator { administrator, note: None })));
        }
        28 => return denies(world, who),
        30 => {
            let reset = pick(world.state.resets.newest_first(None), who)?.position;
            Attempt::of(RepudiateReset { reset, note: Some("why".to_owned()) }).sealed()
        }
        _ => return None,
    };
    Some((proved(world, detail, |_| true)?, attempt))
}

/// Requests that were approved, and by whom.
fn approved(world: &World) -> impl Iterator<Item = (&ResetRequest, AdministratorId)> {
    world.state.directory.reset_requests().filter_map(|request| Some((request, request.approval()?.0)))
}

/// Carries out an approved request, preferably as somebody who is not independent of the approver.
fn performs(world: &World, who: u8, detail: u8) -> Option<(Caller, Attempt)> {
    let (request, by) = pick(approved(world), who)?;
    let approver = world.it(by);
    let above = |it: &Administrator| world.state.directory.above(it, world.now);
    let depends =
        |it: &Administrator| it.id != by && (above(it).contains(&by) || above(approver).contains(&it.id));
    let performer = proved(world, detail, depends).or_else(|| proved(world, detail, |_| true))?;
    let mut command = world.reset_of(request.target);
    command.documented = Documented { reset_request: Some(request.id), ..Documented::default() };
    Some((performer, Attempt::of(command)))
}

/// Denies one's own reset.
fn denies(world: &World, who: u8) -> Option<(Caller, Attempt)> {
    let back = |reset: &&Reset| world.it(reset.event.administrator).mfa.enrolled.is_some();
    let reset = pick(world.state.resets.newest_first(None).filter(back), who)?;
    let administrator = reset.event.administrator;
    let session = *world.it(administrator).sessions.first()?;
    let caller = Caller::Session { administrator, session };
    Some((caller, Attempt::of(RepudiateReset { reset: reset.position, note: None })))
}

/// Gives a frozen account its access back, as somebody who took part in the reset that was denied.
fn thaws(world: &World, who: u8, detail: u8) -> Option<(Caller, Attempt)> {
    let denied = world.state.directory.administrators().filter(|it| !it.denied.is_empty());
    let administrator = pick(denied, who)?.id;
    let reset = world.state.resets.at(*world.it(administrator).denied.first()?)?;
    let parties = parties(reset);
    let party = proved(world, detail, |it| parties.contains(&Some(it.id)))?;
    let command = ReactivateAdministrator { administrator, note: Some("why".to_owned()) };
    Some((party, Attempt::of(command).sealed()))
}

/// Who performed and who approved.
fn parties(reset: &Reset) -> [Option<AdministratorId>; 2] {
    [reset.performer.administrator, reset.event.approved_by]
}

/// What the model knows of a record: who acted, upon whom, and whether it is one of those that matter.
struct Act<'a> {
    state: &'a State,
    now: Instant,
    decision: &'a Decision,
}

impl Act<'_> {
    /// Whether it changes who gets in, or who may reset.
    fn matters(&self) -> bool {
        match &self.decision.event {
            Event::AdministratorRegistered(_)
            | Event::RoleDefined(_)
            | Event::ServiceAccountCreated(_)
            | Event::ServiceAccountRevoked(_)
            | Event::ServiceAccountResumed(_) => true,
            // Nothing changes, or MFA is switched on.
            Event::SettingsChanged(it) => {
                let switched_on = it.changed == ["mfa_available"] && it.settings.mfa_available;
                !it.changed.is_empty() && !switched_on
            }
            _ => self.target().is_some(),
        }
    }

    /// Whom it is done to, of what is done to somebody.
    fn target(&self) -> Option<AdministratorId> {
        Some(match &self.decision.event {
            Event::MfaReset(it) => it.administrator,
            Event::ResetRepudiated(it) => it.administrator,
            Event::AdministratorReactivated(it) => it.administrator,
            Event::AdministratorDeactivated(it) => it.administrator,
            Event::AdministratorChanged(it) => it.administrator,
            Event::PasswordReset(it) => it.administrator,
            Event::SessionsRevoked(it) => it.administrator,
            Event::RoleAssigned(it) => it.administrator,
            Event::PersonalDataErased(it) => it.administrator,
            Event::MfaResetApproved(it) => it.administrator,
            Event::SuspicionCleared(it) => it.administrator,
            _ => return None,
        })
    }

    fn person(&self, id: AdministratorId) -> &Administrator {
        self.state.directory.administrator(id).expect("actors and targets are registered")
    }

    fn held(&self, it: &Administrator) -> BTreeSet<Permission> {
        let role = self.state.directory.role(&it.role);
        role.map(|role| role.permissions.clone()).unwrap_or_default()
    }

    /// What is wrong with it, if anything is.
    fn judged(&self, caller: &Caller) -> Result<(), String> {
        if !self.matters() {
            return Ok(());
        }
        let Caller::Session { administrator, session } = caller else { return without_a_session(caller) };
        let target = self.target();
        let own = target == Some(*administrator);
        let ends_own = matches!(self.decision.event, Event::SessionsRevoked(_) | Event::ResetRepudiated(_));
        if own && ends_own {
            return Ok(());
        }
        let actor = self.person(*administrator);
        let session = self.state.directory.session(*session, self.now).ok_or("in a session that is over")?;
        let settings = self.state.directory.settings().ok_or("without settings")?;
        let age = session.verified_at.map(|at| self.now.seconds_since(at));
        if actor.mfa.enrolled.is_none()
            || age.is_none_or(|age| age >= u64::from(settings.step_up_minutes) * 60)
        {
            return Err(format!("without a fresh proof: {age:?}"));
        }
        if let Some(target) = target.filter(|_| !own) {
            let target = self.person(target);
            let above = !self.held(target).is_subset(&self.held(actor)) || target.super_administrator;
            if above && !actor.super_administrator {
                return Err(format!("to {} by {}, who is below", target.user_name, actor.user_name));
            }
        }
        self.thawed(actor)?;
        self.together(actor, settings.approval)
    }

    /// Whether one of the two made the other's account or promoted it, or knows their password.
    fn owe(&self, other: AdministratorId, actor: &Administrator) -> bool {
        let other = self.person(other);
        [(other, actor), (actor, other)].into_iter().any(|(one, other)| {
            let seen = one.password_seen_by.filter(|(_, at)| self.now < at.plus_hours(30 * 24));
            one.raised_by.contains_key(&other.id) || seen.is_some_and(|(by, _)| by == other.id)
        })
    }

    /// A denied reset is not put right by those who did it.
    fn thawed(&self, actor: &Administrator) -> Result<(), String> {
        let Event::AdministratorReactivated(back) = &self.decision.event else { return Ok(()) };
        let denied = self.person(back.administrator).denied.iter();
        let took_part = |at| self.state.resets.at(at).is_some_and(|it| parties(it).contains(&Some(actor.id)));
        match denied.copied().find(|at| took_part(*at)) {
            Some(reset) => Err(format!("after {reset}, in which {} took part", actor.user_name)),
            None => Ok(()),
        }
    }

    /// Where two are asked for, there are two, and neither made the other.
    fn together(&self, actor: &Administrator, approval: ApprovalPolicy) -> Result<(), String> {
        let Event::MfaReset(reset) = &self.decision.event else { return Ok(()) };
        let target = self.person(reset.administrator);
        if target.frozen || !target.active {
            return Err("of an account that is shut".to_owned());
        }
        let asked = match approval {
            ApprovalPolicy::All => true,
            ApprovalPolicy::SuperAdmins => target.super_administrator,
            _ => target.suspicion_until(self.now).is_some_and(|it| {
                it.cleared_by.is_none_or(|by| {
                    by == actor.id || !self.person(by).super_administrator && self.owe(by, actor)
                })
            }),
        };
        match reset.approved_by {
            None if asked => Err("alone, where two are asked for".to_owned()),
            None => Ok(()),
            Some(second) => {
                let second = self.person(second);
                let may = second.super_administrator || self.held(second).contains(&Permission::ManageMfa);
                let stands = second.active
                    && !second.frozen
                    && may
                    && second.id != actor.id
                    && !self.owe(second.id, actor);
                if stands { Ok(()) } else { Err(format!("with {}", second.user_name)) }
            }
        }
    }
}

/// Programs and strangers do nothing of the kind.
fn without_a_session(caller: &Caller) -> Result<(), String> {
    match caller {
        Caller::ServiceAccount(_) | Caller::Anonymous => Err(format!("by {caller:?}")),
        Caller::Session { .. } | Caller::Operator(_) | Caller::System(_) | Caller::NoticeLink(_) => Ok(()),
    }
}

/// Walks with a seed; how many records of the kind there were.
fn walk(seed: u16) -> usize {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.to_le_bytes().repeat(16));
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let list: Vec<Choice> = choices(STEPS).new_tree(&mut runner).expect("a list").current();
    let mut world = small_world();
    let approval =
        [ApprovalPolicy::Off, ApprovalPolicy::SuperAdmins, ApprovalPolicy::All][usize::from(seed % 3)];
    let mut done = 0;
    for (number, choice) in list.into_iter().enumerate() {
        if number.is_multiple_of(MORNING) {
            morning(&mut world, approval);
        }
        world.wait_seconds(seconds(choice));
        let asked = tempted(&world, choice).unwrap_or_else(|| next(&mut world, choice));
        let Ok(decision) = decided(&world, &asked) else { continue };
        let act = Act { state: &world.state, now: world.now, decision: &decision };
        if let Err(why) = act.judged(&asked.0) {
            panic!("seed {seed}: {} {why}: {:?}", decision.event.action(), decision.event);
        }
        done += usize::from(act.matters() && matches!(asked.0, Caller::Session { .. }));
        let record = world.record(decision, Some(OFFICE));
        world.apply(&record);
    }
    done
}

#[test]
fn no_walk_of_commands_finds_a_way_round() {
    let done: usize = (0..seeds()).map(walk).sum();
    assert!(done > 300, "the walks reach what they are about: {done}");
}
