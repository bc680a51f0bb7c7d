//! `mfa-ledger events verify`

use std::path::PathBuf;

use mfa_ledger_schemas::{Instant, LedgerId};
use serde_json::{Value, json};

use super::checkpoints::Checkpoints;
use super::ended::Ended;
use super::extent::{check_beginning, end};
use super::tiles::Tiles;
use crate::cli::log::progress::Progress;
use crate::cli::log::site::Site;
use crate::cli::log::verdict::{self, Watch};
use crate::cli::log::verify::remember;
use crate::cli::{Exit, Failed, Globals, Known, Single, chance, clock, nats};
use crate::config::Config;
use crate::disk::Disk;
use crate::follow::publish::Connection;
use crate::follow::publish::reading::{ReadFailed, Source};
use crate::integrity::{
    Bad, Examined, Holding, Kind, Remembered, Tampered, open_checkpoint, same_log, signers,
};
use crate::tiles::TileStore;
use crate::tlog::note::NoteError;
use crate::tlog::{SignedCheckpoint, VerifierKey, leaf_hash};

/// A checkpoint follows an event within a second or two. After this many seconds without one, something is wrong.
const COVERED_WITHIN_SECONDS: u64 = 10 * 60;

/// The source of a server's checkpoint.
const OF_SERVER: &str = "the checkpoint of the server";

const AFTER_HELP: &str = "\
Every message of the stream is read. Its sequence, Nats-Msg-Id, subject and headers must be what its place and its
event say; the bytes of the events are the leaves of an RFC 6962 tree, whose root must be the one in every signed
checkpoint: those on the stream of checkpoints on NATS, those given with --checkpoint, and, with --url, the one that a
server gives out. No data directory is needed, only the public keys; give them with --key.

Whoever runs NATS can delete the newest checkpoints there together with the events. Only a checkpoint from elsewhere
shows that: give one with --checkpoint (from an anchor, a witness, or kept by yourself) or --url. Events behind the
newest checkpoint are reported as not covered yet; when the oldest of them is older than ten minutes, the exit code
is 1.

A difference is named by its position where the tiles of the log are at hand: those of the server at --url, or of the
data directory on this machine. Without them, the report names the range between two checkpoints.

The NATS user must be able to read both streams: $JS.API.STREAM.INFO.*, $JS.API.STREAM.MSG.GET.* and
$JS.API.CONSUMER.>, as for events replay.

Exit codes: 0 verified, 1 it could not be verified, 2 usage, 3 NATS or the server of --url could not be reached, 4 NATS
does not accept this user, 5 there is no such stream, 10 messages were altered, moved, removed or added.";

const ADVICE: &str = "
What to do: keep the stream as it is, as evidence. Verify the log itself where it lies (mfa-ledger log verify). The log
is the original: to publish it again, give this stream other subjects, name another one (nats.events_stream) and restart
the server.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    known: Known,
    /// Checkpoint from elsewhere, such as one of an anchor; may be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// Server whose checkpoint and tiles the stream is compared with
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Address of a NATS server; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Single::Table)]
    output: Single,
}

/// What was found.
struct Found {
    report: Value,
    records: u64,
    /// The first event behind the newest checkpoint, and when it was recorded.
    not_covered: Option<(u64, Option<Instant>)>,
}

pub(super) async fn run(globals: &Globals, args: &Args) -> Result<(), Failed> {
    let config = globals.load_to_reach(&args.nats)?.config;
    let watch = Watch::start();
    let keys = args.known.keys(&config)?.keys;
    let site = args.url.as_deref().map(|url| Site::new(url, globals)).transpose()?;
    let connection = nats::connected(&config).await?;
    let verifying = Verifying { args, config: &config, keys: keys.as_deref(), connection: &connection };
    let ended = tokio::select! {
        ended = verifying.verify(site) => ended,
        () = connection.gone() => Err(ReadFailed::Broke.into()),
    };
    match ended {
        Ok(found) => tell(args.output, found, &watch),
        Err(Ended::Tampered(tampered)) => {
            verdict::tampered(args.output, &tampered, &watch)?;
            Err(Failed::with(Exit::Tampering, tampered.facts_about("STREAM") + ADVICE))
        }
        Err(Ended::Failed(failed)) => Err(failed),
    }
}

fn tell(form: Single, found: Found, watch: &Watch) -> Result<(), Failed> {
    let Found { mut report, records, not_covered } = found;
    let Some((first, since)) = not_covered else { return verdict::sound(form, report, watch, records) };
    let is_late = is_late(since, Instant::from_unix_ms(clock().unix_ms()));
    if is_late {
        report["result"] = "not_covered".into();
    }
    verdict::sound(form, report, watch, records)?;
    let range = format!("positions {first} to {records} are not covered by a checkpoint yet");
    if !is_late {
        eprintln!("mfa-ledger: {range}");
        return Ok(());
    }
    let since = since.map_or_else(|| "at an unknown time".to_owned(), |since| format!("at {since}"));
    Err(Failed::new(format!("{range}, although position {first} was recorded {since}")).advise(
        "give a newer checkpoint with --checkpoint or --url; if there is none, see whether checkpoints are made and published",
    ))
}

