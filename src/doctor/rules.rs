//! Whether the rules in force can be used: a server does not start with one that cannot.

use super::{Context, Outcome, Status};
use crate::error_chain::error_chain;
use crate::server;

pub(super) fn check(context: &Context) -> Outcome {
    let rules = match server::rules(&context.config) {
        Ok(rules) => rules,
        Err(error) => {
            let advice = error.advice();
            return Outcome { status: Status::Fail, advice, ..Outcome::ok(error_chain(&error)) };
        }
    };
    let (count, filters) = (rules.all().len(), rules.filters());
    let whose = match &context.config.rules.dir {
        Some(dir) => format!("the pack and {}", dir.display()),
        None => "the pack alone".to_owned(),
    };
    Outcome::ok(format!("{count} rules and {filters} filters can be used: {whose}"))
}
