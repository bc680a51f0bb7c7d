//! The one binary: everything is in the library's `cli`.

/// Commands are many small allocations on every core; the system's allocator was an eighth of the
/// processor time of a server under load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    install_cryptography();
    mfa_ledger::cli::run()
}

/// One provider for every TLS connection that the program makes, whatever crate makes it.
fn install_cryptography() {
    let installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    installed.expect("nothing else installs a provider, and nothing runs yet");
}
