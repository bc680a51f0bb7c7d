//! The judges: programs of their own, a case a line in, a verdict a line out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::case::Case;
use super::material::Material;
use crate::support::server::text;

/// Where Debian keeps the source of Go's packages.
const GOPATH: &str = "/usr/share/gocode";

pub struct Judge {
    pub name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Accept,
    Reject(String),
}

impl Judge {
    /// `golang.org/x/mod/sumdb`, compiled here.
    pub fn go() -> Self {
        let packages = Path::new(GOPATH).join("src/golang.org/x/mod/sumdb");
        assert!(packages.is_dir(), "golang-golang-x-mod-dev is missing: `make install` installs it");
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign");
        std::fs::create_dir_all(&built).expect("a directory can be made");
        let program = built.join("judge-go");
        let output = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(root().join("tests/foreign/go/judge.go"))
            .env("GOCACHE", built.join("go-cache"))
            // Debian's packages and nothing from the network.
            .envs([("GO111MODULE", "off"), ("GOFLAGS", ""), ("GOPATH", GOPATH), ("GOTOOLCHAIN", "local")])
            .output()
            .unwrap_or_else(|error| panic!("go ({error}): `make install` installs it"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        Self { name: "Go", program, arguments: Vec::new() }
    }

    /// pymerkle, in the virtual environment of the tests.
    pub fn pymerkle() -> Self {
        let program = root().join("target/tools/bin/python");
        let found = Command::new(&program).args(["-c", "import pymerkle"]).output();
        assert!(
            found.is_ok_and(|output| output.status.success()),
            "pymerkle is missing in target/tools: `make install` installs it"
        );
        let openssl = Command::new("openssl").arg("version").output();
        openssl.unwrap_or_else(|error| panic!("openssl ({error}): `make install` installs it"));
        let script = root().join("tests/foreign/pymerkle/judge.py");
        Self { name: "pymerkle", program, arguments: vec![script] }
    }

    /// A verdict on each.
    pub fn judge<'a>(&self, material: &Material, cases: impl Iterator<Item = &'a Case>) -> Vec<Verdict> {
        let mut lines = material.sets();
        let sets = lines.len();
        lines.extend(cases.map(Case::to_json));
        let input: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the judge starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A judge that breaks off says why on its standard error.
        let told = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("the judge ends");
        let told = told.join().expect("the writer does not panic");
        assert!(output.status.success() && told.is_ok(), "{}: {}", self.name, text(&output.stderr));
        let answers = text(&output.stdout);
        let (of_sets, verdicts): (Vec<_>, Vec<_>) = answers.lines().partition(|line| *line == "set");
        assert_eq!(of_sets.len(), sets, "{}", self.name);
        verdicts.into_iter().map(|line| self.verdict(line)).collect()
    }

    fn verdict(&self, line: &str) -> Verdict {
        match line.split_once(' ') {
            None if line == "accept" => Verdict::Accept,
            Some(("reject", why)) => Verdict::Reject(why.to_owned()),
            _ => panic!("{} gives no verdict: {line}", self.name),
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
