//! The manual: what the product does, for those who run it, call it, or change it.
//!
//! | page | for |
//! |---|---|
//! | [`operating`] | whoever runs it: start, keys, files, failures |
//! | [`failing`] | whoever runs it: each fault, what is seen, what to do, and the test that shows it |
//! | [`calling`] | whoever calls the API |
//! | [`anchoring`] | whoever runs it: anchors and witnesses, against a log that is put back |
//! | [`publishing`] | whoever runs NATS beside it, or reads the events from there |
//! | [`notifying`] | whoever runs it: mail to people, the link that denies a reset, the watchdog |
//! | [`detecting`] | security teams: rules, alerts, back-tests |
//! | [`delivering`] | whoever runs it, or receives from it: webhooks |
//! | [`resetting`] | help desks: the rules of a reset, the guide's troubleshooting |
//! | [`looking_back`] | auditors, help desks: what was true at a moment, what changed, who could have reset whom |
//! | [`recording`] | auditors: records, reads, void records, what is sealed |
//! | [`verifying`] | whoever wants to check the log without trusting it: exports, receipts, directories |
//! | [`deciding`] | whoever changes it: decisions, and what was decided against |

pub mod anchoring;
pub mod calling;
pub mod deciding;
pub mod delivering;
pub mod detecting;
pub mod failing;
pub mod looking_back;
pub mod notifying;
pub mod operating;
pub mod publishing;
pub mod recording;
pub mod resetting;
pub mod verifying;
