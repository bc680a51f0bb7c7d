//! `mfa-ledger config`

use super::common::Common;
use super::exit::Failed;
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
    /// Print a configuration file with every setting, its default, and what it is for
    Template,
}

pub(super) fn run(common: &Common, command: &Command) -> Result<(), Failed> {
    match command {
        Command::Template => out::raw(config::template().as_bytes()),
        Command::Show { origin } => out::raw(show(&common.load(None)?, *origin).as_bytes()),
        Command::Check => {
            let loaded = common.load(None)?;
            telemetry::filter(&loaded, "info")?;
            eprintln!("mfa-ledger: the configuration can be used");
            Ok(())
        }
    }
}

fn show(loaded: &Loaded, origins: bool) -> String {
    loaded.settings().into_iter().fold(String::new(), |text, setting| {
        let value = match setting.value {
            Some(value) => value,
            None if setting.key == "vault.master_key_file" => loaded.config.key_file().display().to_string(),
            None => String::new(),
        };
        let origin = if origins { format!("  # {}", loaded.origin(setting.key)) } else { String::new() };
        format!("{text}{} = {value}{origin}\n", setting.key)
    })
}
