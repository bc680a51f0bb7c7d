//! The registry of events: number, version, struct, and name. Append-only: a number is never reused,
//! a struct never changed.

use schemars::{Schema, SchemaGenerator};

use crate::body::Body;
use crate::codec::CodecError;
use crate::{AnnexId, CredentialId, Outcome, Secret, StreamName, v1};

/// An event is not of the kind that was asked for; the action of the one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is {0}")]
pub struct OtherEvent(pub &'static str);

macro_rules! registry {
    ($($kind:literal $version:literal $name:ident $action:literal,)+) => {
        /// What happened. One arm per kind, holding the newest version of its body.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each arm is documented by the struct that it holds")]
        pub enum Event { $($name(v1::$name),)+ }

        impl Event {
            /// Every (kind, version) ever released.
            pub const REGISTRY: &'static [(u16, u16, &'static str)] = &[$(($kind, $version, $action),)+];

            /// The stored number.
            pub fn kind(&self) -> u16 {
                match self { $(Self::$name(_) => $kind,)+ }
            }

            /// The version of the body that is written now.
            pub fn version(&self) -> u16 {
                match self { $(Self::$name(_) => $version,)+ }
            }

            fn body(&self) -> &dyn Body {
                match self { $(Self::$name(body) => body,)+ }
            }

            /// The name that stands in the registry; see [`Event::action`] for refusals.
            fn registered_action(&self) -> &'static str {
                match self { $(Self::$name(_) => $action,)+ }
            }

            /// The body of a (kind, version), which must use up all bytes.
            pub fn decode_body(kind: u16, version: u16, bytes: &[u8]) -> Result<Self, CodecError> {
                match (kind, version) {
                    $(($kind, $version) => Ok(Self::$name(crate::codec::decode_all(bytes)?)),)+
                    _ => Err(CodecError::UnknownEvent { kind, version }),
                }
            }

            /// The body into a serializer of any format; the public leaf shows it in JSON.
            pub fn serialize_body<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
                use serde::Serialize;
                match self { $(Self::$name(body) => body.serialize(into),)+ }
            }

            /// JSON Schema of the body of a kind.
            pub fn body_schema(kind: u16, generator: &mut SchemaGenerator) -> Option<Schema> {
                match kind { $($kind => Some(generator.subschema_for::<v1::$name>()),)+ _ => None }
            }

            /// The body from a deserializer of any format; tests build samples with it.
            pub fn deserialize_body<'de, D: serde::Deserializer<'de>>(kind: u16, from: D) -> Result<Self, D::Error> {
                use serde::Deserialize;
                match kind {
                    $($kind => v1::$name::deserialize(from).map(Self::$name),)+
                    _ => Err(serde::de::Error::custom("unknown kind")),
                }
            }
        }

        $(impl From<v1::$name> for Event {
            fn from(body: v1::$name) -> Self { Self::$name(body) }
        }

        impl TryFrom<Event> for v1::$name {
            type Error = OtherEvent;

            fn try_from(event: Event) -> Result<Self, OtherEvent> {
                if let Event::$name(body) = event { Ok(body) } else { Err(OtherEvent(event.action())) }
            }
        })+
    };
}

