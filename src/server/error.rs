//! Why nothing is served, and what is to be done about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::data_dir::StartError;
use crate::react::deliver::SendError;
use crate::react::detect::Broken;
use crate::react::notify::MailError;

/// Why a server did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory was not opened, failed verification, or did not close.
    #[error(transparent)]
    DataDir(#[from] StartError),
    /// A rule, or a filter, cannot be used.
    #[error("the rules cannot be used:\n{0}")]
    Rules(Broken),
    /// No mail can be sent as it is configured.
    #[error(transparent)]
    Mail(MailError),
    /// Nothing can be delivered to webhooks.
    #[error(transparent)]
    Webhooks(SendError),
    /// The authorities that webhooks may have their certificates from cannot be read.
    #[error("{} cannot be used", file.display())]
    Authorities {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Serving failed.
    #[error("the API cannot be served any longer")]
    Serve(#[source] io::Error),
}

impl ServeError {
    /// Whether the log was altered, cut or rolled back.
    pub fn is_integrity(&self) -> bool {
        matches!(self, Self::DataDir(error) if error.is_integrity())
    }

    /// What is to be done about it.
    pub fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::DataDir(error) => return error.advice(),
            Self::Rules(_) => "mfa-ledger rules check looks at the rules without starting anything",
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                "another program listens there: stop it, or choose another address with --listen"
            }
            Self::Listen { .. } => "choose another address with --listen",
            Self::Mail(_) | Self::Webhooks(_) | Self::Authorities { .. } | Self::Serve(_) => return None,
        };
        Some(advice.to_owned())
    }
}
