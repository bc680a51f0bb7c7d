//! The one binary: everything is in the library's `cli`.

/// Commands are many small allocations on every core; the system's allocator was an eighth of the
/// processor time of a server under load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    if let Err(error) = mfa_ledger::memory::keep_off_the_disk() {
        eprintln!("warning: core dumps cannot be switched off, and may hold secrets: {error}");
    }
    mfa_ledger::tls::install();
    mfa_ledger::cli::run()
}
