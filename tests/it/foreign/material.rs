//! What the real binary publishes, asked for over HTTP: before its keys are changed, and after.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use futures_util::future::join_all;
use mfa_ledger::tlog::key::KeyType;
use mfa_ledger::tlog::tile::{Kind, Tile};
use mfa_ledger::tlog::{Hash, SignedCheckpoint, SigningKey};
use serde_json::{Value, json};

use super::case::{Case, Change, leaves};
use crate::support::client::Client;
use crate::support::server::{Server, text};

/// Records: two full tiles and a part of a third.
const RECORDS: u64 = 700;
/// Callers at the same time.
const CALLERS: u64 = 32;

type Tiles = BTreeMap<String, Vec<u8>>;

/// All that is judged.
pub struct Material {
    /// Signs what was changed, as a log would that lies; the judges know it as another key of this log.
    pub liar: SigningKey,
    /// Has the name of the log, but nobody knows it.
    pub stranger: SigningKey,
    sets: Vec<Tiles>,
    cases: Vec<Case>,
}

impl Material {
    /// Runs a server until it has records enough, changes its keys, and asks again.
    pub async fn gather() -> Self {
        let server = Server::start();
        let (client, _) = server.root().await;
        let mut checkpoints = vec![checkpoint(&client).await];
        for first in (0..RECORDS).step_by(usize::try_from(CALLERS).expect("it is small")) {
            join_all((first..first + CALLERS).map(|number| one_record(&client, number))).await;
            if first % 224 == 0 {
                checkpoints.push(checkpoint(&client).await);
            }
        }
        let origin = checkpoints[0].checkpoint.origin.clone();
        let key = |seed| SigningKey::from_seed(&origin, KeyType::Ed25519, &[seed; 32]).expect("a key");
        let mut all = Self { liar: key(1), stranger: key(2), sets: Vec::new(), cases: Vec::new() };
        all.ask(&client, &mut checkpoints).await;

        let (status, place, password) = server.end();
        assert!(status.success());
        let rotated = place.run(&["keys", "rotate"]);
        assert!(rotated.status.success(), "{}", text(&rotated.stderr));
        // The checkpoint of that moment: the old key vouches for the new one, and either is enough.
        let note = std::fs::read(place.data_dir().join("checkpoint")).expect("a checkpoint");
        let listed = text(&place.run(&["log", "keys"]).stdout);
        let listed: Vec<_> = listed.split_whitespace().map(str::to_owned).collect();
        assert_eq!(listed.len(), 2, "{listed:?}");
        all.cases
            .extend(listed.into_iter().map(|key| Case::Checkpoint { keys: vec![key], note: note.clone() }));
        let server = Server::on(place, password, &[]);
        let (client, _) = server.root().await;
        for number in RECORDS..RECORDS + CALLERS {
            one_record(&client, number).await;
        }
        all.ask(&client, &mut checkpoints).await;
        all
    }

    /// What is so.
    pub fn genuine(&self) -> &[Case] {
        &self.cases
    }

    /// The tiles of a set.
    pub fn tiles(&self, set: usize) -> &BTreeMap<String, Vec<u8>> {
        &self.sets[set]
    }

    /// The lines that tell a judge the sets.
    pub fn sets(&self) -> Vec<Value> {
        let line = |(name, tiles): (usize, &Tiles)| {
            let tiles: BTreeMap<_, _> =
                tiles.iter().map(|(path, bytes)| (path, BASE64.encode(bytes))).collect();
            json!({"kind": "set", "name": name.to_string(), "tiles": tiles})
        };
        self.sets.iter().enumerate().map(line).collect()
    }

