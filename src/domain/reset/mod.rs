//! The reset of somebody else's MFA, and what surrounds it: requests and approvals, suspicious ones, follow-ups,
//! repudiation.

mod approve;
mod clear_suspicion;
mod decline;
mod documented;
mod follow_up;
mod known;
mod perform;
mod report;
mod repudiate;
mod request;
mod requester;

pub use approve::ApproveMfaReset;
pub use clear_suspicion::ClearSuspicion;
pub use decline::DeclineMfaReset;
pub use documented::Documented;
pub use follow_up::RecordFollowUp;
pub(crate) use known::is_free_of;
pub use perform::ResetMfa;
pub use report::ReportSuspiciousRequest;
pub use repudiate::RepudiateReset;
pub use request::RequestMfaReset;
pub use requester::is_person;
