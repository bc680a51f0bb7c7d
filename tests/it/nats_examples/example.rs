//! An example that can be started, killed and ended.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::asyncapi::packages;
use crate::support::server::text;

pub struct Example {
    program: PathBuf,
    script: PathBuf,
    /// What was built for it.
    _built: Option<TempDir>,
}

impl Example {
    pub fn python() -> Self {
        let program = root().join("target/tools/bin/python");
        assert!(program.exists(), "{} is missing: run .ci/install test", program.display());
        Self { program, script: root().join("schemas/examples/python/consumer.py"), _built: None }
    }

    /// Built as its README says, types checked.
    pub fn typescript() -> Self {
        let built = tempfile::tempdir().expect("a directory can be made");
        for entry in std::fs::read_dir(root().join("schemas/examples/typescript")).expect("it is there") {
            let entry = entry.expect("it can be read");
            if entry.file_type().expect("it is told").is_file() {
                std::fs::copy(entry.path(), built.path().join(entry.file_name())).expect("it can be copied");
            }
        }
        let modules = packages("example-typescript").join("node_modules");
        std::os::unix::fs::symlink(modules, built.path().join("node_modules")).expect("a link can be made");
        let output = Command::new("node")
            .arg("node_modules/typescript/bin/tsc")
            .current_dir(built.path())
            .stdin(Stdio::null())
            .output()
            .expect("node is missing: run .ci/install test");
        assert!(output.status.success(), "{}", text(&output.stdout));
        Self { program: "node".into(), script: built.path().join("dist/consumer.js"), _built: Some(built) }
    }

    pub fn command(&self, nats: &str, consumer: &str, out: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(&self.script).args(["--nats", nats, "--consumer", consumer, "--out"]).arg(out);
        command.env("NATS_USER", "reader").env("NATS_PASSWORD", "r").stdin(Stdio::null());
        command
    }

    pub fn start(&self, nats: &str, consumer: &str, out: &Path) -> Running {
        let told = out.with_extension("stderr");
        let file =
            std::fs::File::options().create(true).append(true).open(&told).expect("a file can be made");
        let mut command = self.command(nats, consumer, out);
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("it starts");
        Running { child, told }
    }
}

/// An example that runs; killed when dropped.
pub struct Running {
    child: Child,
    told: PathBuf,
}

impl Running {
    /// As a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end.
    pub fn end(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().expect("there is kill").success());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}: {}", self.told());
    }

    /// What it has complained of, over all its starts.
    pub fn told(&self) -> String {
        std::fs::read_to_string(&self.told).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
