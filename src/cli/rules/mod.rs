//! `mfa-ledger rules`

mod backtest;
mod check;
mod list;
mod test;

use std::path::PathBuf;
use std::sync::Arc;

use super::exit::Failed;
use super::globals::Globals;
use crate::react::detect::{Broken, Rules};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print the rules in force
    List(list::Args),
    /// Check the rules and filters of the site, together with the pack
    Check(check::Args),
    /// Run the fixtures in the files of the rules
    Test(test::Args),
    /// Run rules over the past of the data directory, and print what they would have raised
    Backtest(backtest::Args),
}

pub(super) fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => list::run(globals, &args),
        Command::Check(args) => check::run(globals, &args),
        Command::Test(args) => test::run(globals, &args),
        Command::Backtest(args) => backtest::run(globals, &args),
    }
}

/// Where the site's rules are.
#[derive(Debug, clap::Args)]
struct Site {
    /// Directory with the site's rules and filters [default: rules.dir of the configuration]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Site {
    fn rules(&self, globals: &Globals) -> Result<Arc<Rules>, Failed> {
        let config = globals.load_quietly()?.config;
        let dir = self.dir.as_deref().or(config.rules.dir.as_deref());
        Rules::load(dir, &config.rules.off).map(Arc::new).map_err(|broken| unusable(&broken))
    }
}

fn unusable(broken: &Broken) -> Failed {
    Failed::new(format!("the rules cannot be used:\n{broken}"))
}
