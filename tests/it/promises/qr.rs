//! The QR code, as a camera sees it.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::server::{Server, text};

/// Runs another program, as its user would.
fn run(program: &str, arguments: &[&str], dir: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(dir).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; .ci/install installs it"));
    assert!(output.status.success(), "{program}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_qr_code_of_an_enrollment_reads_as_exactly_its_uri() {
    let server = Server::start();
    let (root, _) = server.root().await;
    let who = json!({
        "user_name": "dana", "display_name": "Dana", "emails": ["d@example.org"], "role": "general-staff",
    });
    let made = root.post("/v1/administrators", &who).await.ok(201);
    let (dana, _) = server.client().log_in("dana", made["password"].as_str().expect("a password")).await;
    let dir = tempfile::tempdir().expect("a directory");
    // An issuer that needs escaping, and one that does not.
    for issuer in ["mfa-ledger", "Škola & Co. 100%"] {
        let settings = json!({ "issuer": issuer });
        let changed = root.ask(reqwest::Method::PATCH, "/v1/settings", &[], Some(&settings)).await;
        changed.ok(200);
        let begun = dana.post("/v1/me/mfa/enrollment", &json!({})).await.ok(201);
        let svg = begun["qr_svg"].as_str().expect("an SVG");
        std::fs::write(dir.path().join("code.svg"), svg).expect("a file");
        run("rsvg-convert", &["--zoom", "2", "-o", "code.png", "code.svg"], dir.path());
        let read = run("zbarimg", &["--quiet", "--raw", "code.png"], dir.path());
        assert_eq!(read.trim_end(), begun["otpauth_uri"].as_str().expect("a URI"), "{issuer}");
    }
}
