//! The rules of the configuration: the pack, and what the site adds to it.

use std::sync::Arc;

use super::ServeError;
use crate::config::Config;
use crate::react::detect::Rules;

/// The rules in force. A broken one is an error: a server that watches less than its operator believes is worse
/// than one that does not start.
pub fn rules(config: &Config) -> Result<Arc<Rules>, ServeError> {
    let rules = Rules::load(config.rules.dir.as_deref(), &config.rules.off).map_err(ServeError::Rules)?;
    Ok(Arc::new(rules))
}
