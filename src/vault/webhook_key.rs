//! What deliveries to webhooks are signed with, after Standard Webhooks 1.0
//! (<https://www.standardwebhooks.com>, section "Signature scheme").

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use mfa_ledger_base::chance::Chance;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SecretText;

/// Bytes of a secret: the specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// How a delivery is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `v1`: HMAC-SHA256.
    Hmac,
    /// `v1a`: Ed25519.
    Ed25519,
}

/// A secret of an endpoint: the key of the HMAC, or the seed of the private key.
pub struct WebhookKey {
    scheme: Scheme,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl WebhookKey {
    /// A new one.
    pub fn draw(scheme: Scheme, chance: &Chance) -> Self {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        chance.fill(&mut *secret);
        Self { scheme, secret }
    }

    /// One as the vault keeps it.
    pub fn from_bytes(scheme: Scheme, bytes: &[u8]) -> Option<Self> {
        let secret = Zeroizing::new(<[u8; SECRET_BYTES]>::try_from(bytes).ok()?);
        Some(Self { scheme, secret })
    }

    /// As the vault is to keep it.
    pub fn to_vault(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    /// What the receiver needs: the secret itself (`whsec_…`), which is shown once, or the public key
    /// (`whpk_…`), which is nobody's secret.
    pub fn receivers(&self) -> SecretText {
        let mut text = String::with_capacity(64);
        match self.scheme {
            Scheme::Hmac => {
                text.push_str("whsec_");
                BASE64.encode_append(&*self.secret, &mut text);
            }
            Scheme::Ed25519 => {
                text.push_str("whpk_");
                BASE64.encode_append(&self.signing_key().verifying_key().to_bytes(), &mut text);
            }
        }
        SecretText::new(text)
    }

    /// One signature for the header `webhook-signature`.
    pub fn sign(&self, id: &str, unix_seconds: i64, body: &[u8]) -> String {
        let head = format!("{id}.{unix_seconds}.");
        match self.scheme {
            Scheme::Hmac => {
                let mut mac =
                    Hmac::<Sha256>::new_from_slice(&*self.secret).expect("HMAC takes a key of any length");
                mac.update(head.as_bytes());
                mac.update(body);
                format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
            }
            Scheme::Ed25519 => {
                let signed = [head.as_bytes(), body].concat();
                format!("v1a,{}", BASE64.encode(&self.signing_key().sign(&signed).to_bytes()))
            }
        }
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hmac_is_that_of_the_official_library() {
        // standardwebhooks 1.1.0 of PyPI: Webhook("whsec_AwMD…").sign("msg_1", 1614265330, '{"a":1}').
        let key = WebhookKey::from_bytes(Scheme::Hmac, &[3; 32]).expect("32 bytes");
        assert_eq!(key.receivers().expose(), "whsec_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=");
        assert_eq!(
            key.sign("msg_1", 1_614_265_330, b"{\"a\":1}"),
            "v1,ckrOHiifCI/+bEU8oc0VJFDe4MtpwwM3nLk5GHBB2x0="
        );
    }

    #[test]
    fn a_signature_is_checked_with_the_public_key_that_is_shown() {
        let key = WebhookKey::draw(Scheme::Ed25519, &Chance::seeded(1));
        let public = BASE64.decode(&key.receivers().expose().as_bytes()["whpk_".len()..]).expect("base64");
        let public = ed25519_dalek::VerifyingKey::from_bytes(&public.try_into().expect("32 bytes"));
        let signature = key.sign("msg_1", 7, b"body");
        let bytes = BASE64.decode(signature.strip_prefix("v1a,").expect("a v1a").as_bytes()).expect("base64");
        let signature = ed25519_dalek::Signature::from_slice(&bytes).expect("64 bytes");
        public.expect("a point").verify_strict(b"msg_1.7.body", &signature).expect("it fits");
    }

    #[test]
    fn only_32_bytes_are_a_secret() {
        for length in [0, 31, 33] {
            assert!(WebhookKey::from_bytes(Scheme::Hmac, &vec![0; length]).is_none());
        }
    }
}
