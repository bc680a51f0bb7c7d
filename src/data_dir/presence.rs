//! `listening.json`: where the server that holds a data directory can be reached, for the command line.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::disk::Disk;

#[derive(Serialize, Deserialize)]
struct Listening {
    listening: String,
}

/// Time between two attempts to leave the note.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// The note that a running server leaves; removed when this is dropped.
pub(crate) struct Presence {
    file: PathBuf,
    trying: Option<JoinHandle<()>>,
}

impl Presence {
    /// Leaves the note, in the place of one that a server that died has left. A full disk keeps nobody from
    /// serving: the note is left once there is room.
    pub fn announce(dir: &Path, address: SocketAddr) -> Self {
        let (file, dir) = (path(dir), dir.to_owned());
        let Err(error) = leave(&dir, address) else { return Self { file, trying: None } };
        tracing::warn!(%error, "until this is mended, commands on this machine do not find the server");
        // One that is left from before names somebody else's address.
        let _none = std::fs::remove_file(&file);
        let trying = tokio::spawn(async move {
            while leave(&dir, address).is_err() {
                tokio::time::sleep(TRY_EVERY).await;
            }
        });
        Self { file, trying: Some(trying) }
    }
}

fn leave(dir: &Path, address: SocketAddr) -> io::Result<()> {
    let disk = Disk::real();
    let temporary = dir.join("listening.json.new");
    if temporary.exists() {
        disk.remove(&temporary)?;
    }
    let note = serde_json::to_vec(&Listening { listening: url(address) })?;
    disk.create_new(&temporary)?.write_all_at(&note, 0)?;
    disk.rename(&temporary, &path(dir))
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(trying) = &self.trying {
            trying.abort();
        }
        // Left behind it does no harm: it is read only while somebody holds the directory.
        let _unheard = std::fs::remove_file(&self.file);
    }
}

/// Where the server that holds the data directory says it listens.
pub fn listening(data_dir: &Path) -> Option<String> {
    let note = std::fs::read(path(data_dir)).ok()?;
    serde_json::from_slice::<Listening>(&note).ok().map(|note| note.listening)
}

/// The address as one calls it from this machine.
pub(crate) fn url(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

fn path(dir: &Path) -> PathBuf {
    dir.join("listening.json")
}
