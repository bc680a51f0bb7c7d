//! The same over the wire: the real binary, and callers who hang up at random moments in every way there is.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::client::Client;
use crate::support::draws::{Draws, seeds};
use crate::support::nginx::Nginx;
use crate::support::server::{Place, Server, now, text, totp};

/// Callers who hang up; many more where the fault tests are run at length.
fn callers() -> usize {
    if std::env::var_os("MFA_LEDGER_SOAK").is_some() { 2_000 } else { 120 }
}

/// A caller hangs up within this, counted from the request's last byte.
const HANGS_UP_WITHIN_MICROS: u64 = 4_000;
/// What is owed is done this long after the last record.
const DONE_WITHIN: Duration = Duration::from_secs(1);
/// The server is asked to end, and started again, after so many callers.
const TERMINATED_EVERY: usize = 50;

/// What is recorded at least once, though its caller may have gone.
const ENDING: &[&str] = &[
    "mfa.reset",
    "mfa.disabled",
    "mfa.enrollment_cancelled",
    "backup_codes.regenerated",
    "password.reset",
    "password.set",
    "personal_data.erased",
];

/// How a caller goes away.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Closes the connection in good order.
    Fin,
    /// Resets the connection.
    Rst,
    /// Resets the stream of HTTP/2, and keeps the connection for a while.
    ResetStream,
    /// Waits for an answer behind a proxy that runs out of patience.
    Proxy,
}

struct Request {
    method: &'static str,
    path: &'static str,
    who: String,
    token: String,
    body: Value,
}

/// Sends a request, and hangs up.
async fn hang_up(address: &str, request: &Request, way: Way, after: Duration) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    match way {
        Way::Fin | Way::Rst | Way::Proxy => stream.write_all(&http1(address, request)).await?,
        Way::ResetStream => stream.write_all(&http2(address, request)).await?,
    }
    tokio::time::sleep(after).await;
    match way {
        Way::Fin => {}
        Way::Proxy => assert!(stream.read(&mut [0; 64]).await? > 0, "the proxy answers"),
        Way::Rst => stream.set_zero_linger()?,
        Way::ResetStream => {
            // RST_STREAM of stream 1, error CANCEL. The server may have ended the stream already.
            stream.write_all(&frame(3, 0, 1, &8_u32.to_be_bytes())).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(())
}

fn path(request: &Request) -> String {
    request.path.replace("{id}", &request.who)
}

fn http1(address: &str, request: &Request) -> Vec<u8> {
    let body = request.body.to_string();
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        request.method,
        path(request),
        request.token,
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Preface, empty SETTINGS, HEADERS with literal fields, DATA that ends the stream (RFC 9113, RFC 7541).
fn http2(address: &str, request: &Request) -> Vec<u8> {
    let (body, path) = (request.body.to_string(), path(request));
    let bearer = format!("Bearer {}", request.token);
    let mut fields = Vec::new();
    for (name, value) in [
        (":method", request.method),
        (":scheme", "http"),
        (":authority", address),
        (":path", &path),
        ("authorization", &bearer),
        ("content-type", "application/json"),
    ] {
        // A literal without indexing; lengths below 127 are one byte.
        fields.push(0);
        for part in [name, value] {
            fields.push(u8::try_from(part.len()).ok().filter(|length| *length < 127).expect("short fields"));
            fields.extend_from_slice(part.as_bytes());
        }
    }
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &[]),
        frame(1, 4, 1, &fields),
        frame(0, 1, 1, body.as_bytes()),
    ]
    .concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Somebody new.
struct Somebody {
    id: String,
    token: String,
    password: String,
    /// Where they have begun to enroll.
    seed: String,
}

/// How far they have come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    LoggedIn,
    Pending,
    Enrolled,
}

