//! The way to a ledger: the data directory itself when nobody holds it, the server that does otherwise.

use std::sync::Arc;

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::RefusalCode;

use super::exit::{Exit, Failed};
use super::globals::{Globals, chance, clock};
use super::operator;
use super::remote::Remote;
use crate::data_dir::{self, Opened, StartError};
use crate::service::{Call, Caller, Done, Service, UseCase};

/// Where the ledger is.
pub(super) enum Reach {
    /// In our hands.
    Here(Here),
    /// In a server's.
    There(Remote),
}

/// A data directory that this process holds.
pub(super) struct Here {
    opened: Box<Opened>,
    caller: Caller,
}

/// Finds the ledger of the configuration.
pub(super) async fn reach(globals: &Globals) -> Result<Reach, Failed> {
    let loaded = globals.load_quietly()?;
    match data_dir::open(&loaded.config, clock(), chance()).await {
        Ok(opened) => {
            let opened = Box::new(opened);
            Ok(Reach::Here(Here { opened, caller: Caller::Operator(operator::name()) }))
        }
        Err(StartError::InUse(dir)) => match data_dir::listening(&loaded.config.data_dir) {
            Some(address) => Ok(Reach::There(Remote::new(&address, globals)?)),
            None => Err(StartError::InUse(dir).into()),
        },
        Err(error) => Err(error.into()),
    }
}

impl Here {
    /// Works on the ledger, and lets go of it whatever came of the work.
    pub async fn work<T>(self, work: impl AsyncFnOnce(&Self) -> Result<T, Failed>) -> Result<T, Failed> {
        let outcome = work(&self).await;
        let closed = self.opened.close().await;
        let value = outcome?;
        closed?;
        Ok(value)
    }

    pub fn service(&self) -> &Arc<Service> {
        &self.opened.service
    }

    /// A command from this command line: recorded as the operator's.
    pub async fn execute<C: UseCase>(&self, command: C) -> Result<Done<C::Ending>, Failed> {
        self.service().execute(self.call(), command).await?.map_err(|rejected| Failed::rejected(&rejected))
    }

    pub fn call(&self) -> Call {
        Call::by(self.caller.clone(), format!("cli-{}", std::process::id()))
    }

    /// The administrator with a user name.
    pub fn administrator(&self, user_name: &str) -> Result<Administrator, Failed> {
        self.service()
            .peek(|state| state.directory.by_user_name(user_name).cloned())
            .ok_or_else(|| no_such(user_name))
    }
}

/// There is nobody with this user name.
pub(super) fn no_such(user_name: &str) -> Failed {
    Failed::with(Exit::NotFound, format!("{}: {user_name}", RefusalCode::AdministratorNotFound))
}
