//! The registry of events: number, name, and the struct of each version. Append-only: a number is never reused, a
//! struct never changed. A changed event is a new struct in the module of its version, and a way up from the old one.

use schemars::{Schema, SchemaGenerator};

use crate::body::Body;
use crate::codec::CodecError;
use crate::{AnnexId, CredentialId, Outcome, Secret, StreamName, v1, v2};

/// An event is not of the kind that was asked for; the action of the one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is {0}")]
pub struct OtherEvent(pub &'static str);

macro_rules! registry {
    ($($kind:literal $name:ident $action:literal $now:ident $(from $($then:ident)+)?,)+) => {
        /// What happened. One arm per kind, holding the newest version of its body.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each arm is documented by the struct that it holds")]
        pub enum Event { $($name($now::$name),)+ }

        impl Event {
            /// The kinds, as they are written now: number, version, action.
            pub const KINDS: &'static [(u16, u16, &'static str)] = &[$(($kind, $now::VERSION, $action),)+];

            /// Every (kind, version) ever released.
            pub const REGISTRY: &'static [(u16, u16, &'static str)] =
                &[$($($(($kind, $then::VERSION, $action),)+)? ($kind, $now::VERSION, $action),)+];

            /// The stored number.
            pub fn kind(&self) -> u16 {
                match self { $(Self::$name(_) => $kind,)+ }
            }

            /// The version of the body that is written now.
            pub fn version(&self) -> u16 {
                match self { $(Self::$name(_) => $now::VERSION,)+ }
            }

            fn body(&self) -> &dyn Body {
                match self { $(Self::$name(body) => body,)+ }
            }

            /// The name that stands in the registry; see [`Event::action`] for refusals.
            pub(crate) fn registered_action(&self) -> &'static str {
                match self { $(Self::$name(_) => $action,)+ }
            }

            /// The body of a (kind, version), which must use up all bytes. What an old version says is said in the
            /// newest one.
            pub fn decode_body(kind: u16, version: u16, bytes: &[u8]) -> Result<Self, CodecError> {
                match (kind, version) {
                    $($($(($kind, $then::VERSION) => {
                        Ok(Self::$name(crate::codec::decode_all::<$then::$name>(bytes)?.into()))
                    })+)?
                    ($kind, $now::VERSION) => Ok(Self::$name(crate::codec::decode_all(bytes)?)),)+
                    _ => Err(CodecError::UnknownEvent { kind, version }),
                }
            }

            /// The body of an old version as its leaf shows it; `None` for the newest, which the event itself shows.
            pub(crate) fn old_details(
                kind: u16,
                version: u16,
                bytes: &[u8],
            ) -> Result<Option<Box<serde_json::value::RawValue>>, CodecError> {
                match (kind, version) {
                    $($($(($kind, $then::VERSION) => {
                        let body: $then::$name = crate::codec::decode_all(bytes)?;
                        serde_json::value::to_raw_value(&body).map(Some).map_err(CodecError::Leaf)
                    })+)?
                    ($kind, $now::VERSION) => Ok(None),)+
                    _ => Err(CodecError::UnknownEvent { kind, version }),
                }
            }

            /// The body into a serializer of any format; the public leaf shows it in JSON.
            pub fn serialize_body<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
                use serde::Serialize;
                match self { $(Self::$name(body) => body.serialize(into),)+ }
            }

            /// JSON Schema of the body of a (kind, version).
            pub fn body_schema(kind: u16, version: u16, generator: &mut SchemaGenerator) -> Option<Schema> {
                match (kind, version) {
                    $($($(($kind, $then::VERSION) => Some(generator.subschema_for::<$then::$name>()),)+)?
                    ($kind, $now::VERSION) => Some(generator.subschema_for::<$now::$name>()),)+
                    _ => None,
                }
            }

            /// The body of a (kind, version) from a deserializer of any format; tests build samples with it.
            pub fn deserialize_body<'de, D: serde::Deserializer<'de>>(
                kind: u16,
                version: u16,
                from: D,
            ) -> Result<Self, D::Error> {
                use serde::Deserialize;
                match (kind, version) {
                    $($($(($kind, $then::VERSION) => {
                        $then::$name::deserialize(from).map(|body| Self::$name(body.into()))
                    })+)?
                    ($kind, $now::VERSION) => $now::$name::deserialize(from).map(Self::$name),)+
                    _ => Err(serde::de::Error::custom("unknown kind or version")),
                }
            }
        }

        $(impl From<$now::$name> for Event {
            fn from(body: $now::$name) -> Self { Self::$name(body) }
        }

        impl TryFrom<Event> for $now::$name {
            type Error = OtherEvent;

            fn try_from(event: Event) -> Result<Self, OtherEvent> {
                if let Event::$name(body) = event { Ok(body) } else { Err(OtherEvent(event.action())) }
            }
        })+
    };
}