async fn somebody(root: &Client, number: usize, stage: Stage) -> Somebody {
    let name = format!("person-{number}");
    let who = json!({
        "user_name": name, "display_name": name, "emails": ["p@example.org"], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let password = text(&made["password"]);
    let (client, session) = root.log_in(&name, &password).await;
    let mut seed = String::new();
    if stage != Stage::LoggedIn {
        let begun = client.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        seed = text(&begun["manual_key"]);
    }
    if stage == Stage::Enrolled {
        let code = json!({"code": totp(&seed, 0)});
        client.post("/v1/me/mfa/enrollment/confirm", &code).await.ok(200);
    }
    Somebody { id: text(&made["administrator"]), token: text(&session["token"]), password, seed }
}

/// The next request that ends or makes a secret.
async fn next(root: &Client, number: usize, draws: &Draws) -> Request {
    let operator = root.token.clone().expect("a session");
    let of = |method, path, person: &Somebody, token: &str, body| {
        let (who, token) = (person.id.clone(), token.to_owned());
        Request { method, path, who, token, body }
    };
    let stage = *draws.pick(&[Stage::LoggedIn, Stage::Pending, Stage::Enrolled, Stage::Enrolled]);
    let person = somebody(root, number, stage).await;
    // The next step, for codes are accepted once.
    let later = |person: &Somebody| json!({"code": totp(&person.seed, 30)});
    match (stage, draws.below(4)) {
        (Stage::LoggedIn, 0) => {
            of("POST", "/v1/administrators/{id}/password-reset", &person, &operator, json!({}))
        }
        (Stage::LoggedIn, 1) => {
            let body =
                json!({"current_password": person.password, "new_password": "correct horse battery staple"});
            of("PUT", "/v1/me/password", &person, &person.token, body)
        }
        (Stage::LoggedIn, 2) => {
            root.post(&format!("/v1/administrators/{}/deactivate", person.id), &json!({})).await.ok(200);
            of("POST", "/v1/administrators/{id}/personal-data/erase", &person, &operator, json!({}))
        }
        (Stage::LoggedIn, _) => of("POST", "/v1/me/mfa/enrollment", &person, &person.token, json!({})),
        (Stage::Pending, 0) => of("DELETE", "/v1/me/mfa/enrollment", &person, &person.token, json!({})),
        (Stage::Pending, _) => {
            let body = json!({"code": totp(&person.seed, 0)});
            of("POST", "/v1/me/mfa/enrollment/confirm", &person, &person.token, body)
        }
        (Stage::Enrolled, 0) => of("DELETE", "/v1/me/mfa", &person, &person.token, later(&person)),
        (Stage::Enrolled, 1) => of("POST", "/v1/me/mfa/backup-codes", &person, &person.token, later(&person)),
        (Stage::Enrolled, _) => {
            let body = json!({
                "reason": "new_phone", "verification": "video_call", "requester_name": format!("person-{number}"),
                "requester_contact": "+1 555 0100", "requested_at": now(), "ticket": "HD-1",
                "confirmation": format!("person-{number}"),
            });
            of("POST", "/v1/administrators/{id}/mfa/reset", &person, &operator, body)
        }
    }
}

/// Whether the vault of a server that was killed holds what its log names, and nothing else.
fn judge(place: &Place) {
    let told = place.run(&["doctor", "--output", "json"]);
    let told = text(&told.stdout);
    assert!(told.contains("every entry of the vault is named by the log"), "{told}");
}

/// A proxy in front of it that waits for one to four milliseconds.
fn proxy(server: &Server, draws: &Draws) -> Nginx {
    Nginx::start(address(server), Duration::from_millis(1 + draws.below(4)))
}

fn address(server: &Server) -> &str {
    server.url.trim_start_matches("http://")
}

async fn root(server: &Server) -> Client {
    server.root().await.0
}

/// The first administrator, who may reset others: enrolled, and logged in with both factors.
async fn enroll_root(server: &Server) -> Client {
    let client = root(server).await;
    let unlimited = json!({"resets_per_actor_per_hour": 0});
    client.ask(Method::PATCH, "/v1/settings", &[], Some(&unlimited)).await.ok(200);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_hang_up_leave_no_ended_secret_and_no_orphan() {
    for seed in seeds(1, 1) {
        println!("seed {seed}");
        let draws = Draws::new(seed);
        let mut server = Server::start();
        let mut root = enroll_root(&server).await;
        let mut nginx = proxy(&server, &draws);
        for number in 0..callers() {
            let request = next(&root, number, &draws).await;
            let way = *draws.pick(&[Way::Fin, Way::Rst, Way::ResetStream, Way::Proxy]);
            let after = Duration::from_micros(draws.below(HANGS_UP_WITHIN_MICROS));
            let to = if matches!(way, Way::Proxy) { &nginx.address } else { address(&server) };
            hang_up(to, &request, way, after).await.expect("the server listens");
            if number % TERMINATED_EVERY == TERMINATED_EVERY - 1 {
                let token = root.token.clone().expect("a session");
                let (status, place, password) = server.end();
                assert!(status.success());
                judge(&place);
                server = Server::on(place, password, &[]);
                root = server.client().with_token(&token);
                nginx = proxy(&server, &draws);
            }
        }
        tokio::time::sleep(DONE_WITHIN).await;
        for action in ENDING {
            let page = root.get(&format!("/v1/activity?action={action}&limit=1000")).await.ok(200);
            let records = page["data"].as_array().map_or(0, Vec::len);
            println!("{records} times {action}");
            assert!(records > 0, "no {action} is recorded");
        }
        let (place, _) = server.kill();
        judge(&place);
    }
}
