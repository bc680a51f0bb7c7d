//! Tokens: what a caller shows to be let in. A token is an id with a keyed tag, so the log, which
//! knows the ids, holds nothing that opens a session.
//!
//! `mls_` + base64url of id (16 bytes) and tag (16 bytes). The prefix lets secret scanners find leaks.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Label, MasterKey, SecretText, Subkey};

/// Bytes of the tag: 128 bits.
const TAG_BYTES: usize = 16;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A session of an administrator: `mls_`.
    Session,
    /// A service account: `mla_`.
    ServiceAccount,
    /// The "this wasn't me" link of a reset: `mlr_`.
    Repudiation,
}

impl TokenKind {
    const ALL: [Self; 3] = [Self::Session, Self::ServiceAccount, Self::Repudiation];

    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "mls_",
            Self::ServiceAccount => "mla_",
            Self::Repudiation => "mlr_",
        }
    }
}

/// Mints and verifies tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    key: Subkey,
}

impl Tokens {
    /// Under the master key's subkey for tokens.
    pub fn new(master: &MasterKey) -> Self {
        Self { key: master.subkey(Label::Tokens) }
    }

    /// The token of an id.
    pub fn mint(&self, kind: TokenKind, id: [u8; 16]) -> SecretText {
        let mut body = Zeroizing::new([0; 16 + TAG_BYTES]);
        body[..16].copy_from_slice(&id);
        body[16..].copy_from_slice(&self.tag(kind, &id));
        let mut text = String::with_capacity(4 + BASE64URL_NOPAD.encode_len(body.len()));
        text.push_str(kind.prefix());
        BASE64URL_NOPAD.encode_append(&*body, &mut text);
        SecretText::new(text)
    }

    /// Whose token this is, if it is one of ours. Says nothing about whether the session still lives.
    pub fn verify(&self, text: &str) -> Option<(TokenKind, [u8; 16])> {
        let (prefix, encoded) = text.split_at_checked(4)?;
        let kind = TokenKind::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
        if encoded.len() != BASE64URL_NOPAD.encode_len(16 + TAG_BYTES) {
            return None;
        }
        let body = Zeroizing::new(BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?);
        let (id, tag) = body.split_first_chunk::<16>()?;
        bool::from(self.tag(kind, id).ct_eq(tag)).then_some((kind, *id))
    }

    fn tag(&self, kind: TokenKind, id: &[u8; 16]) -> [u8; TAG_BYTES] {
        let mac = self.key.mac(&[b"mfa-ledger token v1 ", kind.prefix().as_bytes(), id]);
        *mac.first_chunk().expect("the tag is shorter than the MAC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(&MasterKey::from_bytes([9; 32]))
    }

    #[test]
    fn a_token_names_its_kind_and_id() {
        for kind in TokenKind::ALL {
            let text = tokens().mint(kind, [3; 16]);
            assert!(text.expose().starts_with(kind.prefix()));
            assert_eq!(text.expose().len(), 47);
            assert_eq!(tokens().verify(text.expose()), Some((kind, [3; 16])));
        }
    }

    #[test]
    fn the_token_of_one_kind_is_none_of_another() {
        let text = tokens().mint(TokenKind::Repudiation, [3; 16]);
        assert_eq!(tokens().verify(&text.expose().replace("mlr_", "mls_")), None);
    }

    #[test]
    fn no_other_key_and_no_changed_symbol_passes() {
        let text = tokens().mint(TokenKind::Session, [3; 16]);
        assert_eq!(Tokens::new(&MasterKey::from_bytes([8; 32])).verify(text.expose()), None);
        for i in 0..text.expose().len() {
            for replacement in ["A", "b", "_", "=", "é", ""] {
                let mut changed = text.expose().to_owned();
                changed.replace_range(i..=i, replacement);
                if changed != text.expose() {
                    assert_eq!(tokens().verify(&changed), None, "{changed}");
                }
            }
        }
        for other in ["", "mls", "mls_", &format!("{}A", text.expose()), &format!(" {}", text.expose())] {
            assert_eq!(tokens().verify(other), None);
        }
    }
}
