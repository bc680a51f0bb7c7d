//! The manual: what the product does, for those who run it, call it, or change it.
//!
//! | page | for |
//! |---|---|
//! | [`operating`] | whoever runs it: start, keys, files, failures |
//! | [`calling`] | whoever calls the API |
//! | [`anchoring`] | whoever runs it: anchors and witnesses, against a log that is put back |
//! | [`delivering`] | whoever runs it, or receives from it: webhooks |
//! | [`resetting`] | help desks: the rules of a reset, the guide's troubleshooting |
//! | [`recording`] | auditors: records, reads, void records, what is sealed |
//! | [`deciding`] | whoever changes it: decisions, and what was decided against |

pub mod anchoring;
pub mod calling;
pub mod deciding;
pub mod delivering;
pub mod operating;
pub mod recording;
pub mod resetting;
