//! Why a data directory was not opened, and what is to be done about it.

use std::io;
use std::path::PathBuf;

use mfa_ledger_schemas::RefusalCode;

use super::advice;
use crate::follow::anchor::{MalformedTarget, MemoryError};
use crate::follow::project::Stopped;
use crate::follow::seal::SealError;
use crate::integrity::Tampered;
use crate::integrity::data_dir::VerifyError;
use crate::keyring::KeyringError;
use crate::log::{BoxError, embedded};
use crate::service::{Failure, guard};
use crate::tlog::note::NoteError;
use crate::vault::hashing::HashError;
use crate::vault::{self, KeyFileError, MalformedKey};

/// Why a data directory was not opened, or begun, or did not close well.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no ledger in the data directory, or one without any administrator.
    #[error("{} holds no ledger yet", .0.display())]
    NotInitialised(PathBuf),
    /// A backup was put in the place of a data directory.
    #[error("{} is a backup, not a data directory", .0.display())]
    IsABackup(PathBuf),
    /// A backup or an export was being made into a data directory.
    #[error("{} holds a part of a ledger: a restore into it was interrupted", .0.display())]
    RestoreInterrupted(PathBuf),
    /// A loss was to be accepted, and no administrator would be left.
    #[error(
        "nothing was changed: the log is damaged from position {0} on, and no administrator is registered before that"
    )]
    NothingRemains(u64),
    /// There is one already.
    #[error("{} holds a ledger already, and it has administrators", .0.display())]
    AlreadyInitialised(PathBuf),
    /// Another process has the data directory open.
    #[error("another process has the data directory {} open", .0.display())]
    InUse(PathBuf),
    /// `ledger.json` was lost, while the log is there.
    #[error("{} holds a log, but its ledger.json is gone", .0.display())]
    MetaMissing(PathBuf),
    /// `ledger.json` is not what this program wrote.
    #[error("{} cannot be understood: {why}", file.display())]
    MetaDamaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A newer version of this program wrote the data directory.
    #[error("{} was written by a newer version: format {found}, this program knows up to {known}", file.display())]
    NewerFormat {
        /// The file that says so.
        file: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The key file gave no key.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The environment gave no key.
    #[error("MFA_LEDGER__VAULT__MASTER_KEY does not hold a master key")]
    KeyText(#[source] MalformedKey),
    /// The key belongs to another ledger.
    #[error("the master key is not the one that this ledger was made with")]
    WrongKey,
    /// The keys that sign checkpoints cannot be had.
    #[error(transparent)]
    Keyring(KeyringError),
    /// The log is signed for, and its newest checkpoint is not there.
    #[error("the checkpoint of the log in {} is gone", .0.display())]
    CheckpointGone(PathBuf),
    /// The newest checkpoint is not one that this ledger signed.
    #[error("{} is not a checkpoint of this log", file.display())]
    Checkpoint {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: NoteError,
    },
    /// The log is that of an origin which the signing keys have left behind: it was restored from before a loss that was
    /// accepted.
    #[error(
        "the log is the one that was signed for as {found}, and these signing keys went on as {known} after a loss was \
        accepted"
    )]
    FormerOrigin {
        /// The origin of the newest checkpoint.
        found: String,
        /// The origin that the keys sign for.
        known: String,
    },
    /// What the configuration names as an anchor, or a witness, is none.
    #[error("{text:?} of log.anchors or log.witnesses cannot be used")]
    MalformedAnchor {
        /// What it says.
        text: String,
        /// What is wrong with it.
        #[source]
        source: MalformedTarget,
    },
    /// An anchor, or a witness, knows another log than this one.
    #[error("{anchor} knows another log than this one: {why}")]
    Disowned {
        /// Which, as in `anchor /mnt/x`.
        anchor: String,
        /// What it knows.
        why: String,
    },
    /// An anchor, or a witness, holds less of this log than it held: it was emptied, or put back to an earlier state.
    #[error("{anchor} does not hold what it held: {why}")]
    AnchorHoldsLess {
        /// Which, as in `anchor /mnt/x`.
        anchor: String,
        /// What it held, and what it holds now.
        why: String,
    },
    /// It is not known what the anchors held.
    #[error(transparent)]
    AnchorMemory(MemoryError),
    /// There are neither keys nor a checkpoint, and the log has records.
    #[error("the log in {} has records, and both its checkpoint and its signing keys are gone", .0.display())]
    Unsigned(PathBuf),
    /// An operator went on with a log that was not what it had been, and that was interrupted.
    #[error("the loss of records in {} was being accepted, which was not brought to its end", .0.display())]
    AcceptanceInterrupted(PathBuf),
    /// The log failed verification.
    #[error("{0}")]
    Tampered(Box<Tampered>),
    /// The log cannot be held against what is remembered of it.
    #[error("the log cannot be checked")]
    Unverified(#[source] VerifyError),
    /// No checkpoint could be made.
    #[error("the log cannot be signed for")]
    Seal(#[source] SealError),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(embedded::OpenError),
    /// The vault cannot be opened.
    #[error(transparent)]
    Vault(vault::OpenError),
    /// The log names entries of a vault, and that vault is not there.
    #[error("{} is not the vault of this log: {why}", dir.display())]
    VaultLost {
        /// Where it should be.
        dir: PathBuf,
        /// What was found.
        why: String,
    },
    /// The costs of hashing cannot be.
    #[error("passwords cannot be hashed as configured")]
    Hashing(#[source] HashError),
    /// The log holds what this program cannot read.
    #[error("the log cannot be read up to its end")]
    Projection(#[source] Stopped),
    /// A file could not be read or written.
    #[error("{} cannot be used", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// There is nothing to ask the anchors with.
    #[error("the anchors cannot be asked")]
    Runtime(#[source] io::Error),
    /// A command of the start was refused.
    #[error("refused: {0}")]
    Refused(RefusalCode),
    /// A command of the start failed.
    #[error("nothing could be recorded")]
    Failed(#[source] Failure),
    /// The log did not close in good order.
    #[error("the log was not closed in good order; the next start looks it over")]
    Close(#[source] BoxError),
}

impl StartError {
    /// Whether the log was altered, cut or rolled back.
    pub fn is_integrity(&self) -> bool {
        matches!(
            self,
            Self::Tampered(_)
                | Self::AcceptanceInterrupted(_)
                | Self::CheckpointGone(_)
                | Self::Checkpoint { .. }
                | Self::FormerOrigin { .. }
                | Self::Disowned { .. }
                | Self::AnchorHoldsLess { .. }
                | Self::AnchorMemory(MemoryError::Damaged { .. } | MemoryError::Missing { .. })
                | Self::Unsigned(_)
                | Self::Log(
                    embedded::OpenError::Integrity { .. }
                        | embedded::OpenError::MarkRemoved { .. }
                        | embedded::OpenError::OtherLedger { .. }
                )
        )
    }

    /// Whether an operator may go on all the same: the log of another ledger is never ours, and with an anchor that
    /// was emptied nothing of the log is lost.
    pub(super) fn can_be_accepted(&self) -> bool {
        self.is_integrity()
            && !matches!(
                self,
                Self::Log(embedded::OpenError::OtherLedger { .. })
                    | Self::AnchorHoldsLess { .. }
                    | Self::AnchorMemory(_)
            )
    }

    /// Whether a vault that is sound cannot be opened with this key, or by this version.
    pub fn is_about_the_key(&self) -> bool {
        matches!(self, Self::WrongKey | Self::Vault(vault::OpenError::NewerFormat { .. }))
    }

    /// Whether nothing that the log names can be opened any more, for want of the right vault.
    pub(super) fn is_vault_lost(&self) -> bool {
        matches!(self, Self::VaultLost { .. } | Self::Vault(vault::OpenError::Damaged { .. }))
    }

    /// What is to be done about it.
    pub fn advice(&self) -> Option<String> {
        Some(match self {
            _ if self.is_integrity() => return advice::about_the_log(self),
            Self::NotInitialised(dir) => {
                format!("run: mfa-ledger init --data-dir {} --user-name NAME", dir.display())
            }
            Self::IsABackup(dir) => {
                format!("restore it: mfa-ledger backup restore {} --data-dir NEW", dir.display())
            }
            Self::RestoreInterrupted(_) => {
                "repeat it: mfa-ledger backup restore BACKUP, or log import, with the same --data-dir; it clears up first"
                    .to_owned()
            }
            Self::NothingRemains(_) => {
                "restore a backup into another directory: mfa-ledger backup restore BACKUP --data-dir NEW".to_owned()
            }
            Self::AlreadyInitialised(_) => {
                "to add an administrator, use: mfa-ledger administrator create; to \
                begin anew, name another data directory"
                    .to_owned()
            }
            Self::InUse(_) => {
                "a data directory belongs to one server at a time: stop the other one, or name \
                another directory with --data-dir"
                    .to_owned()
            }
            Self::MetaMissing(_) | Self::MetaDamaged { .. } => {
                "put ledger.json back from a backup of this data directory".to_owned()
            }
            Self::NewerFormat { .. }
            | Self::Log(embedded::OpenError::NewerFormat { .. })
            | Self::Vault(vault::OpenError::NewerFormat { .. })
            | Self::AnchorMemory(MemoryError::NewerFormat { .. }) => {
                "use the version that wrote it, or a newer one; nothing was changed".to_owned()
            }
            Self::AnchorMemory(MemoryError::Unknown(_)) => "mfa-ledger anchors list names them".to_owned(),
            Self::AnchorMemory(MemoryError::Io(..)) => {
                "let the user of this process write there, or name another place outside the data directory with \
                MFA_LEDGER__LOG__ANCHOR_MEMORY_FILE"
                    .to_owned()
            }
            Self::Keyring(error) => return advice::about_signing_keys(error),
            Self::KeyFile(error) => advice::about_key_file(error),
            Self::KeyText(_) => advice::KEY_FORM.to_owned(),
            Self::VaultLost { .. } | Self::Vault(vault::OpenError::Damaged { .. }) => {
                "nothing was changed. Restore the vault from a backup, beside this log: mfa-ledger backup restore \
                BACKUP --vault-only. Without a backup, go on with a new vault, which is recorded: mfa-ledger serve \
                --accept-loss \"why\"; then every password and all MFA must be reset, and names, addresses and texts \
                are lost. If the vault is the right one and only the file vault.json was changed, delete that file"
                    .to_owned()
            }
            Self::Vault(vault::OpenError::Io { .. }) => {
                "let the user of this process, and nobody else, read and write the directory; if the disk fails, \
                restore the vault from a backup: mfa-ledger backup restore BACKUP --vault-only"
                    .to_owned()
            }
            Self::WrongKey => "use the key that `init` wrote, or the copy you keep of it".to_owned(),
            Self::Log(embedded::OpenError::Mark { .. }) => {
                "nothing was changed. Let the user of this process read it. If it is not a regular file, somebody put it there: \
                move it away as evidence, put an empty file in its place, and start again: that checks whether the log is whole"
                    .to_owned()
            }
            Self::Log(embedded::OpenError::Copy { .. }) => {
                "make room on the disk; the records themselves are safe in the journal".to_owned()
            }
            Self::Failed(Failure::ReadOnly(_)) => guard::ADVICE.to_owned(),
            Self::Failed(_) => {
                "look at the room on the disk and at what was told above, then try again".to_owned()
            }
            _ => return None,
        })
    }

    pub(super) fn io(file: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        move |source| Self::Io { file, source }
    }
}

impl From<embedded::OpenError> for StartError {
    fn from(error: embedded::OpenError) -> Self {
        match error {
            embedded::OpenError::InUse(dir) => Self::InUse(dir),
            other => Self::Log(other),
        }
    }
}

impl From<Tampered> for StartError {
    fn from(tampered: Tampered) -> Self {
        Self::Tampered(Box::new(tampered))
    }
}

impl From<vault::OpenError> for StartError {
    fn from(error: vault::OpenError) -> Self {
        match error {
            vault::OpenError::WrongKey => Self::WrongKey,
            other => Self::Vault(other),
        }
    }
}
