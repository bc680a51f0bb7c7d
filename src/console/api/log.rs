//! `/v1/log`.

use serde::Deserialize;

/// The public keys of the log, in the form of signed notes, the newest last.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console) struct Keys {
    pub keys: Vec<String>,
}

/// That an older log is the beginning of a newer one.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console) struct Consistency {
    /// The hashes, base64.
    pub hashes: Vec<String>,
}