registry! {
    1 1 AdministratorRegistered "administrator.registered",
    2 1 AdministratorChanged "administrator.changed",
    3 1 AdministratorDeactivated "administrator.deactivated",
    4 1 AdministratorReactivated "administrator.reactivated",
    5 1 PasswordSet "password.set",
    6 1 PasswordReset "password.reset",
    7 1 RoleDefined "role.defined",
    8 1 RoleAssigned "role.assigned",
    9 1 SettingsChanged "settings.changed",
    10 1 SessionStarted "session.started",
    11 1 LogInFailed "session.failed",
    12 1 SecondFactorVerified "second_factor.verified",
    13 1 BackupCodeUsed "backup_code.used",
    14 1 SecondFactorFailed "second_factor.failed",
    15 1 SessionEnded "session.ended",
    16 1 SessionsRevoked "sessions.revoked",
    17 1 MfaEnrollmentStarted "mfa.enrollment_started",
    18 1 MfaEnabled "mfa.enabled",
    19 1 MfaEnrollmentCancelled "mfa.enrollment_cancelled",
    20 1 MfaDisabled "mfa.disabled",
    21 1 BackupCodesRegenerated "backup_codes.regenerated",
    22 1 MfaReset "mfa.reset",
    23 1 MfaResetRequested "reset.requested",
    24 1 MfaResetApproved "reset.approved",
    25 1 MfaResetDeclined "reset.declined",
    26 1 SuspiciousRequestReported "reset.reported_suspicious",
    27 1 FollowUpRecorded "reset.follow_up_recorded",
    28 1 ResetRepudiated "reset.repudiated",
    29 1 ServiceAccountCreated "service_account.created",
    30 1 ServiceAccountRevoked "service_account.revoked",
    31 1 AlertRaised "alert.raised",
    32 1 AlertAcknowledged "alert.acknowledged",
    33 1 AlertResolved "alert.resolved",
    34 1 NotificationRecorded "notification.recorded",
    35 1 PersonalDataErased "personal_data.erased",
    36 1 ActivityRead "activity.read",
    37 1 ActivityExported "activity.exported",
    38 1 CommandRefused "command.refused",
    39 1 LossAccepted "log.loss_accepted",
    40 1 SigningKeyRotated "log.signing_key_rotated",
    41 1 RuleSilenced "rule.silenced",
    42 1 SilenceEnded "rule.silence_ended",
    43 1 WebhookCreated "webhook.created",
    44 1 WebhookChanged "webhook.changed",
    45 1 WebhookSecretRotated "webhook.secret_rotated",
    46 1 WebhookRemoved "webhook.removed",
    47 1 WebhookDisabled "webhook.disabled",
    48 1 WebhookTested "webhook.tested",
    49 1 DeliveryResent "webhook.resent",
    50 1 VaultLossAccepted "vault.loss_accepted",
}

impl Event {
    /// The action that the activity log filters by: `mfa.reset`; for refusals, the command's name with
    /// `_refused` behind it: `mfa.reset_refused`.
    pub fn action(&self) -> &'static str {
        match self {
            Self::CommandRefused(body) => refused_action(body.command),
            _ => self.registered_action(),
        }
    }

    /// What became of the command.
    pub fn outcome(&self) -> Outcome {
        self.body().outcome()
    }

    /// The stable code of a refusal or failure.
    pub fn code(&self) -> Option<&'static str> {
        self.body().code()
    }

    /// The ticket, where one was given.
    pub fn ticket(&self) -> Option<&str> {
        self.body().story().and_then(|story| story.ticket.as_deref())
    }

    /// The annex that the event names: what somebody told in words, or an administrator's name and addresses.
    pub fn annex(&self) -> Option<&v1::Annex> {
        self.told().or_else(|| self.body().personal())
    }

    /// Where that lies which was told in words, if anything was.
    pub fn words(&self) -> Option<AnnexId> {
        self.told().map(|annex| annex.id)
    }

    fn told(&self) -> Option<&v1::Annex> {
        let body = self.body();
        body.note().or_else(|| body.story().and_then(|story| story.words.as_ref()))
    }

    /// The credential that the event brings to life, and what it is: its vault entry must lie there before the event is
    /// appended.
    pub fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        self.body().created_secret()
    }

    /// The ids of all vault entries that the event names: its credential and its annex.
    pub fn named_entries(&self) -> Vec<[u8; 16]> {
        let annex = self.annex().map(|annex| annex.id.bytes());
        self.created_secret().map(|(id, _)| id.bytes()).into_iter().chain(annex).collect()
    }

    /// The vault entries that the event ends: they are destroyed after it is appended.
    pub fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.body().ended_entries()
    }
}

