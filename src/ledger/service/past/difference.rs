//! What differs between two moments.

use std::collections::BTreeMap;

use mfa_ledger_api::diff::{AdministratorDifference, Difference, FieldDifference, RoleDifference, Stand};
use mfa_ledger_projections::{Administrator, Enrolled, Role, State};
use mfa_ledger_schemas::MfaStatus;
use serde::Serialize;
use serde_json::{Value, json};

use super::Past;

/// What differs between two moments, the first not later than the second. Nothing ever disappears: accounts and roles
/// only come and change. MFA is left out for callers who may not see it on an account.
pub fn difference(before: &Past, after: &Past, sees_mfa: bool) -> Difference {
    let stand = |past: &Past| Stand { position: past.position(), at: past.at };
    Difference {
        from: stand(before),
        to: stand(after),
        mfa_hidden: !sees_mfa,
        administrators: administrators(before, after, sees_mfa),
        roles: roles(&before.state, &after.state),
        settings: fields(&settings(&before.state), &settings(&after.state)),
    }
}

type Facts = BTreeMap<String, Value>;

/// Facts that the section on an account's security shows, and nothing else may show where that is hidden.
const OF_MFA: [&str; 5] = ["backup_codes_left", "enrolled_at", "last_reset", "mfa_required", "mfa_status"];

fn administrators(before: &Past, after: &Past, sees_mfa: bool) -> Vec<AdministratorDifference> {
    let all = after.state.directory.administrators();
    let differing = all.filter_map(|it| {
        let earlier = before.state.directory.administrator(it.id);
        // `version` does not tell: a status can run out, and a requirement come, without a record of the account.
        let was = earlier.map(|earlier| Account::of(before, earlier));
        let mut changes = Account::of(after, it).since(was.as_ref());
        changes.retain(|change| sees_mfa || !OF_MFA.contains(&change.field.as_str()));
        (!changes.is_empty()).then(|| AdministratorDifference {
            administrator: it.id,
            user_name: it.user_name.clone(),
            appeared: earlier.is_none(),
            changes,
        })
    });
    differing.collect()
}

/// What is compared of an account: without texts and maps, since most of it is the same.
struct Account<'a> {
    it: &'a Administrator,
    enrolled: Option<&'a Enrolled>,
    mfa_status: MfaStatus,
    mfa_required: bool,
}

impl<'a> Account<'a> {
    fn of(past: &'a Past, it: &'a Administrator) -> Self {
        Self {
            it,
            enrolled: it.mfa.enrolled.as_ref(),
            mfa_status: it.mfa.status(past.at),
            mfa_required: past.state.directory.mfa_required(it),
        }
    }

    /// What differs from an earlier one, by name.
    fn since(&self, was: Option<&Self>) -> Vec<FieldDifference> {
        let mut changes = Vec::new();
        compare(&mut changes, "active", self, was, |it| it.it.active);
        compare(&mut changes, "backup_codes_left", self, was, |it| it.enrolled.map(|it| it.unused.len()));
        compare(&mut changes, "enrolled_at", self, was, |it| it.enrolled.map(|it| it.at));
        compare(&mut changes, "frozen", self, was, |it| it.it.frozen);
        compare(&mut changes, "last_reset", self, was, |it| it.it.last_reset);
        compare(&mut changes, "mfa_required", self, was, |it| it.mfa_required);
        compare(&mut changes, "mfa_status", self, was, |it| it.mfa_status);
        compare(&mut changes, "role", self, was, |it| &it.it.role);
        compare(&mut changes, "super_administrator", self, was, |it| it.it.super_administrator);
        compare(&mut changes, "user_name", self, was, |it| &it.it.user_name);
        changes
    }
}

/// Adds a fact, if it differs; what is not there is `null`.
fn compare<'a, T: PartialEq + Serialize>(
    changes: &mut Vec<FieldDifference>,
    field: &str,
    is: &'a Account<'a>,
    was: Option<&'a Account<'a>>,
    fact: impl Fn(&'a Account<'a>) -> T,
) {
    let (before, after) = (was.map(&fact), fact(is));
    if before.as_ref() == Some(&after) {
        return;
    }
    let (before, after) = (json!(before), json!(after));
    if before != after {
        changes.push(FieldDifference { field: field.to_owned(), before, after });
    }
}

fn roles(before: &State, after: &State) -> Vec<RoleDifference> {
    let facts_of = |role: &Role| {
        facts(json!({
            "name": role.name, "permissions": role.permissions, "mfa_required": role.mfa_required,
        }))
    };
    let differing = after.directory.roles().filter_map(|role| {
        let earlier = before.directory.role(&role.id);
        let changes = fields(&earlier.map(facts_of).unwrap_or_default(), &facts_of(role));
        (!changes.is_empty()).then(|| RoleDifference {
            role: role.id.clone(),
            name: role.name.clone(),
            appeared: earlier.is_none(),
            changes,
        })
    });
    differing.collect()
}

fn settings(state: &State) -> Facts {
    state.directory.settings().map(|settings| facts(json!(settings))).unwrap_or_default()
}

fn facts(object: Value) -> Facts {
    match object {
        Value::Object(facts) => facts.into_iter().collect(),
        _ => Facts::new(),
    }
}

/// The facts that differ; what is not there is `null`.
fn fields(before: &Facts, after: &Facts) -> Vec<FieldDifference> {
    let of = |facts: &Facts, field: &str| facts.get(field).cloned().unwrap_or_default();
    let all = after.keys().map(|field| FieldDifference {
        field: field.clone(),
        before: of(before, field),
        after: of(after, field),
    });
    all.filter(|it| it.before != it.after).collect()
}
