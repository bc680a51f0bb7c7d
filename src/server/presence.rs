//! `listening.json`: where the server that holds a data directory can be reached, for the command line.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::Disk;

#[derive(Serialize, Deserialize)]
struct Listening {
    listening: String,
}

/// The note that a running server leaves; removed when this is dropped.
pub(super) struct Presence(PathBuf);

impl Presence {
    /// Leaves the note, in the place of one that a server that died has left.
    pub fn announce(dir: &Path, address: SocketAddr) -> io::Result<Self> {
        let disk = Disk::real();
        let (file, temporary) = (path(dir), dir.join("listening.json.new"));
        if temporary.exists() {
            disk.remove(&temporary)?;
        }
        let note = serde_json::to_vec(&Listening { listening: url(address) })?;
        disk.create_new(&temporary)?.write_all_at(&note, 0)?;
        disk.rename(&temporary, &file)?;
        Ok(Self(file))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // Left behind it does no harm: it is read only while somebody holds the directory.
        let _unheard = std::fs::remove_file(&self.0);
    }
}

/// Where the server that holds the data directory says it listens.
pub fn listening(data_dir: &Path) -> Option<String> {
    let note = std::fs::read(path(data_dir)).ok()?;
    serde_json::from_slice::<Listening>(&note).ok().map(|note| note.listening)
}

/// The address as one calls it from this machine.
pub(super) fn url(mut address: SocketAddr) -> String {
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