registry! {
    1 AdministratorRegistered "administrator.registered" v1,
    2 AdministratorChanged "administrator.changed" v1,
    3 AdministratorDeactivated "administrator.deactivated" v1,
    4 AdministratorReactivated "administrator.reactivated" v1,
    5 PasswordSet "password.set" v1,
    6 PasswordReset "password.reset" v1,
    7 RoleDefined "role.defined" v1,
    8 RoleAssigned "role.assigned" v1,
    9 SettingsChanged "settings.changed" v2 from v1,
    10 SessionStarted "session.started" v1,
    11 LogInFailed "session.failed" v1,
    12 SecondFactorVerified "second_factor.verified" v1,
    13 BackupCodeUsed "backup_code.used" v1,
    14 SecondFactorFailed "second_factor.failed" v2 from v1,
    15 SessionEnded "session.ended" v1,
    16 SessionsRevoked "sessions.revoked" v1,
    17 MfaEnrollmentStarted "mfa.enrollment_started" v1,
    18 MfaEnabled "mfa.enabled" v1,
    19 MfaEnrollmentCancelled "mfa.enrollment_cancelled" v1,
    20 MfaDisabled "mfa.disabled" v1,
    21 BackupCodesRegenerated "backup_codes.regenerated" v1,
    22 MfaReset "mfa.reset" v2 from v1,
    23 MfaResetRequested "reset.requested" v1,
    24 MfaResetApproved "reset.approved" v1,
    25 MfaResetDeclined "reset.declined" v1,
    26 SuspiciousRequestReported "reset.reported_suspicious" v2 from v1,
    27 FollowUpRecorded "reset.follow_up_recorded" v1,
    28 ResetRepudiated "reset.repudiated" v1,
    29 ServiceAccountCreated "service_account.created" v1,
    30 ServiceAccountRevoked "service_account.revoked" v1,
    31 AlertRaised "alert.raised" v1,
    32 AlertAcknowledged "alert.acknowledged" v1,
    33 AlertResolved "alert.resolved" v1,
    34 NotificationRecorded "notification.recorded" v1,
    35 PersonalDataErased "personal_data.erased" v1,
    36 ActivityRead "activity.read" v1,
    37 ActivityExported "activity.exported" v1,
    38 CommandRefused "command.refused" v1,
    39 LossAccepted "log.loss_accepted" v1,
    40 SigningKeyRotated "log.signing_key_rotated" v1,
    41 RuleSilenced "rule.silenced" v1,
    42 SilenceEnded "rule.silence_ended" v1,
    43 WebhookCreated "webhook.created" v1,
    44 WebhookChanged "webhook.changed" v1,
    45 WebhookSecretRotated "webhook.secret_rotated" v1,
    46 WebhookRemoved "webhook.removed" v1,
    47 WebhookDisabled "webhook.disabled" v1,
    48 WebhookTested "webhook.tested" v1,
    49 DeliveryResent "webhook.resent" v1,
    50 VaultLossAccepted "vault.loss_accepted" v1,
    51 SuspicionCleared "suspicion.cleared" v1,
    52 LogRestored "log.restored" v1,
    53 ServiceAccountResumed "service_account.resumed" v1,
    54 PasswordRehashed "password.rehashed" v1,
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
    "suspicion.cleared",
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
    47 ClearSuspicion "suspicion.clear",
    48 RecordRestore "log.restore",
    49 ResumeServiceAccount "service_account.resume",
    50 RehashPassword "password.rehash",
}

/// The subject on NATS: `mfa.v1.<stream kind>.<id>.<event>`, with the action's dot as an underscore.
pub fn subject(stream: &StreamName, action: &str) -> String {
    let event = action.replace('.', "_");
    match stream.to_string().split_once('/') {
        Some((kind, id)) => format!("mfa.v1.{kind}.{id}.{event}"),
        None => format!("mfa.v1.{}.{event}", stream.kind()),
    }
}