/// Whether a checkpoint should cover an event by now; what does not say when it was recorded is late.
fn is_late(recorded: Option<Instant>, now: Instant) -> bool {
    recorded.is_none_or(|recorded| now.seconds_since(recorded) > COVERED_WITHIN_SECONDS)
}

struct Verifying<'a> {
    args: &'a Args,
    config: &'a Config,
    keys: Option<&'a [VerifierKey]>,
    connection: &'a Connection,
}

impl Verifying<'_> {
    async fn verify(&self, site: Option<Site>) -> Result<Found, Ended> {
        let nats = &self.config.nats;
        let events = Source::of(self.connection, &nats.events_stream).await?;
        let ledger = self.ledger(&events).await?;
        let (connection, keys) = (self.connection, self.keys);
        let mut checkpoints =
            Checkpoints::of(connection, &nats.checkpoints_stream, ledger, keys, &reader()).await?;
        let (tiles, of_server) = self.of_server(site, ledger).await?;
        let remembered = self.remembered(&checkpoints, of_server.as_ref())?;
        let covered = remembered.iter().map(|it| it.checkpoint.size).max();
        let covered = covered.ok_or_else(|| {
            Failed::new("there is no checkpoint to verify the stream with")
                .advise("give one with --checkpoint or --url, or see why checkpoints are not published")
        })?;
        let signed = checkpoints.newest().or(of_server.as_ref());
        let signed_by = signed.map(|signed| signers(signed, keys)).unwrap_or_default();
        let origin = remembered.first().map(|it| it.checkpoint.origin.clone());
        let last = end(&events, covered).await?;
        let holding = Holding::new(remembered, self.own_tiles());
        let mut reading = Reading { ledger, covered, last, holding, tiles, not_covered: None };
        reading.read(&events, &mut checkpoints).await?;
        let Reading { holding, tiles, not_covered, .. } = reading;
        let sound = match holding.judge(last) {
            Ok(sound) => sound,
            Err(tampered) => return Err(pinned(tampered, tiles).await?.into()),
        };
        let report = json!({
            "result": "sound",
            "stream": events.name(),
            "records": sound.size,
            "from": 1,
            "to": sound.size,
            "size": sound.size,
            "root": sound.root.to_string(),
            "origin": origin,
            "signed_by": signed_by,
            "signatures_checked": keys.is_some(),
            "covered": covered,
            "not_covered": sound.size.saturating_sub(covered),
            "checkpoints": checkpoints.compared,
            "checkpoints_skipped": checkpoints.skipped,
        });
        Ok(Found { report, records: sound.size, not_covered })
    }

    /// Whose log it must be: the keys name it. Without keys, the first message does.
    async fn ledger(&self, events: &Source) -> Result<LedgerId, Ended> {
        let Some(keys) = self.keys else {
            let (first, last) = events.bounds().await?;
            if last == 0 {
                return Err(Failed::with(Exit::NotFound, "the stream has no messages").into());
            }
            check_beginning(first, last)?;
            let message = events.messages(1, None, &reader()).await?.next().await?;
            let named = message.envelope().ledger();
            return named.ok_or_else(|| {
                let why = "its Nats-Msg-Id names no ledger and this position";
                Tampered::at(Kind::Message, Bad::At(1), 0, why).into()
            });
        };
        let mut ledgers: Vec<LedgerId> = keys.iter().filter_map(ledger_of).collect();
        ledgers.dedup();
        match ledgers.as_slice() {
            [ledger] => Ok(*ledger),
            [] => Err(Failed::with(Exit::Usage, "none of the keys is that of a ledger").into()),
            _ => Err(Failed::with(Exit::Usage, "the keys are those of several ledgers").into()),
        }
    }

    async fn of_server(
        &self,
        site: Option<Site>,
        ledger: LedgerId,
    ) -> Result<(Option<Tiles>, Option<SignedCheckpoint>), Ended> {
        let Some(site) = site else { return Ok((None, None)) };
        let signed = open_checkpoint(&site.checkpoint().await?, self.keys).map_err(|error| match error {
            NoteError::Unsigned | NoteError::Invalid(_) => {
                let why = format!("{OF_SERVER}: {error}");
                Ended::from(Tampered::at(Kind::Signature, Bad::Nowhere, 0, why))
            }
            NoteError::TooLarge | NoteError::Malformed(_) => {
                Failed::with(Exit::Remote, format!("{OF_SERVER} is not one")).because(&error).into()
            }
        })?;
        let origin = &signed.checkpoint.origin;
        if !same_log(origin, ledger) {
            let why = format!("{OF_SERVER} is that of {origin}");
            return Err(Tampered::at(Kind::Signature, Bad::Nowhere, 0, why).into());
        }
        Ok((Some(Tiles::new(site, signed.checkpoint.clone())), Some(signed)))
    }

    /// The checkpoints that are at hand before the first message is read.
    fn remembered(
        &self,
        checkpoints: &Checkpoints<'_>,
        of_server: Option<&SignedCheckpoint>,
    ) -> Result<Vec<Remembered>, Failed> {
        let one = |source: String, signed: &SignedCheckpoint| Remembered {
            source,
            checkpoint: signed.checkpoint.clone(),
        };
        let published = checkpoints.newest().map(|signed| one(checkpoints.source(), signed));
        let of_server = of_server.map(|signed| one(OF_SERVER.to_owned(), signed));
        let files = self.args.checkpoints.iter().map(|path| remember(path, self.keys));
        published.into_iter().chain(of_server).map(Ok).chain(files).collect()
    }

    /// The tiles of the data directory, where there is one on this machine. They are believed only as far as they
    /// come to what was signed.
    fn own_tiles(&self) -> Option<TileStore> {
        let dir = &self.config.data_dir;
        dir.join("tile").is_dir().then(|| TileStore::new(dir, Disk::real()))
    }
}

