//! What keeps the memory of this process off the disk, as far as the process itself can: no core dump, and no debugger
//! of the same user. Swap is the operator's: see `SECURITY.md`, "Secrets in memory".

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Makes core dumps impossible, those of a handler such as systemd-coredump as well. From then on only root can read
/// `/proc/PID/mem` or attach a debugger.
pub fn keep_off_the_disk() -> io::Result<()> {
    // A handler that the kernel pipes a dump to is not bound by the limit, only by this.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}
