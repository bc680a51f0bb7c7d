//! `mfa-ledger log export`

use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use crate::cli::{Exit, Failed, Globals, Known};
use crate::export::{self, Create, ExportError, Form, Made};

const AFTER_HELP: &str = "\
One file with the log, or a part of it: a few lines of text that say what it is, the signed checkpoint, the hashes
left and right of a part, and then the records. The manual describes the format, under `verifying`. It ends
at the newest checkpoint: records behind it are in no export until they are signed for, which a running server
does every second and any command that opens the ledger does at its end. The log is checked before it is
exported: of one that was altered nothing is written.

Without --leaves it holds the records as they are stored, both halves, and log import makes a data directory of
it. It never holds the vault, nor any key: it is no backup (see backup create). With --leaves it holds the public
halves alone, one a line, for whoever should check the log and not see more of it.

Exit codes: 0 done, 1 failed, 2 usage, 5 no ledger or no such positions, 6 FILE is there already, 10 the log was
altered, cut or rolled back.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// File to make; it must not be there yet. - is standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// First position
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Last position [default: the last that the newest checkpoint was signed for]
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// Only the public halves of the records
    #[arg(long)]
    leaves: bool,
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    if args.to.is_some_and(|to| to < args.from) {
        return Err(Failed::with(Exit::Usage, "--to lies before --from"));
    }
    let config = globals.load_quietly()?.config;
    let keys = args.known.keys(&config)?.keys;
    let form = if args.leaves { Form::Leaves } else { Form::Raw };
    let (data_dir, keys) = (config.data_dir.as_path(), keys.as_deref());
    let ask = Create { data_dir, form, from: args.from, to: args.to, keys };
    let made = if args.output == Path::new("-") {
        export::create(&ask, &mut BufWriter::new(std::io::stdout().lock()))?
    } else {
        to_file(&ask, &args.output)?
    };
    let (from, to) = (made.header.from, made.header.to);
    let size = made.header.signed.checkpoint.size;
    eprintln!("mfa-ledger: exported positions {from} to {to} of {size}");
    if let Some(unsealed @ 1..) = made.unsealed {
        eprintln!(
            "mfa-ledger: {unsealed} more records were not signed for yet, so they are not in it; start the server \
             once, and export anew"
        );
    }
    Ok(())
}

/// Into a new file, which gets its name once it is whole and durable.
fn to_file(ask: &Create<'_>, file: &Path) -> Result<Made, Failed> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| Failed::from(ExportError::Io(file.into(), error));
    let there = || Failed::with(Exit::Conflict, format!("there is something at {} already", file.display()));
    if std::fs::symlink_metadata(file).is_ok() {
        return Err(there());
    }
    let unfinished = tempfile::Builder::new().prefix(".log-export-").tempfile_in(dir).map_err(failed)?;
    let mut writer = BufWriter::new(unfinished);
    let made = export::create(ask, &mut writer)?;
    let unfinished = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    unfinished.as_file().sync_all().map_err(failed)?;
    unfinished.persist_noclobber(file).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => there(),
        _ => failed(error.error),
    })?;
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)?;
    Ok(made)
}
