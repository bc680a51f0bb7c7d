//! Whether there is a ledger in the data directory, and who can reach it.

use std::os::unix::fs::PermissionsExt;

use super::{Context, Outcome};

/// Others than the owner and the group.
const ANYBODY: u32 = 0o007;
/// The group, to which a volume of a container may have to belong.
const GROUP: u32 = 0o070;

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(error) = &context.look {
        return Outcome::refused(error);
    }
    let dir = context.config.data_dir.display();
    let advice = format!("run: chmod 700 {dir}");
    match std::fs::metadata(&context.config.data_dir) {
        Err(error) => Outcome::fail(format!("{dir} cannot be looked at: {error}"), advice),
        Ok(it) => {
            let mode = it.permissions().mode() & 0o7777;
            let open = |to| format!("{dir} is open to {to} (mode {mode:04o})");
            match mode {
                _ if mode & ANYBODY != 0 => Outcome::fail(open("everybody"), advice),
                _ if mode & GROUP != 0 => Outcome::warn(open("its group"), advice),
                _ => Outcome::ok(format!("{dir} holds a ledger and is its owner's alone")),
            }
        }
    }
}
