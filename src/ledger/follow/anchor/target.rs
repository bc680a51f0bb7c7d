//! Where checkpoints are put: what the configuration's texts mean.

use std::fmt;
use std::path::PathBuf;

use mfa_ledger_base::tlog::VerifierKey;
use mfa_ledger_base::tlog::key::{KeyType, MalformedKey};
use zeroize::Zeroizing;

/// One anchor.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A directory.
    Directory(PathBuf),
    /// A host that takes `PUT` and gives `GET`.
    Web {
        /// Without a slash at its end.
        url: String,
        /// What it wants to be shown.
        token: Option<Zeroizing<String>>,
    },
    /// A witness.
    Witness {
        /// Its submission prefix, without a slash at its end; what it remembers is asked for there too.
        url: String,
        /// Its key.
        key: Box<VerifierKey>,
    },
}

/// A text that names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedTarget {
    /// Neither a directory nor an `http://` address.
    #[error("it must be a directory, from / on, or an address that begins with http://")]
    Form,
    /// Anchors are not spoken to over TLS.
    #[error("there is no TLS here: name the http:// address of a proxy that speaks it")]
    Tls,
    /// A witness has a key and an address.
    #[error("it must be the verifier key of the witness, a space, and its address")]
    Witness,
    /// The key is none.
    #[error("the verifier key of the witness cannot be read")]
    Key(#[from] MalformedKey),
    /// The key is that of a log.
    #[error("the key is not that of a witness: it has another kind")]
    Kind,
}

impl Target {
    /// A directory or an address; the token is shown to addresses.
    pub fn anchor(text: &str, token: Option<&str>) -> Result<Self, MalformedTarget> {
        if text.starts_with('/') {
            // What it held is remembered under its name, which a slash at the end does not change.
            let dir = text.trim_end_matches('/');
            return Ok(Self::Directory(if dir.is_empty() { "/" } else { dir }.into()));
        }
        Ok(Self::Web { url: url(text)?, token: token.map(|token| Zeroizing::new(token.to_owned())) })
    }

    /// A witness, from `VERIFIER-KEY ADDRESS`.
    pub fn witness(text: &str) -> Result<Self, MalformedTarget> {
        let (key, address) = text.trim().split_once(' ').ok_or(MalformedTarget::Witness)?;
        let key: VerifierKey = key.parse()?;
        if key.kind() != KeyType::Cosignature {
            return Err(MalformedTarget::Kind);
        }
        Ok(Self::Witness { url: url(address.trim())?, key: Box::new(key) })
    }
}

impl Target {
    /// The name with its kind, as in `anchor /mnt/x`: under this name it is told and remembered.
    pub fn named(&self) -> String {
        match self {
            Self::Directory(_) | Self::Web { .. } => format!("anchor {self}"),
            Self::Witness { .. } => format!("witness {self}"),
        }
    }
}

fn url(text: &str) -> Result<String, MalformedTarget> {
    if text.starts_with("https://") {
        return Err(MalformedTarget::Tls);
    }
    let host = text.strip_prefix("http://").ok_or(MalformedTarget::Form)?;
    let plain = |char: char| char.is_ascii_graphic() && !['?', '#', '@'].contains(&char);
    if host.is_empty() || host.starts_with('/') || !host.chars().all(plain) {
        return Err(MalformedTarget::Form);
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The name under which it is told, without secrets.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(dir) => write!(f, "{}", dir.display()),
            Self::Web { url, .. } => f.write_str(url),
            Self::Witness { key, .. } => f.write_str(key.name()),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::tlog::SigningKey;

    use super::*;

    #[test]
    fn texts_are_directories_addresses_or_nothing() {
        assert_eq!(Target::anchor("/srv/a", None), Ok(Target::Directory("/srv/a".into())));
        assert_eq!(Target::anchor("/srv/a//", None).unwrap().to_string(), "/srv/a");
        assert_eq!(Target::anchor("/", None), Ok(Target::Directory("/".into())));
        let web = Target::anchor("http://host:1/path/", Some("secret")).unwrap();
        assert_eq!(web.to_string(), "http://host:1/path");
        assert!(!format!("{web:?}").contains("secret"));
        assert_eq!(Target::anchor("https://host", None), Err(MalformedTarget::Tls));
        for text in
            ["", "relative", "ftp://x", "http://", "http:///x", "http://u@h", "http://h?x", "http://h x"]
        {
            assert_eq!(Target::anchor(text, None), Err(MalformedTarget::Form), "{text}");
        }
    }

    #[test]
    fn a_witness_has_a_key_of_its_own_kind() {
        let key = |kind| SigningKey::from_seed("w.example/1", kind, &[1; 32]).unwrap().verifier().to_string();
        let witness = Target::witness(&format!("{} http://w:1/", key(KeyType::Cosignature))).unwrap();
        assert_eq!(witness.to_string(), "w.example/1");
        let of_a_log = Target::witness(&format!("{} http://w:1/", key(KeyType::Ed25519)));
        assert_eq!(of_a_log, Err(MalformedTarget::Kind));
        assert_eq!(Target::witness("http://w:1"), Err(MalformedTarget::Witness));
        assert!(matches!(Target::witness("x http://w:1"), Err(MalformedTarget::Key(_))));
    }
}