/// The actions of which something may be told in words: a note, a reason in words, who asked and how to reach them.
/// Their annex holds it.
pub const WORDED_ACTIONS: &[&str] = &[
    "administrator.deactivated",
    "administrator.reactivated",
    "mfa.reset",
    "mfa.reset_refused",
    "reset.requested",
    "reset.request_refused",
    "reset.approved",
    "reset.declined",
    "reset.reported_suspicious",
    "reset.follow_up_recorded",
    "reset.repudiated",
    "alert.acknowledged",
    "alert.resolved",
    "rule.silenced",
];

macro_rules! commands {
    ($($code:literal $command:ident $action:literal,)+) => {
        crate::set::closed_set! {
            /// The commands, by their names in the activity log.
            CommandName { $($code $command $action,)+ }
        }

        /// Every action of a refused command.
        pub const REFUSED_ACTIONS: &[&str] = &[$(concat!($action, "_refused"),)+];

        fn refused_action(command: CommandName) -> &'static str {
            match command {
                $(CommandName::$command => concat!($action, "_refused"),)+
                CommandName::Unknown(_) => "command.refused",
            }
        }
    };
}

commands! {
    1 RegisterAdministrator "administrator.register",
    2 ChangeAdministrator "administrator.change",
    3 DeactivateAdministrator "administrator.deactivate",
    4 ReactivateAdministrator "administrator.reactivate",
    5 SetPassword "password.set",
    6 ResetPassword "password.reset",
    7 DefineRole "role.define",
    8 AssignRole "role.assign",
    9 ChangeSettings "settings.change",
    10 LogIn "session.start",
    11 VerifySecondFactor "second_factor.verify",
    12 LogOut "session.end",
    13 RevokeSessions "sessions.revoke",
    14 EnrollMfa "mfa.enroll",
    15 ConfirmMfaEnrollment "mfa.confirm",
    16 CancelMfaEnrollment "mfa.cancel_enrollment",
    17 DisableMfa "mfa.disable",
    18 RegenerateBackupCodes "backup_codes.regenerate",
    19 ResetMfa "mfa.reset",
    20 RequestMfaReset "reset.request",
    21 ApproveMfaReset "reset.approve",
    22 DeclineMfaReset "reset.decline",
    23 ReportSuspiciousRequest "reset.report_suspicious",
    24 RecordFollowUp "reset.record_follow_up",
    25 RepudiateReset "reset.repudiate",
    26 CreateServiceAccount "service_account.create",
    27 RevokeServiceAccount "service_account.revoke",
    28 RaiseAlert "alert.raise",
    29 AcknowledgeAlert "alert.acknowledge",
    30 ResolveAlert "alert.resolve",
    31 RecordNotification "notification.record",
    32 ErasePersonalData "personal_data.erase",
    33 ReadActivity "activity.read",
    34 ExportActivity "activity.export",
    35 AcceptLoss "log.accept_loss",
    36 RotateSigningKey "log.rotate_signing_key",
    37 SilenceRule "rule.silence",
    38 EndSilence "rule.end_silence",
    39 CreateWebhook "webhook.create",
    40 ChangeWebhook "webhook.change",
    41 RotateWebhookSecret "webhook.rotate_secret",
    42 RemoveWebhook "webhook.remove",
    43 DisableWebhook "webhook.disable",
    44 TestWebhook "webhook.test",
    45 ResendDelivery "webhook.resend",
    46 AcceptVaultLoss "vault.accept_loss",
}

/// The subject on NATS: `mfa.v1.<stream kind>.<id>.<event>`, with the action's dot as an underscore.
pub fn subject(stream: &StreamName, action: &str) -> String {
    let event = action.replace('.', "_");
    match stream.to_string().split_once('/') {
        Some((kind, id)) => format!("mfa.v1.{kind}.{id}.{event}"),
        None => format!("mfa.v1.{}.{event}", stream.kind()),
    }
}
