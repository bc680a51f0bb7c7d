//! `mfa-ledger completion`

use clap::CommandFactory;
use clap_complete::Shell;

use super::exit::Failed;
use super::{Cli, out};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<(), Failed> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mfa-ledger", &mut script);
    out::raw(&script)
}
