//! A real nginx in front of a server.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const LOOK_EVERY: Duration = Duration::from_millis(10);
/// It listens after so many looks at the latest.
const LOOKS: usize = 1_000;

/// It runs as long as this lives.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub address: String,
    _dir: TempDir,
}

impl Nginx {
    /// In front of a server that listens at an address, which it gives so long to answer.
    pub fn start(behind: &str, read_timeout: Duration) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let free = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = free.local_addr().expect("it has an address").to_string();
        drop(free);
        let at = dir.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {at}/{what};"))
            .join(" ");
        let config = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log; events {{}}
             http {{ access_log off; {temporary}
               server {{ listen {address}; location / {{
                 proxy_pass http://{behind}; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header X-Forwarded-For $remote_addr;
                 proxy_read_timeout {}ms; }} }} }}",
            read_timeout.as_millis()
        );
        let file = dir.path().join("nginx.conf");
        std::fs::write(&file, config).expect("it can be written");
        let child = spawn(&file);
        let listens = (0..LOOKS).any(|_| {
            std::thread::sleep(LOOK_EVERY);
            TcpStream::connect(&address).is_ok()
        });
        let told = || std::fs::read_to_string(dir.path().join("error.log")).unwrap_or_default();
        assert!(listens, "nginx does not listen: {}", told());
        Self { child, address, _dir: dir }
    }
}

fn spawn(config: &Path) -> Child {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/nginx");
    assert!(installed.exists(), "{} is missing: run .ci/install test", installed.display());
    Command::new(installed)
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx starts")
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}
