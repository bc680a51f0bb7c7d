//! `mfa-ledger evidence verify`

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::known::keyring;
use crate::cli::out::{self};
use crate::cli::{Column, Exit, Failed, Globals, Single};
use crate::evidence::{self, MAX_BYTES};
use crate::tlog::VerifierKey;

const COLUMNS: &[Column] = &[
    ("result", "result"),
    ("log", "log"),
    ("about", "about"),
    ("events", "events"),
    ("records", "records"),
    ("personal data", "personal_data"),
    ("file", "file"),
    ("detail", "detail"),
];

const AFTER_HELP: &str = "\
Neither a ledger nor a server is needed where --key is given. The keys must come from elsewhere than the file: see
log keys. What a bundle proves, and what it does not, is in the README.txt in it, and in the manual under `verifying`.

Exit codes: 0 sound, 1 failed, 2 usage, 5 there is no FILE, 10 it was altered, or no such key has signed it.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// The bundle
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Public key that it may be signed with, as `log keys` prints it; may be repeated [default: those of the file
    /// of signing keys]
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<VerifierKey>,
    /// Form of what is found
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let keys = if args.keys.is_empty() {
        keyring(&globals.load_quietly()?.config)?.verifiers()
    } else {
        args.keys.clone()
    };
    let bytes = read(&args.file)?;
    match evidence::verify(&bytes, &keys) {
        Ok(found) => show(
            args.output,
            &json!({
                "result": "sound",
                "log": found.log,
                "about": found.about,
                "events": found.events,
                "records": found.size,
                "personal_data": found.personal,
            }),
        ),
        Err(broken) => {
            show(args.output, &json!({"result": "tampered", "file": broken.file, "detail": broken.why}))?;
            Err(Failed::with(Exit::Tampering, format!("{}: {broken}", args.file.display())))
        }
    }
}

/// One byte more than any has, so that what is too large is found out.
fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    let failed = |error: std::io::Error| {
        let exit = if error.kind() == ErrorKind::NotFound { Exit::NotFound } else { Exit::Failed };
        Failed::with(exit, format!("{} cannot be read", path.display())).because(&error)
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// The facts that there are.
fn show(form: Single, found: &Value) -> Result<(), Failed> {
    let columns: Vec<Column> = COLUMNS.iter().copied().filter(|(_, path)| !found[path].is_null()).collect();
    out::single(form, &columns, found)
}
