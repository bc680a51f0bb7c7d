//! What nothing can be faster than: one fdatasync, one bare JSON answer, one argon2 hash.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum::routing::get;
use tokio::time::Instant;

use crate::{Outcome, per_second};

/// fdatasyncs a second: 300 bytes written to a file of zeros, synced, again.
pub fn fdatasync(dir: &Path, lasting: Duration) -> Outcome<f64> {
    let mut file = std::fs::File::create(dir.join("floor"))?;
    file.write_all(&vec![0; 4 * 1024 * 1024])?;
    file.sync_all()?;
    let start = Instant::now();
    let mut synced = 0_u64;
    while start.elapsed() < lasting {
        std::os::unix::fs::FileExt::write_all_at(&file, &[7; 300], (synced % 10_000) * 300)?;
        file.sync_data()?;
        synced += 1;
    }
    Ok(per_second(synced, start.elapsed()))
}

/// argon2id hashes a second at the default cost, on all cores.
pub fn argon2(lasting: Duration) -> Outcome<f64> {
    let threads = std::thread::available_parallelism()?.get();
    let start = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                let params = argon2::Params::new(19_456, 2, 1, Some(32)).expect("the default cost is valid");
                let mut memory = vec![argon2::Block::default(); params.block_count()];
                let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
                let mut own = 0_u64;
                while start.elapsed() < lasting {
                    let mut out = [0; 32];
                    let done =
                        hasher.hash_password_into_with_memory(b"password", &[1; 16], &mut out, &mut memory);
                    done.expect("the default cost is valid");
                    own += 1;
                }
                own
            })
        })
        .collect();
    let mut hashed = 0;
    for worker in workers {
        hashed += worker.join().map_err(|_| "a hashing thread panicked")?;
    }
    Ok(per_second(hashed, start.elapsed()))
}

/// A JSON answer of the size of a status page, by axum with nothing around it.
pub async fn serve_bare_axum() -> Outcome<()> {
    async fn answer(headers: HeaderMap) -> axum::Json<serde_json::Value> {
        // Reads a header, as whoever checks a token must.
        let token = headers.get(header::AUTHORIZATION).map_or(0, axum::http::HeaderValue::len);
        axum::Json(serde_json::json!({
            "administrator": "adm_01h455vb4pex5vsknk084sn02q", "status": "enabled", "required": false,
            "enrolled_at": "2026-05-03T14:05:00.000Z", "backup_codes_left": 10, "token": token,
            "last_used": {"method": "totp", "at": "2026-05-03T14:05:00.000Z"},
            "failures": {"totp": 0, "backup_code": 0}, "locked_until": null, "last_reset": null,
            "sessions": 1, "epoch": 0, "danger_window": null, "drift": null
        }))
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    // So many bytes, and nothing else.
    let bytes =
        get(|axum::extract::Path(count): axum::extract::Path<usize>| async move { vec![b'x'; count] });
    axum::serve(listener, axum::Router::new().route("/", get(answer)).route("/bytes/{count}", bytes)).await?;
    Ok(())
}

/// The bare server in a process of its own; ended when dropped.
pub struct BareAxum {
    child: Child,
    pub url: String,
}

impl BareAxum {
    pub fn start() -> Outcome<Self> {
        let mut child =
            Command::new(std::env::current_exe()?).arg("bare-axum").stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for BareAxum {
    fn drop(&mut self) {
        // It may have ended already; either way it is gone afterwards.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
