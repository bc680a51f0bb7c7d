//! The real binary with a directory of its own, filled with administrators through its own API.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Outcome;
use crate::client::Client;

pub struct House {
    child: Option<Child>,
    cost: (u32, u32),
    directory: PathBuf,
    /// Takes the directory away at the end, unless it is one to be kept.
    _temporary: Option<tempfile::TempDir>,
    pub url: String,
    pub root: Person,
}

/// What serves it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// The real binary.
    Binary,
    /// This program, with the same parts.
    Sealed,
    /// This program, without sealing.
    Unsealed,
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
        Self::run(memory_kib, passes, Run::Binary, &[]).await
    }

    /// The same in one of several ways, with more arguments for `serve`.
    pub async fn run(memory_kib: u32, passes: u32, run: Run, arguments: &[&str]) -> Outcome<Self> {
        let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let directory = temporary.path().to_owned();
        Self::run_in(directory, Some(temporary), (memory_kib, passes), run, arguments).await
    }

    /// One that stays, in a directory that is made.
    pub async fn stay(directory: &std::path::Path, memory_kib: u32, passes: u32) -> Outcome<Self> {
        std::fs::create_dir(directory)?;
        let house = Self::run_in(directory.into(), None, (memory_kib, passes), Run::Binary, &[]).await?;
        std::fs::write(directory.join("password"), &house.root.password)?;
        Ok(house)
    }

    /// One that stayed; it does not run yet.
    pub fn again(directory: &std::path::Path, memory_kib: u32, passes: u32) -> Outcome<Self> {
        let password = std::fs::read_to_string(directory.join("password"))?;
        let root = Person { user_name: "root".into(), password, ..Person::default() };
        let (directory, cost, url) = (directory.to_owned(), (memory_kib, passes), String::new());
        Ok(Self { child: None, cost, directory, _temporary: None, url, root })
    }

    async fn run_in(
        directory: PathBuf,
        temporary: Option<tempfile::TempDir>,
        cost: (u32, u32),
        run: Run,
        arguments: &[&str],
    ) -> Outcome<Self> {
        let (root, url) = (Person::default(), String::new());
        let mut house = Self { child: None, cost, directory, _temporary: temporary, url, root };
        let init = house.command(&["init", "--user-name", "root", "--output", "json"]).output()?;
        let made: Value = serde_json::from_slice(&init.stdout)?;
        let serve = match run {
            Run::Binary => house.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()),
            Run::Sealed | Run::Unsealed => {
                let mut serve = Command::new(std::env::current_exe()?);
                serve.arg(if run == Run::Sealed { "sealed" } else { "unsealed" }).arg(house.data());
                serve
            }
        };
        house.serve(serve)?;
        let mut client = house.client().await?;
        house.root = log_in(&mut client, "root", &text(&made, "password")).await?;
        Ok(house)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-ledger"));
        command.args(arguments).arg("--data-dir").arg(self.data()).stderr(Stdio::inherit());
        command.env("MFA_LEDGER__HASHING__MEMORY_KIB", self.cost.0.to_string());
        command.env("MFA_LEDGER__HASHING__PASSES", self.cost.1.to_string());
        command.env("MFA_LEDGER__HTTP__ATTEMPTS_PER_SECOND", "0");
        command.env("MFA_LEDGER__TELEMETRY__FILTER", "warn");
        command
    }

    /// Waits until it is ready.
    fn serve(&mut self, mut serve: Command) -> Outcome<()> {
        let child = self.child.insert(serve.stdout(Stdio::piped()).spawn()?);
        let mut ready = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut ready)?;
        self.url = text(&serde_json::from_str(&ready)?, "listening");
        Ok(())
    }

    /// Ends it as an operator would.
    pub fn end(&mut self) -> Outcome<()> {
        if let Some(mut child) = self.child.take() {
            Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again, tells how long it took to be ready, and logs in.
    pub async fn start_again(&mut self) -> Outcome<Duration> {
        let (serve, begun) = (self.command(&["serve", "--listen", "127.0.0.1:0"]), Instant::now());
        self.serve(serve)?;
        let took = begun.elapsed();
        let mut client = self.client().await?;
        self.root = log_in(&mut client, "root", &self.root.password).await?;
        if let Ok(key) = std::fs::read_to_string(self.directory.join("authenticator")) {
            verify(&mut client, &self.root, &key).await?;
        }
        Ok(took)
    }

    /// Waits until nothing goes on in it that a start begins: looking older records over, rules that read the log.
    pub async fn settle(&self) -> Outcome<()> {
        let mut client = self.client().await?;
        let request = client.request("GET", "/readyz?verbose", &self.root.token, "");
        loop {
            let told = client.send(&request).await?.json()?;
            if told["status"] == "ready" && !told["checks"].to_string().contains("being looked over") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Where it lies.
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    pub async fn client(&self) -> Outcome<Client> {
        Client::connect(&self.url).await
    }

    pub fn path(&self) -> &std::path::Path {
        &self.directory
    }

    /// Lifts the limits that a load would run into. The administrator who does that has MFA.
    pub async fn unlimited(&self) -> Outcome<()> {
        let key = enroll(&mut self.client().await?, &self.root).await?;
        std::fs::write(self.directory.join("authenticator"), key)?;
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
        if let Some(child) = &mut self.child {
            let _ended = child.kill();
            let _reaped = child.wait();
        }
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
pub async fn enroll(client: &mut Client, person: &Person) -> Outcome<String> {
    let begun = client.call("POST", "/v1/me/mfa/enrollment", &person.token, "").await?;
    let key = text(&begun, "manual_key").replace(' ', "");
    let body = json!({"code": code(&key)?}).to_string();
    client.call("POST", "/v1/me/mfa/enrollment/confirm", &person.token, &body).await?;
    Ok(key)
}

/// Shows a code, as soon as there is one that was not used.
async fn verify(client: &mut Client, person: &Person, key: &str) -> Outcome<()> {
    loop {
        let body = json!({"code": code(key)?}).to_string();
        if client.call("POST", "/v1/session/second-factor", &person.token, &body).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
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
pub fn now_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}

pub fn text(json: &Value, key: &str) -> String {
    json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
