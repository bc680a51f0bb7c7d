//! A credentials file, with a server that takes nothing else: operator, account and user as `nsc` makes them.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::server::Nats;
use super::{caught_up, metric, publishing_to, records, until};
use crate::support::server::Server;

/// What an `NKey` is for: the first letter of its public form.
const OPERATOR: u8 = 14 << 3;
const ACCOUNT: u8 = 0;
const USER: u8 = 20 << 3;
const SEED: u8 = 18 << 3;

struct Key {
    kind: u8,
    key: SigningKey,
}

impl Key {
    fn new(kind: u8, seed: u8) -> Self {
        Self { kind, key: SigningKey::from_bytes(&[seed; 32]) }
    }

    fn public(&self) -> String {
        encoded(&[&[self.kind], self.key.verifying_key().as_bytes().as_slice()].concat())
    }

    fn seed(&self) -> String {
        let kind = [SEED | (self.kind >> 5), (self.kind & 31) << 3];
        encoded(&[kind.as_slice(), self.key.as_bytes()].concat())
    }

    /// A JWT in which this key says something of another.
    fn says(&self, of: &Key, nats: &Value) -> String {
        let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
        let claims = json!({
            "jti": "X", "iat": 1_700_000_000, "iss": self.public(), "sub": of.public(), "name": "test", "nats": nats,
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = BASE64URL_NOPAD.encode(&self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }
}

/// Base32, with a CRC-16 (XMODEM) behind it.
fn encoded(bytes: &[u8]) -> String {
    let crc = bytes.iter().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    BASE32_NOPAD.encode(&[bytes, &crc.to_le_bytes()].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_open_and_those_of_another_account_do_not() {
    let (operator, system) = (Key::new(OPERATOR, 1), Key::new(ACCOUNT, 2));
    let (account, stranger, user) = (Key::new(ACCOUNT, 3), Key::new(ACCOUNT, 4), Key::new(USER, 5));
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
        "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let unlimited = json!({"limits": limits, "type": "account", "version": 2});
    let plain = json!({"type": "account", "version": 2, "limits": {"subs": -1, "data": -1, "payload": -1, "imports": -1,
        "exports": -1, "wildcards": true, "conn": -1, "leaf": -1}});
    let nats = Nats::with(&format!(
        "operator: {}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{\n{system}: {}\n{}: {}\n}}",
        operator.says(&operator, &json!({"type": "operator", "version": 2})),
        operator.says(&system, &plain),
        account.public(),
        operator.says(&account, &unlimited),
        system = system.public(),
    ));
    let file = nats.dir.path().join("ledger.creds");
    let write = |issuer: &Key| {
        let claims = json!({"subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2});
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            issuer.says(&user, &claims),
            user.seed()
        );
        std::fs::write(&file, text).expect("a file can be made");
    };
    write(&stranger);
    let path = file.display().to_string();
    let environment = [("MFA_LEDGER__NATS__URLS", &*nats.url), ("MFA_LEDGER__NATS__CREDENTIALS_FILE", &path)];
    let server = Server::start_with(&environment);
    let client = server.client();
    let refused = "the NATS server does not accept who we are";
    until(refused, || async { server.told().contains(refused) }).await;
    records(&client, 3).await;
    // They are read anew with every attempt.
    write(&account);
    caught_up(&client).await;
    assert!(!server.told().contains(&user.seed()));

    let open = publishing_to(&nats);
    until(refused, || async { open.told().contains(refused) }).await;
    assert_eq!(metric(&open.client(), "mfa_ledger_nats_connected").await, Some(0));
}
