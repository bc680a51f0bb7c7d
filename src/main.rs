//! The one binary: everything is in the library's `cli`.

fn main() -> std::process::ExitCode {
    mfa_ledger::cli::run()
}
