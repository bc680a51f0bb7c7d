//! `/v1/settings`.

use serde::Deserialize;

/// What pages need of the settings.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console) struct Settings {
    pub step_up_minutes: u32,
    pub business_hours: Hours,
    pub reset_notice_subject: String,
    pub reset_notice_text: String,
}

/// When business is done.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console) struct Hours {
    pub time_zone: String,
}
