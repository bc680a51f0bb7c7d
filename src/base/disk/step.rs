//! What is done to the disk, one step at a time, under names that a person can read.

use std::fmt;
use std::path::{Path, PathBuf};

/// One step of I/O. A file that was renamed since it was opened goes by its present name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A directory was made.
    CreateDir(PathBuf),
    /// An empty file was made.
    Create(PathBuf),
    /// Bytes were written.
    Write {
        /// To this file.
        file: PathBuf,
        /// From this byte on.
        offset: u64,
        /// These.
        bytes: Vec<u8>,
    },
    /// A file was cut or extended.
    SetLen {
        /// This one.
        file: PathBuf,
        /// To so many bytes.
        len: u64,
    },
    /// The content of a file was made durable.
    Sync(PathBuf),
    /// A file or directory got another name.
    Rename {
        /// Its name before.
        from: PathBuf,
        /// Its name after.
        to: PathBuf,
    },
    /// A file was removed.
    Remove(PathBuf),
    /// A directory was removed with all that it held.
    RemoveDir(PathBuf),
    /// The names in a directory were made durable.
    SyncDir(PathBuf),
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are those of `Act`")]
pub enum Kind {
    CreateDir,
    Create,
    Write,
    SetLen,
    Sync,
    Rename,
    Remove,
    RemoveDir,
    SyncDir,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CreateDir,
        Self::Create,
        Self::Write,
        Self::SetLen,
        Self::Sync,
        Self::Rename,
        Self::Remove,
        Self::RemoveDir,
        Self::SyncDir,
    ];

    /// Whether a full disk refuses it.
    pub fn needs_room(self) -> bool {
        matches!(self, Self::CreateDir | Self::Create | Self::Write)
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateDir => "create_dir",
            Self::Create => "create",
            Self::Write => "write",
            Self::SetLen => "set_len",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::RemoveDir => "remove_dir",
            Self::SyncDir => "sync_dir",
        }
    }
}

impl Act {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::CreateDir(_) => Kind::CreateDir,
            Self::Create(_) => Kind::Create,
            Self::Write { .. } => Kind::Write,
            Self::SetLen { .. } => Kind::SetLen,
            Self::Sync(_) => Kind::Sync,
            Self::Rename { .. } => Kind::Rename,
            Self::Remove(_) => Kind::Remove,
            Self::RemoveDir(_) => Kind::RemoveDir,
            Self::SyncDir(_) => Kind::SyncDir,
        }
    }

    /// What it is done to; of a renaming the name before.
    pub fn path(&self) -> &Path {
        match self {
            Self::CreateDir(path)
            | Self::Create(path)
            | Self::Sync(path)
            | Self::Remove(path)
            | Self::RemoveDir(path)
            | Self::SyncDir(path) => path,
            Self::Write { file, .. } | Self::SetLen { file, .. } => file,
            Self::Rename { from, .. } => from,
        }
    }
}

/// `write journal/00000000000000000001.segment`: the kind, and the last two parts of the path.
impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.path().iter().collect();
        let short: PathBuf = parts[parts.len().saturating_sub(2)..].iter().collect();
        write!(f, "{} {}", self.kind().name(), short.display())
    }
}

/// A step that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was asked for; of a write on a full disk, the part that found room.
    pub act: Act,
    /// Whether it was done, whatever the caller was told.
    pub done: bool,
}
