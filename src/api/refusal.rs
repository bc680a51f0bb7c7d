//! From refusals to HTTP: every code, exhaustively. The server answers with it, the command line ends by it.

use http::StatusCode;
use mfa_ledger_schemas::RefusalCode;

/// The status of each code: 403 where somebody else might, 404 where there is nothing, 409 where the
/// state is another, 412 and 429 as HTTP has them, 422 for a broken rule.
pub fn status(code: RefusalCode) -> StatusCode {
    use RefusalCode as C;
    match code {
        C::PermissionDenied
        | C::SuperAdminRequired
        | C::StepUpRequired
        | C::LogInRequired
        | C::ActorMfaRequired
        | C::ApprovalRequired
        | C::EnrollmentRequired
        | C::SecondFactorRequired
        | C::PrivilegeTooHigh
        | C::SelfRoleChange
        | C::OwnRequest
        | C::ApproverNotIndependent
        | C::ApproverTooNew
        | C::PartyToReset
        | C::UnderSuspicion => StatusCode::FORBIDDEN,
        C::AdministratorNotFound
        | C::RoleNotFound
        | C::ResetRequestNotFound
        | C::ResetNotFound
        | C::ServiceAccountNotFound
        | C::AlertNotFound
        | C::SilenceNotFound
        | C::WebhookNotFound
        | C::DeliveryNotFound => StatusCode::NOT_FOUND,
        C::UserNameTaken
        | C::LastSuperAdmin
        | C::AlreadyActive
        | C::StillActive
        | C::MfaAlreadyEnabled
        | C::NoPendingEnrollment
        | C::ResetRequestClosed
        | C::AlreadyRepudiated
        | C::AlertClosed
        | C::AlertExists
        | C::WebhookInactive
        | C::ApprovalVoid
        | C::NotUnderSuspicion => StatusCode::CONFLICT,
        C::VersionMismatch => StatusCode::PRECONDITION_FAILED,
        C::ResetRateLimited => StatusCode::TOO_MANY_REQUESTS,
        C::MfaNotAvailable
        | C::AdministratorInactive
        | C::SelfReset
        | C::MfaNotEnabled
        | C::VerificationRequired
        | C::VerificationUnacceptable
        | C::ReasonRequired
        | C::ConfirmationRequired
        | C::SelfDeactivation
        | C::MfaRequired
        | C::PasswordUnacceptable
        | C::WrongPassword
        | C::NothingToErase
        | C::NotVerified
        | C::TooManyWebhooks
        | C::ApprovedStoryDiffers
        | C::AdministratorFrozen
        | C::NoteRequired
        | C::RepudiationTooLate
        | C::RequestTimeImplausible
        | C::TicketRequired
        | C::ThirdPartyRequester
        | C::NotSuspended
        | C::PersonalDataGone
        // Of a log that a newer version wrote: a refusal stays a refusal.
        | C::Unknown(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
