//! `mfa-ledger backup`

mod create;
mod restore;
mod shown;
mod verify;

use super::exit::{Exit, Failed};
use super::globals::Globals;
use crate::backup::BackupError;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Copy log and vault into a new directory, also beside a running server
    Create(create::Args),
    /// Check that a backup is whole and is what was signed for
    Verify(verify::Args),
    /// Make a new data directory of a backup
    Restore(restore::Args),
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create::run(globals, args).await,
        Command::Verify(args) => verify::run(globals, args).await,
        Command::Restore(args) => restore::run(globals, args).await,
    }
}

/// What blocks is done beside the runtime.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, Failed> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Failed::new("the command has panicked").because(&error)),
    }
}

impl From<BackupError> for Failed {
    fn from(error: BackupError) -> Self {
        let exit = match &error {
            error if error.is_integrity() => Exit::Tampering,
            BackupError::Exists(_) | BackupError::Busy(_) | BackupError::Held(_) => Exit::Conflict,
            BackupError::NoLedger(_) => Exit::NotFound,
            _ => Exit::Failed,
        };
        let message = error.page().unwrap_or_else(|| error.to_string());
        let failed = Self::with(exit, message);
        match std::error::Error::source(&error) {
            Some(source) => failed.because(source),
            None => failed,
        }
    }
}
