//! `mfa-ledger log verify`

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::input::open;
use super::of_url;
use super::progress::Progress;
use super::site::Site;
use super::verdict::{self, Watch};
use crate::cli::known::Keys;
use crate::cli::{Exit, Failed, Globals, Known, Single};
use crate::config::Config;
use crate::data_dir::{StartError, ask_anchors, heard};
use crate::export::{self, ExportError};
use crate::follow::anchor::AnchorError;
use crate::integrity::data_dir::{self, Against, VerifyError};
use crate::integrity::{CheckpointError, Remembered, Tampered, read_checkpoint};
use crate::tlog::VerifierKey;
use crate::tlog::note::NoteError;

const AFTER_HELP: &str = "\
Every record is read from the journal, checked and hashed; the root of the tree over them must be the one that
the signed checkpoint of the data directory has, and the one of every checkpoint given with --checkpoint, or
remembered by the anchors and witnesses of the configuration. This works beside a running server, then up to its newest checkpoint, and without one. The reading copy (sled) is
not looked at: the next start compares it with the journal, and rebuilds it where it differs.

With --export FILE the same is done with a file that log export has made, of whatever form, whole or a part: no
data directory is needed, only the public keys. Its checkpoint must be signed by a key that is known.

With --url URL the tiles of a server are fetched (C2SP tlog-tiles) up to its newest checkpoint; nothing that it
says counts unless a key given with --key, or lying here, has signed it. Where the token in MFA_LEDGER_TOKEN, or
of --token-file, may export, the leaves from --from to --to are fetched as well and held against the tiles; the
token goes to that address. Without one only the tree is checked.

Exit codes: 0 sound, 1 it could not be checked, 2 usage, 3 the server could not be reached or answered what it should
not, 4 it does not let this token export, 10 altered, cut or rolled back.";

const ADVICE: &str = "
What to do: keep the file as it is, ask for another export, and have the log itself checked where it lies
(mfa-ledger log verify), with a checkpoint from an anchor or from somebody who kept one.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    known: Known,
    /// Check this export instead of the data directory; - is standard input
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Check the log of the server at this address, by its tiles
    #[arg(long, value_name = "URL", conflicts_with = "export")]
    url: Option<String>,
    /// Checkpoint that somebody kept, such as one of an anchor; may be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// First position to look at closely; the tree is over all records in any case
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Last position to look at closely [default: the last]
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Single::Table)]
    output: Single,
}

impl Args {
    fn close(&self) -> RangeInclusive<u64> {
        self.from..=self.to.unwrap_or(u64::MAX)
    }
}

pub(super) async fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    if args.to.is_some_and(|to| to < args.from) {
        return Err(Failed::with(Exit::Usage, "--to lies before --from"));
    }
    let config = globals.load_quietly()?.config;
    let watch = Watch::start();
    let Keys { keys, origin } = args.known.keys(&config)?;
    let remembered = args.checkpoints.iter().map(|path| remember(path, keys.as_deref()));
    let remembered = remembered.collect::<Result<Vec<_>, _>>()?;
    let against = Against { keys, origin, remembered };
    match (&args.export, &args.url) {
        (Some(file), _) => of_export(file, args, against, &watch),
        (None, Some(url)) => {
            let site = Site::new(url, globals)?;
            of_url::run(&site, args.output, against, args.close(), &watch).await
        }
        (None, None) => {
            let (against, dispute) = with_anchors(&config, against).await?;
            of_data_dir(&config, args, against, dispute, &watch)
        }
    }
}

/// The anchors and witnesses of the configuration have their say; before the log is looked at, which may grow.
async fn with_anchors(
    config: &Config,
    mut against: Against,
) -> Result<(Against, Option<StartError>), Failed> {
    let mut dispute = None;
    if let (Some(keys), Some(origin)) = (&against.keys, &against.origin) {
        let said = match ask_anchors(config, origin, keys).await {
            Ok(said) => said,
            // The log can be checked all the same.
            Err(error) if error.is_integrity() => return Ok((against, Some(error))),
            Err(error) => return Err(error.into()),
        };
        for one in &said {
            if let Err(AnchorError::Failed(why)) = &one.remembered {
                eprintln!("mfa-ledger: {} was not heard: {why}", one.source);
            }
        }
        match heard(said) {
            Ok(heard) => {
                against.remembered.extend(heard.remembered);
                dispute = heard.dispute;
            }
            Err(error) => dispute = Some(error),
        }
    }
    Ok((against, dispute))
}

