//! The command line: parse, call, print. Data goes to standard output, everything else to standard error.
//! One subcommand per file.

mod activity;
mod administrator;
mod anchors;
mod as_of;
mod backup;
mod completion;
mod config;
mod consumers;
mod demo;
mod diff;
mod doctor;
mod events;
mod evidence;
mod exit;
mod explain;
mod fields;
mod flowing;
mod globals;
mod health;
mod init;
mod keys;
mod known;
mod log;
mod mfa;
mod nats;
mod operator;
mod out;
mod reach;
mod remote;
mod replay;
mod resets;
mod rules;
mod serve;
mod telemetry;
mod witness;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use exit::{Exit, Failed};
use flowing::flowing;
use globals::{Globals, chance, clock};
use known::Known;
use out::{Column, Output, Rows, Single};
use reach::{Here, Reach};
use remote::Remote;

const ABOUT: &str =
    "An event-sourced, audit-first backend for the multi-factor authentication of administrators";

const AFTER_HELP: &str = "\
Commands other than serve work on the data directory when no server holds it. When one does, they go
through its API, as the caller whose token is in MFA_LEDGER_TOKEN or in the file of --token-file.

Exit codes:
  0   done
  1   failed, or refused by a rule
  2   the command line cannot be understood
  3   the server could not be reached, or answered what it should not
  4   not allowed, or nobody known asked
  5   there is no such thing
  6   in conflict with what is there
  10  the log was altered, cut or rolled back";

/// What has not ended by then, after all that counts has, is left behind.
const END_WITHIN: Duration = Duration::from_secs(1);

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "mfa-ledger", version, about = ABOUT, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API; prints one JSON line with its address when it is ready
    Serve(serve::Args),
    /// Begin a ledger: key, settings, recommended roles, first super administrator
    Init(init::Args),
    /// Create, list and show administrators, reset their passwords
    #[command(subcommand)]
    Administrator(administrator::Command),
    /// Reset an administrator's multi-factor authentication
    #[command(subcommand)]
    Mfa(mfa::Command),
    /// Look into the history of resets
    #[command(subcommand)]
    Resets(resets::Command),
    /// Read, follow and export the activity log
    #[command(subcommand)]
    Activity(activity::Command),
    /// Show the administrators as they were at a moment of the past
    AsOf(as_of::Args),
    /// Show what differs between two moments of the past
    Diff(diff::Args),
    /// Say why something is allowed or not, now or at a moment of the past
    #[command(subcommand)]
    Explain(explain::Command),
    /// Fold the log anew; tell one administrator's story, or send the past to NATS once more
    Replay(replay::Args),
    /// The keys that sign the log's checkpoints
    #[command(subcommand)]
    Keys(keys::Command),
    /// Check the log, and what it is signed with
    #[command(subcommand)]
    Log(log::Command),
    /// List, check and test the rules that raise alerts, and try them on the past
    #[command(subcommand)]
    Rules(rules::Command),
    /// Make, check and restore backups
    #[command(subcommand)]
    Backup(backup::Command),
    /// Make, list and remove consumers: who may read the events on NATS
    #[command(subcommand)]
    Consumers(consumers::Command),
    /// Read the events on NATS
    #[command(subcommand)]
    Events(events::Command),
    /// Make and check evidence: one file that proves what happened to an administrator, or around a reset
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Show and check the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Print completions for a shell
    Completion(completion::Args),
    /// Start everything in a temporary directory, with a sample history, and say where to look
    Demo(demo::Args),
    /// Look at the data directory, the machine under it, the rules, and what it talks to (anchors, witnesses, NATS); change nothing
    Doctor(doctor::Args),
    /// Ask a server whether it is ready; exit code 0 when it is, 1 when it is not
    Health(health::Args),
    /// What the anchors and witnesses of the log held, and forgetting it where one was emptied on purpose
    #[command(subcommand)]
    Anchors(anchors::Command),
    /// Run a witness: another host that remembers how far logs had come, and signs that they go on from there
    #[command(subcommand)]
    Witness(witness::Command),
}

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    let parsed = flowing(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Whoever closed the pipe does not want to read it.
            let _unread = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Failed::new("no threads can be started").because(&error).report(),
    };
    let data_dir = cli.globals.data_dir.clone();
    let code = match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.about(data_dir.as_deref()).report(),
    };
    // What still reads from a place that hangs, such as an anchor's share, is not waited for.
    runtime.shutdown_timeout(END_WITHIN);
    code
}

async fn dispatch(Cli { globals, command }: Cli) -> Result<(), Failed> {
    match command {
        Command::Serve(args) => serve::run(&globals, args).await,
        Command::Init(args) => init::run(&globals, args).await,
        Command::Administrator(command) => administrator::run(&globals, command).await,
        Command::Mfa(command) => mfa::run(&globals, command).await,
        Command::Resets(command) => resets::run(&globals, command).await,
        Command::Activity(command) => activity::run(&globals, command).await,
        Command::AsOf(args) => as_of::run(&globals, args).await,
        Command::Diff(args) => diff::run(&globals, args).await,
        Command::Explain(command) => explain::run(&globals, command).await,
        Command::Replay(args) => replay::run(&globals, args).await,
        Command::Keys(command) => keys::run(&globals, command).await,
        Command::Log(command) => log::run(&globals, command).await,
        Command::Rules(command) => rules::run(&globals, command),
        Command::Backup(command) => backup::run(&globals, command).await,
        Command::Consumers(command) => consumers::run(&globals, command).await,
        Command::Events(command) => events::run(&globals, command).await,
        Command::Evidence(command) => evidence::run(&globals, command).await,
        Command::Config(command) => config::run(&globals, &command),
        Command::Completion(args) => completion::run(&args),
        Command::Demo(args) => demo::run(&globals, args).await,
        Command::Doctor(args) => doctor::run(&globals, args).await,
        Command::Health(args) => health::run(&globals, args).await,
        Command::Anchors(command) => anchors::run(&globals, command).await,
        Command::Witness(command) => witness::run(&globals, command).await,
    }
}
