//! `mfa-ledger config`

use super::exit::Failed;
use super::globals::Globals;
use super::{out, telemetry};
use crate::config::{self, Loaded};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print the configuration that holds, secrets hidden
    Show {
        /// Say behind every setting where it was set
        #[arg(long)]
        origin: bool,
    },
    /// Check the configuration
    Check,
    /// Print a configuration file with every setting, its default or an example, and what it is for
    Template,
}

pub(super) fn run(globals: &Globals, command: &Command) -> Result<(), Failed> {
    match command {
        Command::Template => out::raw(config::template().as_bytes()),
        Command::Show { origin } => out::raw(show(&globals.load(None)?, *origin).as_bytes()),
        Command::Check => {
            let loaded = globals.load(None)?;
            telemetry::filter(&loaded, "info")?;
            eprintln!("mfa-ledger: the configuration can be used");
            Ok(())
        }
    }
}

fn show(loaded: &Loaded, origins: bool) -> String {
    let implied = |key: &str| match key {
        "vault.master_key_file" => Some(loaded.config.key_file()),
        "log.signing_key_file" => Some(loaded.config.signing_key_file()),
        _ => None,
    };
    let implied = |key: &str| implied(key).map(|path| format!("{:?}", path.display().to_string()));
    loaded.settings().into_iter().fold(String::new(), |text, setting| {
        let key = setting.key;
        let value = setting.value.or_else(|| implied(key));
        let origin = if origins { format!("  # {}", loaded.origin(key)) } else { String::new() };
        match value {
            Some(value) => format!("{text}{key} = {value}{origin}\n"),
            None => format!("{text}# {key} is not set\n"),
        }
    })
}
