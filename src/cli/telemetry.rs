//! What is told about the work: on standard error, so that standard output is for data only.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::exit::Failed;
use crate::config::{Format, Loaded, Origin};

/// What the client of NATS tells of every attempt is told here once, and in better words.
pub(super) const CLIENT_OF_NATS: &str = "async_nats=off";

/// Begins to tell. `unless_set` is the filter when the configuration names none.
pub(super) fn begin(loaded: &Loaded, unless_set: &str) -> Result<(), Failed> {
    let filter = filter(loaded, unless_set)?;
    let terminal = std::io::stderr().is_terminal();
    let json = match loaded.config.telemetry.format {
        Format::Auto => !terminal,
        Format::Json => true,
        Format::Text => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Somebody else may have begun already: a test that runs commands in its own process.
    let _second = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_ansi(terminal && std::env::var_os("NO_COLOR").is_none()).try_init()
    };
    Ok(())
}

/// The filter, checked.
pub(super) fn filter(loaded: &Loaded, unless_set: &str) -> Result<EnvFilter, Failed> {
    let origin = loaded.origin("telemetry.filter");
    let text = if origin == Origin::Default { unless_set } else { &loaded.config.telemetry.filter };
    EnvFilter::try_new(text)
        .map_err(|error| Failed::new(format!("telemetry.filter = {text} ({origin})")).because(&error))
}
