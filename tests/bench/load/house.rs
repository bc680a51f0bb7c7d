//! The real binary with a directory of its own, filled with administrators through its own API.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Client;

pub struct House {
    child: Child,
    directory: tempfile::TempDir,
    pub url: String,
    pub root: Person,
}

/// Somebody with a session.
#[derive(Clone, Default)]
pub struct Person {
    pub id: String,
    pub user_name: String,
    pub password: String,
    pub token: String,
}

impl House {
    /// Starts it; `memory_kib` is the cost of a hash, low where hashes are not what is measured.
    pub async fn start(memory_kib: u32, passes: u32) -> Outcome<Self> {
        Self::start_with(memory_kib, passes, &[]).await
    }

    /// The same with more arguments for `serve`.
    pub async fn start_with(memory_kib: u32, passes: u32, arguments: &[&str]) -> Outcome<Self> {
        let binary = env!("CARGO_BIN_EXE_mfa-ledger");
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let data = directory.path().join("data");
        let prepare = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            command.args(arguments).arg("--data-dir").arg(&data).stderr(Stdio::inherit());
            command.env("MFA_LEDGER__HASHING__MEMORY_KIB", memory_kib.to_string());
            command.env("MFA_LEDGER__HASHING__PASSES", passes.to_string());
            command.env("MFA_LEDGER__HTTP__ATTEMPTS_PER_SECOND", "0");
            command.env("MFA_LEDGER__TELEMETRY__FILTER", "warn");
            command
        };
        let init = prepare(&["init", "--user-name", "root", "--output", "json"]).output()?;
        let made: Value = serde_json::from_slice(&init.stdout)?;
        let mut child = prepare(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut ready = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut ready)?;
        let url = text(&serde_json::from_str(&ready)?, "listening");
        let mut house = Self { child, directory, url, root: Person::default() };
        let mut client = house.client().await?;
        house.root = log_in(&mut client, "root", &text(&made, "password")).await?;
        Ok(house)
    }

    pub async fn client(&self) -> Outcome<Client> {
        Client::connect(&self.url).await
    }

    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Lifts the limits that a load would run into.
    pub async fn unlimited(&self) -> Outcome<()> {
        let body =
            json!({"resets_per_actor_per_hour": 0, "resets_per_target_per_day": 0, "step_up_minutes": 240});
        self.client().await?.call("PATCH", "/v1/settings", &self.root.token, &body.to_string()).await?;
        Ok(())
    }

    /// Registers somebody and logs them in.
    pub async fn person(&self, client: &mut Client, user_name: &str, role: &str) -> Outcome<Person> {
        let body = json!({
            "user_name": user_name, "display_name": user_name, "emails": [format!("{user_name}@example.com")],
            "role": role,
        });
        let made = client.call("POST", "/v1/administrators", &self.root.token, &body.to_string()).await?;
        log_in(client, user_name, &text(&made, "password")).await
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

async fn log_in(client: &mut Client, user_name: &str, password: &str) -> Outcome<Person> {
    let body = json!({"user_name": user_name, "password": password}).to_string();
    let session = client.call("POST", "/v1/session", "", &body).await?;
    Ok(Person {
        id: text(&session, "administrator"),
        user_name: user_name.to_owned(),
        password: password.to_owned(),
        token: text(&session, "token"),
    })
}

/// Enrolls somebody: their session has a proven second factor then.
pub async fn enroll(client: &mut Client, person: &Person) -> Outcome<()> {
    let begun = client.call("POST", "/v1/me/mfa/enrollment", &person.token, "").await?;
    let key = text(&begun, "manual_key").replace(' ', "");
    let body = json!({"code": code(&key)?}).to_string();
    client.call("POST", "/v1/me/mfa/enrollment/confirm", &person.token, &body).await?;
    Ok(())
}

fn code(base32: &str) -> Outcome<String> {
    let secret = data_encoding::BASE32_NOPAD.decode(base32.trim_end_matches('=').as_bytes())?;
    let seconds = now_seconds();
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build_noncompliant();
    Ok(totp.generate(seconds).to_string())
}

#[expect(clippy::disallowed_methods, reason = "a load program has no clock of its own to be given")]
fn now_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}

pub fn text(json: &Value, key: &str) -> String {
    json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
