//! Whoever can touch the disk: each change is found by the next start, named, and ends it with exit code 10.

mod appended;
mod flipped;
mod journal;
mod keys;
mod marks;
mod origins;

use std::process::Output;

use crate::support::server::{Place, Server, text};

/// The exit code for a log that was altered, cut or rolled back.
pub const TAMPERED: Option<i32> = Some(10);

/// A ledger with fourteen records, closed in good order.
pub fn ledger() -> Place {
    let (_, place, _) = Server::start().end();
    for name in ["ann", "bob", "cay", "dan", "eve", "fay"] {
        let email = format!("{name}@example.org");
        let who = ["--user-name", name, "--email", &email, "--role", "auditor"];
        let made = place.run(&[&["administrator", "create"], who.as_slice()].concat());
        assert!(made.status.success(), "{}", text(&made.stderr));
    }
    place
}

/// Tries to serve what must not be served.
pub fn refused(place: &Place) -> Output {
    place.run(&["serve", "--listen", "127.0.0.1:0"])
}

/// The start is refused as tampering, and says all of this.
#[track_caller]
pub fn is_tampering(place: &Place, told: &[&str]) {
    let output = refused(place);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), TAMPERED, "{stderr}");
    assert_eq!(text(&output.stdout), "", "nothing was served");
    for words in told.iter().chain(&["--accept-loss"]) {
        assert!(stderr.contains(words), "{words:?} is not in: {stderr}");
    }
}
