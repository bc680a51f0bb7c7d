//! A log that somebody serves as C2SP tlog-tiles: fetched piece by piece, within limits.

use std::time::Duration;

use mfa_ledger_schemas::limits::STORED_BYTES;
use reqwest::Client;

use crate::cli::remote::{client, own_token, unreachable};
use crate::cli::{Exit, Failed, Globals};
use crate::integrity::{Bad, Examined, Kind, Tampered};
use crate::service::SecretText;
use crate::tlog::leaf_hash;
use crate::tlog::note::MAX_NOTE;
use crate::tlog::tile::{self, Kind as TileKind, TILE_BYTES, TILE_WIDTH, Tile};

/// Longest wait for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The largest bundle of leaves, in bytes: each has two bytes for its length.
const MAX_BUNDLE: usize = TILE_WIDTH as usize * (STORED_BYTES + 2);

/// The address of a log.
pub(in crate::cli) struct Site {
    base: String,
    client: Client,
    token: Option<SecretText>,
}

/// What a tile of leaves holds.
pub(in crate::cli) enum Leaves {
    /// These.
    Examined(Vec<Examined>),
    /// Nothing that there can be.
    Wrong(Box<Tampered>),
}

impl Site {
    /// The log below a URL, asked by whoever has the token of the environment, or by nobody known.
    pub fn new(url: &str, globals: &Globals) -> Result<Self, Failed> {
        if !url.starts_with("http://") {
            let failed =
                Failed::with(Exit::Usage, format!("{url} is not an address that begins with http://"));
            return Err(failed.advise("no TLS is spoken here: go through a tunnel, or a proxy that does"));
        }
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { base, client: client()?, token: own_token(globals)? })
    }

    /// Whether the leaves themselves can be asked for.
    pub fn shows_leaves(&self) -> bool {
        self.token.is_some()
    }

    /// The newest checkpoint, as it came.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, Failed> {
        self.fetch("checkpoint", false, MAX_NOTE).await
    }

    /// The hashes of one tile of leaves; `closely` compares them with the leaves themselves.
    pub async fn leaves(&self, tile: Tile, closely: bool) -> Result<Leaves, Failed> {
        let bytes = self.fetch(&tile.to_string(), false, TILE_BYTES).await?;
        let first = tile.index * u64::from(TILE_WIDTH) + 1;
        let wrong = |why: String| {
            let tampered = Tampered::at(Kind::Tile, Bad::At(first), first - 1, why);
            Ok(Leaves::Wrong(Box::new(tampered)))
        };
        let hashes = tile::hashes(&bytes).filter(|hashes| hashes.len() == usize::from(tile.width));
        let Some(hashes) = hashes else { return wrong(format!("{tile} is not as long as it must be")) };
        let mut examined: Vec<_> = hashes.into_iter().map(|hash| Examined { hash, fault: None }).collect();
        if closely {
            let bundle = Tile { kind: TileKind::Entries, ..tile };
            let bytes = self.fetch(&bundle.to_string(), true, MAX_BUNDLE).await?;
            let leaves = tile::unbundle(&bytes).filter(|leaves| leaves.len() == examined.len());
            let Some(leaves) = leaves else { return wrong(format!("{bundle} does not hold what it must")) };
            for (examined, leaf) in examined.iter_mut().zip(leaves) {
                if examined.hash != leaf_hash(leaf) {
                    examined.fault = Some((Kind::Tile, format!("its leaf does not hash to what {tile} has")));
                }
            }
        }
        Ok(Leaves::Examined(examined))
    }

    /// One answer of at most `limit` bytes. The token goes along only where it is needed.
    async fn fetch(&self, path: &str, signed: bool, limit: usize) -> Result<Vec<u8>, Failed> {
        let url = format!("{}/{path}", self.base);
        let mut request = self.client.get(&url).timeout(ANSWER_WITHIN);
        if let Some(token) = self.token.as_ref().filter(|_| signed) {
            request = request.bearer_auth(token.expose());
        }
        let failed = |error: reqwest::Error| unreachable(&self.base).because(&error);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if !status.is_success() {
            let exit = if matches!(status.as_u16(), 401 | 403) { Exit::NotAllowed } else { Exit::Remote };
            return Err(Failed::with(exit, format!("{url} answered {status}")));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > limit {
                return Err(Failed::with(Exit::Remote, format!("{url} answered more than there can be")));
            }
        }
        Ok(bytes)
    }
}
