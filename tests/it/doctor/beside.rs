//! Beside a server that runs, and is not to notice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::doctor;
use crate::support::grep::files;
use crate::support::server::Server;

fn names(dir: &Path) -> Vec<PathBuf> {
    // sled begins and ends files of its own as it likes.
    files(dir).into_iter().filter(|file| !file.starts_with(dir.join("sled"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_looked_at_and_does_not_notice() {
    let server = Server::start();
    let (client, _) = server.root().await;
    let (told_before, names_before) = (server.told(), names(&server.place.data_dir()));
    let over = Arc::new(AtomicBool::new(false));
    let working = {
        let (client, over) = (client.clone(), Arc::clone(&over));
        tokio::spawn(async move {
            let mut done = 0_u32;
            while !over.load(Ordering::SeqCst) {
                let change = json!({ "issuer": format!("issuer {}", done % 2) });
                let answer = client.ask(reqwest::Method::PATCH, "/v1/settings", &[], Some(&change)).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
                done += 1;
            }
            done
        })
    };
    for _ in 0..5 {
        let place = server.place.clone();
        let told = tokio::task::spawn_blocking(move || doctor(&place, &[])).await.expect("it runs");
        told.says(
            "log",
            "skipped",
            &["a server holds the data directory", "the newest record is at position"],
        );
        told.says("vault-orphans", "skipped", &["not checked: a server holds the data directory"]);
        for name in ["data-directory", "key-file", "master-key"] {
            assert_eq!(told.status(name), "ok", "{:?}", told.findings[name]);
        }
        assert_ne!(told.code, Some(10));
        assert_ne!(told.status("clock"), "fail");
    }
    over.store(true, Ordering::SeqCst);
    assert!(working.await.expect("every command was carried out") > 0);
    assert_eq!(server.told(), told_before, "the server had nothing to tell");
    let new: Vec<_> =
        names(&server.place.data_dir()).into_iter().filter(|it| !names_before.contains(it)).collect();
    assert!(new.iter().all(|file| file.components().any(|part| part.as_os_str() == "tile")), "{new:?}");
    let (status, place, _) = server.end();
    assert!(status.success());
    doctor(&place, &[]).says("log", "ok", &["sound to the end"]);
}
