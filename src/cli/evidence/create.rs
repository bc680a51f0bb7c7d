//! `mfa-ledger evidence create`

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mfa_ledger_api::rows::cell;
use serde_json::Value;

use super::gather::{self, Gathered};
use super::recorded::{self, Asked};
use super::words::{self, Told};
use crate::cli::activity::entry::of_leaf;
use crate::cli::known::keyring;
use crate::cli::replay::telling;
use crate::cli::{Exit, Failed, Globals, chance};
use crate::config::Config;
use crate::disk::Disk;
use crate::evidence::page::{self, Line};
use crate::evidence::{self, Contents, Event};
use crate::integrity;
use crate::tlog::leaf_hash;

const AFTER_HELP: &str = "\
The file is a tar archive: the public halves of the records byte for byte, a proof for each, the signed checkpoint,
the public keys, the settings in force, a timeline to read, and how to check all of it without this program. Its
list of files is signed with the key of the log, so this needs the file of signing keys beside the data directory,
also where a server holds that.

It is recorded as an export of the activity log before anything is read: as the operator's where no server holds
the data directory, else by the server, as that of the caller, who needs the right to it. The records themselves,
and the proofs, are read from the data directory. With --reset also what led to the reset and what followed: request,
approval, notices, follow-ups, alerts, the next enrollment.

Exit codes: 0 done, 1 failed, 2 usage, 3 the server could not be asked, 4 not allowed, 5 no such administrator or
reset, 6 FILE is there already, 10 the log is not what was signed for.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP, group = clap::ArgGroup::new("about").required(true))]
pub(in crate::cli) struct Args {
    /// About everything that this administrator did and that was done to them: user name or id
    #[arg(long, value_name = "X", group = "about")]
    administrator: Option<String>,
    /// About the reset at this position
    #[arg(long, value_name = "POSITION", group = "about", value_parser = clap::value_parser!(u64).range(1..))]
    reset: Option<u64>,
    /// File to make; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// With the words that lie sealed in the ledger: names and contacts of requesters, reasons, notes
    #[arg(long)]
    with_personal_data: bool,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    if std::fs::symlink_metadata(&args.to).is_ok() {
        return Err(there(&args.to));
    }
    let config = globals.load_quietly()?.config;
    let keyring = keyring(&config)?;
    let asked = match (&args.administrator, args.reset) {
        (Some(who), _) => Asked::Administrator(who),
        (None, Some(reset)) => Asked::Reset(reset),
        (None, None) => return Err(Failed::with(Exit::Usage, "about whom, or which reset?")),
    };
    recorded::record(globals, &config.data_dir, &asked).await?;
    let gathered = match asked {
        Asked::Administrator(who) => gather::of_administrator(&config, who)?,
        Asked::Reset(reset) => gather::of_reset(&config, reset)?,
    };
    let told = if args.with_personal_data { words::told(globals, &gathered).await? } else { Told::new() };
    let keys = keyring.verifiers();
    let (checkpoint, ledger) = integrity::newest_checkpoint(&config.data_dir, Some(&keys))?;
    let size = checkpoint.checkpoint.size;
    let events = events(&config, &gathered, size, |position, leaf| {
        integrity::prove_under(&config.data_dir, &checkpoint, ledger, position, leaf_hash(leaf.as_bytes()))
    })?;
    let lines = lines(&gathered, &told, size)?;
    let facts = [
        ("Log", checkpoint.checkpoint.origin.clone()),
        ("About", format!("{} ({})", gathered.name, gathered.about)),
        ("Records", format!("{} of the {size} that the checkpoint was signed for", events.len())),
        ("Times", "UTC".to_owned()),
    ];
    let contents = Contents {
        about: gathered.about,
        checkpoint: &checkpoint,
        keys: &keys,
        policy: gathered.policy.shown(),
        events: &events,
        timeline: page::render(&format!("What happened to {}", gathered.name), &facts, &lines),
        personal: args.with_personal_data.then(|| words::as_json(&told)),
    };
    let bytes = evidence::pack(&contents, keyring.signing())
        .map_err(|error| Failed::new("the bundle cannot be made").because(&error))?;
    place(&args.to, &bytes)?;
    eprintln!(
        "mfa-ledger: {} records of {}, proven under a checkpoint of {size}",
        events.len(),
        gathered.name
    );
    Ok(())
}

/// Each record with its proof; what was not signed for yet is told of, and left out.
fn events(
    config: &Config,
    gathered: &Gathered,
    size: u64,
    prove: impl Fn(u64, &str) -> Result<crate::tlog::receipt::Receipt, integrity::ProveError>,
) -> Result<Vec<Event>, Failed> {
    let (sealed, unsealed): (Vec<_>, Vec<_>) = gathered.records.iter().partition(|(at, _)| **at <= size);
    if let Some((position, _)) = unsealed.first() {
        let dir = config.data_dir.display();
        eprintln!(
            "mfa-ledger: {} records of {dir} from position {position} on were not signed for yet, so they are not in it",
            unsealed.len()
        );
    }
    let event = |(position, record): (&u64, &gather::Recorded)| {
        let receipt = prove(*position, &record.leaf)?;
        Ok(Event { position: *position, leaf: record.leaf.clone(), receipt })
    };
    sealed.into_iter().map(event).collect()
}

fn lines(gathered: &Gathered, told: &Told, size: u64) -> Result<Vec<Line>, Failed> {
    let sealed = gathered.records.iter().filter(|(position, _)| **position <= size);
    sealed.map(|(position, record)| line(*position, record, told.get(position))).collect()
}

fn line(position: u64, record: &gather::Recorded, words: Option<&Value>) -> Result<Line, Failed> {
    let row = telling::row(&of_leaf(position, &record.leaf, record.void, &Value::Null)?);
    let of = |path| cell(&row, path);
    let word = |name: &'static str| {
        let text = words.and_then(|words| words[name].as_str());
        text.map(|text| (name, text.to_owned()))
    };
    let names = ["requester_name", "requester_contact", "text"];
    let unreadable = words.is_some_and(|words| words["unreadable"] == true);
    let unreadable = unreadable.then(|| ("words", "cannot be read (damaged)".to_owned()));
    Ok(Line {
        position,
        time: of("time"),
        what: of("what"),
        by: of("by"),
        reason: of("reason"),
        verification: of("verification"),
        ticket: of("ticket"),
        address: of("address"),
        void: record.void,
        words: names.into_iter().filter_map(word).chain(unreadable).collect(),
    })
}

/// All of it or nothing.
fn place(file: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let draft = data_encoding::HEXLOWER.encode(&chance().bytes::<8>());
    Disk::real().place_new(file, bytes, &draft).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => there(file),
        _ => Failed::new(format!("{} cannot be written", file.display())).because(&error),
    })
}

fn there(file: &Path) -> Failed {
    Failed::with(Exit::Conflict, format!("there is something at {} already", file.display()))
}
