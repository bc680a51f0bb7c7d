//! Whether the NATS server of the configuration answers, and lets us in.

use tokio::runtime::{Builder, Handle};

use super::{Context, Outcome};
use crate::error_chain::error_chain;
use crate::follow::publish::{ConnectFailed, connect};
use crate::server;

pub(super) fn check(context: &Context) -> Outcome {
    let Some(access) = server::nats_access(&context.config) else {
        return Outcome::ok("no server is named: nothing is published");
    };
    let asked = connect(&access);
    let asked = match Handle::try_current() {
        Ok(runtime) => runtime.block_on(asked),
        Err(_) => match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(asked),
            Err(error) => return Outcome::skipped(format!("it cannot be asked: {error}")),
        },
    };
    match asked {
        Ok(_) => Outcome::ok("it answers, and lets us in"),
        Err(error) => judge(&error),
    }
}

/// A server that is away may come back, and no command waits for it; what is wrong here stays wrong.
fn judge(error: &ConnectFailed) -> Outcome {
    let detail = error_chain(error);
    let advice = "events are published once this is put right; commands do not wait for it";
    match error {
        ConnectFailed::Unreachable(_) => Outcome::warn(detail, advice),
        _ => Outcome::fail(detail, advice),
    }
}
