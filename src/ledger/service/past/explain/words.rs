//! Which rule refuses something, in words.

use mfa_ledger_schemas::RefusalCode;

use super::Deed;

/// Which rule refuses it, in words.
pub(super) fn in_words(deed: &Deed, code: RefusalCode) -> &'static str {
    use RefusalCode as C;
    match (deed, code) {
        (Deed::Change { .. }, C::PermissionDenied) => "the actor does not hold manage-administrators",
        (Deed::Approve { .. }, C::PrivilegeTooHigh) => {
            "the request is about somebody who may do more than the actor"
        }
        (Deed::Approve { .. }, C::ApproverNotIndependent) => "the actor is not independent of the requester",
        (_, code) => of_any(code),
    }
}

fn of_any(code: RefusalCode) -> &'static str {
    use RefusalCode as C;
    match code {
        C::MfaNotAvailable => "MFA is switched off system-wide",
        C::PermissionDenied => "the actor does not hold manage-mfa",
        C::EnrollmentRequired => "MFA is required of the actor, who has not enrolled",
        C::SecondFactorRequired => "the actor has not shown a second factor",
        C::AdministratorNotFound => "there was no such administrator yet",
        C::AdministratorInactive => "the target is not active",
        C::SelfReset => "nobody does this to themselves",
        C::SuperAdminRequired => "only a super administrator does this to a super administrator",
        C::PrivilegeTooHigh => "the target may do more than the actor",
        C::MfaNotEnabled => "the target has no MFA that could be reset",
        C::ActorMfaRequired => "the actor has no MFA, which this takes",
        C::StepUpRequired => "the actor has not proved a second factor a short while before",
        C::ResetRateLimited => "the policy allows no more resets of the target, or by the actor, for a while",
        C::ApprovalRequired => "a second person must approve first, and nobody had who counts",
        C::UnderSuspicion => {
            "a request about the target looked like an attack: a second person must approve first, and nobody had"
        }
        C::AdministratorFrozen => "the target is frozen: they denied a reset",
        C::ApprovalVoid => "the approver is no longer active or no longer holds manage-mfa",
        C::ApproverNotIndependent => "the actor and the approver are not independent of each other",
        C::ApproverTooNew => "the actor has not held manage-mfa for as long as an approver must",
        C::ResetRequestNotFound => "there was no such request yet",
        C::ResetRequestClosed => "the request was decided before, or ran out",
        C::OwnRequest => "the actor filed the request",
        // None of these rules, or one that the attempt keeps.
        C::ApprovedStoryDiffers
        | C::PartyToReset
        | C::NoteRequired
        | C::RepudiationTooLate
        | C::NotUnderSuspicion
        | C::RequestTimeImplausible
        | C::TicketRequired
        | C::ThirdPartyRequester
        | C::NotSuspended
        | C::PersonalDataGone
        | C::LogInRequired
        | C::VerificationRequired
        | C::VerificationUnacceptable
        | C::ReasonRequired
        | C::ConfirmationRequired
        | C::VersionMismatch
        | C::UserNameTaken
        | C::RoleNotFound
        | C::LastSuperAdmin
        | C::SelfDeactivation
        | C::AlreadyActive
        | C::MfaAlreadyEnabled
        | C::NoPendingEnrollment
        | C::MfaRequired
        | C::PasswordUnacceptable
        | C::WrongPassword
        | C::ResetNotFound
        | C::AlreadyRepudiated
        | C::ServiceAccountNotFound
        | C::NothingToErase
        | C::StillActive
        | C::SelfRoleChange
        | C::NotVerified
        | C::AlertNotFound
        | C::AlertClosed
        | C::AlertExists
        | C::SilenceNotFound
        | C::WebhookNotFound
        | C::WebhookInactive
        | C::TooManyWebhooks
        | C::DeliveryNotFound
        | C::Unknown(_) => "a rule refuses it",
    }
}
