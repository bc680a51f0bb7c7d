//! `mfa-ledger witness`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde_json::json;
use zeroize::Zeroizing;

use super::exit::{Exit, Failed};
use super::globals::{Globals, chance, clock};
use super::{out, telemetry};
use crate::disk::Disk;
use crate::text_file::without_mark;
use crate::tlog::key::KeyType;
use crate::tlog::{SigningKey, VerifierKey};
use crate::witness::{self, Witness, WitnessError};

/// The file in the directory with the keys of logs, one a line.
const LOGS: &str = "logs";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make the key of a witness, and print the verifier key that logs are told
    Init(Init),
    /// Cosign the checkpoints of logs; prints one JSON line with its address when it is ready
    Serve(Serve),
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// Directory for what it remembers
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Name of the witness: an address without a scheme, such as witness.example/w1
    #[arg(long, value_name = "NAME")]
    name: String,
    /// File for the key [default: the directory's name with .key behind it]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Directory with what it remembers
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Verifier key of a log, several for one log while it changes keys; besides those in the file `logs`
    #[arg(long, value_name = "VERIFIER-KEY")]
    log: Vec<String>,
    /// File with the key [default: the directory's name with .key behind it]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

pub(super) async fn run(globals: &Globals, command: Command) -> Result<(), Failed> {
    telemetry::begin(&globals.load(None)?, "info")?;
    match command {
        Command::Init(args) => init(args),
        Command::Serve(args) => serve(args).await,
    }
}

fn init(args: Init) -> Result<(), Failed> {
    let path = args.key_file.unwrap_or_else(|| witness::key_file(&args.dir));
    let chance = chance();
    let mut seed = Zeroizing::new([0; 32]);
    chance.fill(&mut *seed);
    let key = SigningKey::from_seed(&args.name, KeyType::Cosignature, &seed);
    let key = key.map_err(|error| Failed::with(Exit::Usage, "--name").because(&error))?;
    let draft = HEXLOWER.encode(&chance.bytes::<8>());
    make_directory(&args.dir).map_err(|error| WitnessError::Io(args.dir, error))?;
    match witness::create_key(&path, &key, &draft, &Disk::real()) {
        Ok(()) => out::raw(format!("{}\n", key.verifier()).as_bytes()),
        Err(error @ WitnessError::KeyExists(_)) => {
            let there = witness::read_key(&path, is_credential(&path))?;
            Err(Failed::from(error).advise(format!("its verifier key is {}", there.verifier())))
        }
        Err(error) => Err(error.into()),
    }
}

fn make_directory(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

async fn serve(args: Serve) -> Result<(), Failed> {
    let path = args.key_file.unwrap_or_else(|| witness::key_file(&args.dir));
    let key = witness::read_key(&path, is_credential(&path))?;
    let logs = logs(&args.dir, &args.log)?;
    let opened = Witness::open(&args.dir, key, &logs, Disk::real(), clock())?;
    for origin in opened.origins() {
        tracing::info!(origin, "a log to witness");
    }
    let listener = witness::listen(args.listen)?;
    let ready = |address: &str| {
        // Whoever started this may not care for the line; callers are served all the same.
        let _unread = out::json_line(&json!({ "listening": address }));
    };
    Ok(witness::serve(Arc::new(opened), listener, ready).await?)
}

/// Those of the command line and those of the file.
fn logs(dir: &Path, named: &[String]) -> Result<Vec<VerifierKey>, WitnessError> {
    let file = dir.join(LOGS);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(WitnessError::Io(file, error)),
    };
    let lines =
        without_mark(&text).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all = named.iter().map(String::as_str).chain(lines);
    all.map(|key| key.parse().map_err(|source| WitnessError::LogMalformed { origin: key.to_owned(), source }))
        .collect()
}

/// Whether a service manager handed the file over.
fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| !dir.is_empty() && path.starts_with(dir))
}