fn of_data_dir(
    config: &Config,
    args: &Args,
    against: Against,
    dispute: Option<StartError>,
    watch: &Watch,
) -> Result<(), Failed> {
    let keys = against.keys.clone();
    let held_against: Vec<_> = against.remembered.iter().map(told).collect();
    let held_against = (!held_against.is_empty()).then(|| held_against.join(", "));
    let total = against.remembered.iter().map(|it| it.checkpoint.size).max();
    let own = read_checkpoint(&config.data_dir.join("checkpoint"), keys.as_deref()).ok();
    let mut progress = Progress::new(total.max(own.map(|own| own.checkpoint.size)));
    let verified = data_dir::verify(&config.data_dir, against, args.close(), |seen| progress.at(seen));
    drop(progress);
    match verified {
        Ok(verified) => {
            let to = args.to.unwrap_or(verified.size).min(verified.size);
            let mut report = json!({
                "result": "sound",
                "records": verified.size,
                "from": args.from,
                "to": to,
                "size": verified.size,
                "root": verified.root.to_string(),
                "origin": verified.origin,
                "signed_by": verified.signed_by,
                "signatures_checked": keys.is_some(),
                "unsealed": verified.unsealed,
                "torn_bytes": verified.torn_bytes,
                "in_use": verified.in_use,
                "held_against": held_against,
            });
            // The log is whole, and an anchor disputes it: both are reported.
            if let Some(dispute) = &dispute {
                report["anchors"] = json!(dispute.to_string());
            }
            verdict::sound(args.output, report, watch, verified.size)?;
            dispute.map_or(Ok(()), |dispute| Err(dispute.into()))
        }
        Err(VerifyError::Tampered(tampered)) => {
            verdict::tampered(args.output, &tampered, watch)?;
            Err(Failed::with(Exit::Tampering, tampered.page()))
        }
        Err(VerifyError::NoLedger(dir)) => {
            Err(Failed::with(Exit::NotFound, format!("there is no ledger in {}", dir.display())))
        }
        Err(error) => Err(Failed::new("the log could not be checked").because(&error)),
    }
}

/// A checkpoint that the log goes on from.
fn told(it: &Remembered) -> String {
    format!("{} ({} records)", it.source, it.checkpoint.size)
}

fn of_export(file: &Path, args: &Args, against: Against, watch: &Watch) -> Result<(), Failed> {
    let checked = against.keys.is_some();
    let mut progress = Progress::new(None);
    let verified = export::verify(&mut open(file)?, against, args.close(), |seen| progress.at(seen));
    drop(progress);
    match verified {
        Ok(verified) => {
            let header = &verified.header;
            let records = header.to - header.from + 1;
            let report = json!({
                "result": "sound",
                "form": header.form.name(),
                "records": records,
                "from": header.from,
                "to": header.to,
                "size": header.signed.checkpoint.size,
                "root": verified.root.to_string(),
                "origin": header.signed.checkpoint.origin,
                "signed_by": verified.signed_by,
                "signatures_checked": checked,
            });
            verdict::sound(args.output, report, watch, records)
        }
        Err(ExportError::Tampered(tampered)) => {
            verdict::tampered(args.output, &tampered, watch)?;
            Err(altered(&tampered))
        }
        Err(error) => Err(error.into()),
    }
}

/// An export that is not what was signed for.
pub(super) fn altered(tampered: &Tampered) -> Failed {
    Failed::with(Exit::Tampering, tampered.facts() + ADVICE)
}

/// A checkpoint that somebody kept in a file.
pub(in crate::cli) fn remember(path: &Path, keys: Option<&[VerifierKey]>) -> Result<Remembered, Failed> {
    let source = path.display().to_string();
    match read_checkpoint(path, keys) {
        Ok(signed) => Ok(Remembered { source, checkpoint: signed.checkpoint }),
        Err(error) => {
            let unsigned =
                matches!(error, CheckpointError::Note(_, NoteError::Unsigned | NoteError::Invalid(_)));
            let exit = if unsigned { Exit::Tampering } else { Exit::Failed };
            Err(Failed::with(exit, "a checkpoint cannot be used").because(&error))
        }
    }
}