    async fn ask(&mut self, client: &Client, checkpoints: &mut Vec<SignedCheckpoint>) {
        // Checkpoints are a second apart: a proof waits for the one that covers its record.
        let head = crate::anchors::head(client).await;
        client.get(&format!("/v1/activity/{head}/proof")).await.ok(200);
        let newest = checkpoint(client).await;
        let (size, note) = (newest.checkpoint.size, newest.note.to_string().into_bytes());
        let keys = client.get("/v1/log/keys").await.ok(200)["keys"].clone();
        let mut keys: Vec<String> = serde_json::from_value(keys).expect("a list of keys");
        // The newest of them signs; those before it have signed what is older.
        keys.drain(..keys.len() - 1);
        let known = [keys.clone(), vec![self.liar.verifier().to_string()]].concat();
        let prefix = client.get("/checkpoint").await;
        assert!(SignedCheckpoint::parse(prefix.text.as_bytes()).is_ok(), "{}", prefix.text);
        self.cases.push(Case::Checkpoint { keys: keys.clone(), note: prefix.text.into_bytes() });
        self.cases.push(Case::Checkpoint { keys, note: note.clone() });

        let (tiles, all) = tiles(client, size).await;
        assert!(tiles.contains_key("tile/0/001") && all.len() as u64 == size);
        for index in [0, 1, 7, 255, 256, 511, 512, size / 2, size - 2, size - 1] {
            let receipt = client.get(&format!("/v1/activity/{}/proof", index + 1)).await;
            assert_eq!(receipt.status, 200, "{}", receipt.text);
            let leaf = all[usize::try_from(index).expect("it is small")].clone();
            self.cases.push(Case::Inclusion {
                keys: known.clone(),
                receipt: receipt.text.into_bytes(),
                leaf,
            });
        }
        for old in checkpoints.iter() {
            self.cases.push(consistency(client, old, &newest).await);
        }
        self.cases.push(Case::Tile { keys: known, note, set: self.sets.len(), change: Change::new() });
        self.sets.push(tiles);
        checkpoints.push(newest);
    }
}

/// One command and its record, whatever the answer is.
async fn one_record(client: &Client, number: u64) {
    let body = json!({
        "user_name": format!("person-{number}"), "display_name": "Dana Whitfield",
        "emails": ["dana@example.org"], "role": "general-staff",
    });
    let answer = client.post("/v1/administrators", &body).await;
    assert!(answer.position().is_some(), "{}", answer.text);
}

async fn checkpoint(client: &Client) -> SignedCheckpoint {
    let answer = client.get("/v1/log/checkpoint").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    SignedCheckpoint::parse(answer.text.as_bytes()).expect("a checkpoint")
}

/// The proof that one signed tree is the beginning of another; its roots are those that were signed.
async fn consistency(client: &Client, old: &SignedCheckpoint, new: &SignedCheckpoint) -> Case {
    let (old, new) = (&old.checkpoint, &new.checkpoint);
    let proof = client.get(&format!("/v1/log/consistency?from={}&to={}", old.size, new.size)).await.ok(200);
    let roots = (proof["from_root"].as_str(), proof["to_root"].as_str());
    assert_eq!(roots, (Some(&*old.root.to_string()), Some(&*new.root.to_string())));
    let hash = |hash: &Value| hash.as_str().and_then(Hash::from_base64).expect("a hash");
    let hashes = proof["hashes"].as_array().expect("a list").iter().map(hash).collect();
    Case::Consistency { old: old.size, new: new.size, old_root: old.root, new_root: new.root, hashes }
}

/// Every tile of a tree, and the leaves that its bundles hold.
async fn tiles(client: &Client, size: u64) -> (Tiles, Vec<Vec<u8>>) {
    let (mut tiles, mut all) = (Tiles::new(), Vec::new());
    for kind in [Kind::Entries, Kind::Hashes(0), Kind::Hashes(1)] {
        for tile in (0..).map_while(|index| Tile::in_tree(kind, index, size)) {
            let bytes = bytes(client, &format!("/{tile}")).await;
            if kind == Kind::Entries {
                all.extend(leaves(&bytes, usize::from(tile.width)).expect("a bundle"));
            }
            tiles.insert(tile.to_string(), bytes);
        }
    }
    (tiles, all)
}

async fn bytes(client: &Client, path: &str) -> Vec<u8> {
    let http = crate::support::http();
    let token = client.token.as_deref().expect("somebody who is logged in");
    let answer = http.get(format!("{}{path}", client.base)).bearer_auth(token).send().await;
    let answer = answer.expect("the server answers");
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    answer.bytes().await.expect("a body").to_vec()
}
