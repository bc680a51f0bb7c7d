//! A command of any kind, where a test draws one by chance.

use std::pin::Pin;
use std::sync::Arc;

use mfa_ledger::service::{Call, Failure, Receipt, Rejection, Service, Shown, UseCase};
use mfa_ledger_schemas::Event;

type Answered = Pin<Box<dyn Future<Output = Result<Told, Failure>> + Send>>;

/// A command.
pub struct AnyCommand(Box<dyn FnOnce(Arc<Service>, Call) -> Answered + Send>);

/// What its caller hears.
pub struct Told {
    pub receipt: Receipt,
    /// What happened; none where a rule refused it.
    pub event: Option<Event>,
    pub shown: Shown,
}

impl<C: UseCase> From<C> for AnyCommand {
    fn from(command: C) -> Self {
        Self(Box::new(|service, call| {
            Box::pin(async move {
                Ok(match service.execute(call, command).await? {
                    Ok(done) => {
                        Told { receipt: done.receipt, event: Some(done.event.into()), shown: done.shown }
                    }
                    Err(rejected) => {
                        let event = match rejected.why {
                            Rejection::Refused(..) => None,
                            Rejection::Failed(failed) => Some(failed.into()),
                        };
                        Told { receipt: rejected.receipt, event, shown: Shown::default() }
                    }
                })
            })
        }))
    }
}

impl AnyCommand {
    pub fn execute(self, service: &Arc<Service>, call: Call) -> Answered {
        (self.0)(Arc::clone(service), call)
    }
}
