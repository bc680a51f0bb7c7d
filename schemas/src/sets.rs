//! The closed sets that events and requests speak in.

crate::set::closed_set! {
    /// What a role allows. The guide defines `manage-mfa`; the others are its neighbours.
    Permission {
        /// View MFA status of all administrators, reset that of others.
        1 ManageMfa "manage-mfa",
        /// Read the activity log and the history of resets.
        2 ViewActivity "view-activity",
        /// Export the activity log.
        3 ExportActivity "export-activity",
        /// Acknowledge and resolve alerts, manage rules.
        4 ManageAlerts "manage-alerts",
        /// Register, change, deactivate and reactivate administrators.
        5 ManageAdministrators "manage-administrators",
        /// Define roles and assign them.
        6 ManageRoles "manage-roles",
        /// Change the system-wide settings, manage service accounts.
        7 ManageSettings "manage-settings",
    }

    /// What a service account may do.
    Scope {
        /// Ask whether an administrator's second factor is good.
        1 VerifySecondFactor "verify-second-factor",
        /// See administrators and their MFA status.
        2 ViewMfa "view-mfa",
        /// Read the activity log.
        3 ViewActivity "view-activity",
        /// Export the activity log.
        4 ExportActivity "export-activity",
        /// File reset requests, for example from a ticket system.
        5 RequestReset "request-reset",
    }

    /// How the identity of the person behind a reset was verified; the guide's lists.
    VerificationMethod {
        /// In person, with photo ID.
        1 InPersonPhotoId "in_person_photo_id",
        /// Video call in which the person could be seen.
        2 VideoCall "video_call",
        /// Call to a known number, and security questions answered.
        3 KnownPhoneAndQuestions "known_phone_and_questions",
        /// Authenticated request through the secure ticketing system.
        4 AuthenticatedTicket "authenticated_ticket",
        /// Unacceptable: an e-mail and nothing else.
        5 EmailOnly "email_only",
        /// Unacceptable: an unknown e-mail address.
        6 UnknownEmail "unknown_email",
        /// Unacceptable: no verification at all.
        7 None "none",
        /// Unacceptable: somebody asked for another person.
        8 ThirdParty "third_party",
    }

    /// Why MFA is reset; the guide's scenarios.
    ResetReason {
        /// No access to the authenticator any more.
        1 LostOrStolenDevice "lost_or_stolen_device",
        /// The codes were not transferred.
        2 NewPhone "new_phone",
        /// Backup codes lost and no valid code to be had.
        3 LockedOut "locked_out",
        /// The authenticator app was deleted.
        4 AppReinstalled "app_reinstalled",
        /// The phone is broken.
        5 DeviceFailure "device_failure",
        /// Something else, told in a text.
        6 Other "other",
    }

    /// What makes a request suspicious; the guide's red flags and unacceptable requests.
    RedFlag {
        /// Urgent, outside business hours.
        1 UrgentOutsideBusinessHours "urgent_outside_business_hours",
        /// An unusual communication channel.
        2 UnusualChannel "unusual_channel",
        /// Basic security questions could not be answered.
        3 FailedSecurityQuestions "failed_security_questions",
        /// Several requests in a short time.
        4 RepeatedRequests "repeated_requests",
        /// Not the person's way of writing or speaking.
        5 UnusualStyle "unusual_style",
        /// Somebody asked for another person.
        6 ThirdParty "third_party",
        /// An unknown e-mail address.
        7 UnknownEmail "unknown_email",
        /// Something else, told in a text.
        8 Other "other",
    }

    /// When a second holder of `manage-mfa` must approve a reset.
    ApprovalPolicy {
        /// Never.
        1 Off "off",
        /// When the target is a super administrator.
        2 SuperAdmins "super_admins",
        /// Always.
        3 All "all",
    }

    /// Where an administrator stands with MFA.
    MfaStatus {
        /// The guide's "MFA Not Enabled".
        1 NotEnabled "not_enabled",
        /// Enrollment begun, not confirmed.
        2 Pending "pending",
        /// The guide's "MFA Enabled".
        3 Enabled "enabled",
    }

    /// What a session can do next.
    SessionStage {
        /// Everything its owner may do.
        1 Done "done",
        /// Verify the second factor, nothing else.
        2 Verify "verify",
        /// Enroll, nothing else.
        3 Enroll "enroll",
    }

    /// A second factor.
    Factor {
        /// A code of the authenticator app.
        1 Totp "totp",
        /// A backup code.
        2 BackupCode "backup_code",
    }

    /// What a second factor was shown for.
    FactorUse {
        /// To finish a log-in.
        1 LogIn "log_in",
        /// To prove presence again within a session.
        2 StepUp "step_up",
        /// To confirm an enrollment.
        3 Enrollment "enrollment",
        /// To switch one's MFA off.
        4 Disable "disable",
        /// To get new backup codes.
        5 BackupCodes "backup_codes",
        /// A host application asked.
        6 HostApplication "host_application",
    }

    /// Why a second factor was not accepted.
    FactorFailure {
        /// Not a code that fits.
        1 WrongCode "wrong_code",
        /// The code's time step was used before (RFC 6238, section 5.2).
        2 Replayed "replayed",
        /// Too early after earlier failures; the code was not looked at.
        3 Throttled "throttled",
        /// Too many consecutive failures: the authenticator must be reset.
        4 Blocked "blocked",
    }

    /// Why a log-in failed; told to the log, never to the caller.
    LogInFailure {
        /// No administrator has this user name.
        1 UnknownUser "unknown_user",
        /// The password does not fit.
        2 WrongPassword "wrong_password",
        /// The account is deactivated.
        3 Inactive "inactive",
        /// The account is frozen after a repudiated reset.
        4 Frozen "frozen",
        /// The generated password was not changed in time.
        5 PasswordExpired "password_expired",
        /// Too early after earlier failures; the password was not looked at.
        6 Throttled "throttled",
        /// Too many consecutive failures: the password must be reset.
        7 Blocked "blocked",
    }

    /// Who acts.
    ActorKind {
        /// An administrator in a session.
        1 Administrator "administrator",
        /// A program with a service account.
        2 ServiceAccount "service_account",
        /// A part of this system.
        3 System "system",
        /// Somebody at the machine's own command line.
        4 Operator "operator",
        /// Nobody known yet: log-ins.
        5 Anonymous "anonymous",
    }

    /// What became of a command.
    Outcome {
        /// Carried out.
        1 Success "success",
        /// Refused by a rule.
        2 Refused "refused",
        /// A credential did not fit.
        3 Failed "failed",
    }

    /// How a notification was sent.
    NotificationChannel {
        /// By mail.
        1 Email "email",
        /// By telling the person.
        2 InPerson "in_person",
        /// By telephone.
        3 Phone "phone",
        /// In the ticket.
        4 Ticket "ticket",
    }

    /// What became of a notification.
    Delivery {
        /// Handed over to the next system.
        1 Sent "sent",
        /// Given up.
        2 Failed "failed",
    }

    /// How bad an alert is.
    Severity {
        /// Low.
        1 Low "low",
        /// Medium.
        2 Medium "medium",
        /// High.
        3 High "high",
        /// Critical.
        4 Critical "critical",
    }

    /// In which form events are delivered to an endpoint.
    WebhookForm {
        /// As they lie in the log: CloudEvents 1.0, structured, in JSON.
        1 CloudEvents "cloudevents",
        /// As events of the Open Cybersecurity Schema Framework.
        2 Ocsf "ocsf",
    }

    /// How deliveries are signed (Standard Webhooks 1.0).
    WebhookSigning {
        /// HMAC-SHA256 under a secret that both sides have: `v1`.
        1 Hmac "hmac",
        /// Ed25519, checked with a public key: `v1a`.
        2 Ed25519 "ed25519",
    }

    /// Why the system switched an endpoint off.
    WebhookFault {
        /// It answered 410: nobody wants the events any more.
        1 Gone "gone",
        /// Nothing has reached it for days.
        2 Failing "failing",
    }

    /// Why a command was refused: stable codes, each with a page of its own.
    RefusalCode {
        1 MfaNotAvailable "mfa-not-available",
        2 PermissionDenied "permission-denied",
        3 AdministratorNotFound "administrator-not-found",
        4 AdministratorInactive "administrator-inactive",
        5 SelfReset "self-reset",
        6 SuperAdminRequired "super-admin-required",
        7 MfaNotEnabled "mfa-not-enabled",
        8 VerificationRequired "verification-required",
        9 VerificationUnacceptable "verification-unacceptable",
        10 ReasonRequired "reason-required",
        11 ConfirmationRequired "confirmation-required",
        12 StepUpRequired "step-up-required",
        13 ActorMfaRequired "actor-mfa-required",
        14 ResetRateLimited "reset-rate-limited",
        15 ApprovalRequired "approval-required",
        16 EnrollmentRequired "enrollment-required",
        17 SecondFactorRequired "second-factor-required",
        18 VersionMismatch "version-mismatch",
        19 UserNameTaken "user-name-taken",
        20 RoleNotFound "role-not-found",
        21 LastSuperAdmin "last-super-admin",
        22 SelfDeactivation "self-deactivation",
        23 AlreadyActive "already-active",
        24 MfaAlreadyEnabled "mfa-already-enabled",
        25 NoPendingEnrollment "no-pending-enrollment",
        26 MfaRequired "mfa-required",
        27 PasswordUnacceptable "password-unacceptable",
        28 WrongPassword "wrong-password",
        29 ResetRequestNotFound "reset-request-not-found",
        30 ResetRequestClosed "reset-request-closed",
        31 OwnRequest "own-request",
        32 ResetNotFound "reset-not-found",
        33 AlreadyRepudiated "already-repudiated",
        34 ServiceAccountNotFound "service-account-not-found",
        35 NothingToErase "nothing-to-erase",
        36 StillActive "still-active",
        37 PrivilegeTooHigh "privilege-too-high",
        38 SelfRoleChange "self-role-change",
        39 NotVerified "not-verified",
        40 AlertNotFound "alert-not-found",
        41 AlertClosed "alert-closed",
        42 AlertExists "alert-exists",
        43 SilenceNotFound "silence-not-found",
        44 WebhookNotFound "webhook-not-found",
        45 WebhookInactive "webhook-inactive",
        46 TooManyWebhooks "too-many-webhooks",
        47 DeliveryNotFound "delivery-not-found",
        48 ApprovedStoryDiffers "approved-story-differs",
        49 ApprovalVoid "approval-void",
        50 ApproverNotIndependent "approver-not-independent",
        51 ApproverTooNew "approver-too-new",
        52 AdministratorFrozen "administrator-frozen",
        53 PartyToReset "party-to-reset",
        54 NoteRequired "note-required",
        55 RepudiationTooLate "repudiation-too-late",
        56 UnderSuspicion "under-suspicion",
        57 NotUnderSuspicion "not-under-suspicion",
        58 RequestTimeImplausible "request-time-implausible",
        59 TicketRequired "ticket-required",
        60 LogInRequired "log-in-required",
        61 ThirdPartyRequester "third-party-requester",
        62 NotSuspended "not-suspended",
        63 PersonalDataGone "personal-data-gone",
    }
}

impl Permission {
    /// The name that people read; the guide gives the first.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::ManageMfa => "Manage Multi-Factor Authentication",
            Self::ViewActivity => "View Activity Log",
            Self::ExportActivity => "Export Activity Log",
            Self::ManageAlerts => "Manage Alerts",
            Self::ManageAdministrators => "Manage Administrators",
            Self::ManageRoles => "Manage Roles & Permissions",
            Self::ManageSettings => "Manage System Settings",
            Self::Unknown(_) => "Unknown",
        }
    }

    /// The group it is listed under.
    pub fn category(self) -> &'static str {
        match self {
            Self::ViewActivity | Self::ExportActivity | Self::ManageAlerts => "Security",
            _ => "Settings",
        }
    }
}

impl VerificationMethod {
    /// Whether the guide counts it among the acceptable methods.
    pub fn is_acceptable(self) -> bool {
        matches!(
            self,
            Self::InPersonPhotoId
                | Self::VideoCall
                | Self::KnownPhoneAndQuestions
                | Self::AuthenticatedTicket
        )
    }
}
