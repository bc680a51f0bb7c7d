//! `mfa-ledger log verify --url`

use std::ops::RangeInclusive;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

use super::progress::Progress;
use super::site::{Leaves, Site};
use super::verdict::{self, Watch};
use crate::cli::{Exit, Failed, Single};
use crate::integrity::data_dir::Against;
use crate::integrity::{Bad, Holding, Kind, Remembered, Tampered, open_checkpoint, signers};
use crate::tlog::note::NoteError;
use crate::tlog::tile::{Kind as TileKind, TILE_WIDTH, Tile};
use crate::tlog::{SignedCheckpoint, VerifierKey};

/// Tiles that are asked for at once.
const AT_ONCE: usize = 4;

/// The source of the server's own checkpoint.
const OWN: &str = "the checkpoint of the server";

const ADVICE: &str = "
What to do: keep what the server answered, and have the log itself checked where it lies (mfa-ledger log verify),
with a checkpoint from an anchor or from somebody who kept one.";

/// Checks the log of a server up to its newest checkpoint, without believing it anything.
pub(super) async fn run(
    site: &Site,
    form: Single,
    against: Against,
    close: RangeInclusive<u64>,
    watch: &Watch,
) -> Result<(), Failed> {
    let Against { keys, mut remembered, .. } = against;
    let signed = match open(&site.checkpoint().await?, keys.as_deref()) {
        Ok(signed) => signed,
        Err(Refused::Strange(failed)) => return Err(failed),
        Err(Refused::Tampered(tampered)) => return Err(told(form, &tampered, watch)),
    };
    let checkpoint = signed.checkpoint.clone();
    let records = checkpoint.size;
    remembered.push(Remembered { source: OWN.into(), checkpoint: checkpoint.clone() });
    let mut progress = Progress::new(Some(records));
    let tiles = (0..records.div_ceil(u64::from(TILE_WIDTH))).filter_map(|index| {
        let tile = Tile::in_tree(TileKind::Hashes(0), index, records)?;
        let first = index * u64::from(TILE_WIDTH) + 1;
        let wanted = *close.start() < first + u64::from(tile.width) && *close.end() >= first;
        Some((tile, wanted && site.shows_leaves()))
    });
    let mut fetched =
        futures_util::stream::iter(tiles).map(|(tile, closely)| site.leaves(tile, closely)).buffered(AT_ONCE);
    let (mut holding, mut position) = (Holding::new(remembered, None), 0);
    while let Some(leaves) = fetched.try_next().await? {
        let leaves = match leaves {
            Leaves::Examined(leaves) => leaves,
            Leaves::Wrong(tampered) => return Err(told(form, &tampered, watch)),
        };
        for examined in leaves {
            position += 1;
            holding.add(position, examined);
        }
        progress.at(position);
    }
    drop(progress);
    match holding.judge(records) {
        Ok(sound) => {
            let report = json!({
                "result": "sound",
                "records": sound.size,
                "size": sound.size,
                "from": 1,
                "to": sound.size,
                "root": sound.root.to_string(),
                "origin": checkpoint.origin,
                "signed_by": signers(&signed, keys.as_deref()),
                "signatures_checked": keys.is_some(),
                "leaves_checked": site.shows_leaves(),
            });
            verdict::sound(form, report, watch, sound.size)
        }
        Err(tampered) => Err(told(form, &tampered, watch)),
    }
}

/// Why a checkpoint is not gone on with.
enum Refused {
    Strange(Failed),
    Tampered(Box<Tampered>),
}

fn open(bytes: &[u8], keys: Option<&[VerifierKey]>) -> Result<SignedCheckpoint, Refused> {
    open_checkpoint(bytes, keys).map_err(|error| match error {
        NoteError::Unsigned | NoteError::Invalid(_) => {
            let why = format!("{OWN}: {error}");
            Refused::Tampered(Box::new(Tampered::at(Kind::Signature, Bad::Nowhere, 0, why)))
        }
        NoteError::TooLarge | NoteError::Malformed(_) => {
            Refused::Strange(Failed::with(Exit::Remote, format!("{OWN} is none")).because(&error))
        }
    })
}

fn told(form: Single, tampered: &Tampered, watch: &Watch) -> Failed {
    match verdict::tampered(form, tampered, watch) {
        Ok(()) => Failed::with(Exit::Tampering, tampered.facts() + ADVICE),
        Err(failed) => failed,
    }
}