/// One pass over the events.
struct Reading {
    ledger: LedgerId,
    covered: u64,
    last: u64,
    holding: Holding,
    tiles: Option<Tiles>,
    not_covered: Option<(u64, Option<Instant>)>,
}

impl Reading {
    async fn read(&mut self, events: &Source, checkpoints: &mut Checkpoints<'_>) -> Result<(), Ended> {
        if self.last == 0 {
            return Ok(());
        }
        let mut messages = events.messages(1, None, &reader()).await?;
        let mut progress = Progress::new(Some(self.last));
        for position in 1..=self.last {
            let event = messages.next().await?;
            checkpoints.up_to(position, &mut self.holding).await?;
            let hash = leaf_hash(&event.leaf);
            if let Some(tiles) = &mut self.tiles {
                tiles.see(hash).await?;
            }
            let fault = event.envelope().fault(self.ledger, &event.leaf);
            self.holding.add(position, Examined { hash, fault: fault.map(|why| (Kind::Message, why)) });
            if position == self.covered + 1 {
                self.not_covered = Some((position, event.time().ok()));
            }
            progress.at(position);
        }
        Ok(())
    }
}

/// The tiles of the server name the message, where only a range is known.
async fn pinned(mut tampered: Tampered, tiles: Option<Tiles>) -> Result<Tampered, Ended> {
    if let (Bad::Within { first, last }, Some(tiles)) = (tampered.bad, tiles)
        && let Some(position) = tiles.first_difference().await?
        && (first..=last).contains(&position)
    {
        tampered.bad = Bad::At(position);
    }
    Ok(tampered)
}

/// The ledger in the name of a key: `mfa-ledger/<ledger>`, with a number behind it after an accepted loss.
pub(super) fn ledger_of(key: &VerifierKey) -> Option<LedgerId> {
    let ledger = key.name().strip_prefix("mfa-ledger/")?;
    ledger.split('/').next()?.parse().ok()
}

/// A name for each reader: the server may still know the last one.
pub(super) fn reader() -> String {
    data_encoding::HEXLOWER.encode(&chance().bytes::<8>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::{SigningKey, key::KeyType};

    #[test]
    fn an_event_may_wait_ten_minutes_for_a_checkpoint() {
        let recorded = Instant::from_unix_seconds(1_800_000_000);
        assert!(!is_late(Some(recorded), recorded.plus_minutes(10)));
        assert!(is_late(Some(recorded), Instant::from_unix_ms(recorded.plus_minutes(10).unix_ms() + 1)));
        assert!(is_late(None, recorded));
    }

    #[test]
    fn a_key_names_its_ledger_also_after_an_accepted_loss() {
        let ledger = LedgerId::from_bytes([7; 16]);
        let named = |name: &str| {
            let key = SigningKey::from_seed(name, KeyType::Ed25519, &[9; 32]).unwrap();
            ledger_of(key.verifier())
        };
        assert_eq!(named(&format!("mfa-ledger/{ledger}")), Some(ledger));
        assert_eq!(named(&format!("mfa-ledger/{ledger}/2")), Some(ledger));
        assert_eq!(named("witness.example.org"), None);
    }
}
