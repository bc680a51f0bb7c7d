//! What tests show: everything that an answer can tell, with names that try to be more than that.

use axum::http::StatusCode;
use mfa_ledger_api::activity::{Entry, EntryWords};
use mfa_ledger_api::administrators::{
    AdministratorBody, DeviceClock, FactorState, LastReset, LastUsed, MfaInBrief, RoleName, Security,
};
use mfa_ledger_api::alerts::{AlertBody, Stage, StepBody};
use mfa_ledger_api::authentication::{Authentication, Cause, CauseCode, LogInStep, PasswordState};
use mfa_ledger_api::me::{HeldPermission, OwnMfa, OwnSession, Profile};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_api::reset_requests::{RequestStage, ResetRequestBody};
use mfa_ledger_api::resets::{DangerWindow, Performer, ResetInBrief, ToldOfReset};
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_api::rules::RuleBody;
use mfa_ledger_api::settings::{Hours, Settings};
use mfa_ledger_api::silences::SilenceBody;
use mfa_ledger_schemas::bodies::Commitment;
use mfa_ledger_schemas::{
    Actor, ActorKind, AdministratorId, AlertId, ApprovalPolicy, Instant, MfaStatus, Origin, Outcome,
    Permission, Position, ResetReason, ResetRequestId, RoleId, SessionId, Severity, SilenceId, Target,
    VerificationMethod, Words,
};

use super::form::Wrong;

/// Somebody with MFA, and a name that tries to be more than that.
pub fn account(number: u8) -> AdministratorBody {
    AdministratorBody {
        id: AdministratorId::from_bytes([number; 16]),
        user_name: format!("dana.reyes{number}"),
        display_name: Some("=cmd()<script>alert(1)</script>".to_owned()),
        emails: vec!["dana@example.org".to_owned()],
        unreadable: number == 2,
        role: RoleName { id: "general-staff".parse().expect("a role id"), name: None },
        super_administrator: number == 2,
        active: number != 3,
        frozen: number == 3,
        registered_at: Instant::default(),
        last_log_in: Some(Instant::from_unix_ms(i64::from(number))),
        password_expires: None,
        mfa: Some(MfaInBrief { status: MfaStatus::Enabled, required: true }),
        version: Position(9),
    }
}

/// Enrolled, with everything that the section can tell.
pub fn security() -> Security {
    let at = Instant::default();
    let factor = FactorState { failures: 3, locked_until: Some(at), blocked: true };
    Security {
        administrator: AdministratorId::from_bytes([1; 16]),
        user_name: "dana.reyes1".to_owned(),
        status: MfaStatus::Enabled,
        required: true,
        enrolled_at: Some(at),
        pending_expires: Some(at),
        last_used: Some(LastUsed { method: mfa_ledger_schemas::Factor::Totp, at }),
        backup_codes_left: Some(2),
        backup_codes_low: true,
        totp: factor.clone(),
        backup_code: factor,
        last_reset: Some(LastReset {
            position: Position(7),
            at,
            performer: "hanna.desk".to_owned(),
            reason: None,
            danger_window_open: true,
        }),
        suspicion: Some(mfa_ledger_api::administrators::Suspected {
            position: Position(9),
            at,
            by: "<b>hanna.desk</b>".to_owned(),
            until: at,
        }),
        resets: Some(vec![reset()]),
        epoch: 2,
        sessions: 2,
        device_clock: Some(DeviceClock { at, drift_seconds: -240, diagnosis: "slow".to_owned() }),
        unreadable: ["password", "totp_seed", "backup_codes", "personal_data"].map(Into::into).to_vec(),
    }
}

/// Everything that can keep somebody out, and a step with names that try to be more than that.
pub fn authentication() -> Authentication {
    let (at, security) = (Instant::default(), security());
    let cause = |code, until| Cause { code, until, detail: "<i>".to_owned(), advice: "<b>".to_owned() };
    let step = LogInStep {
        position: Position(4),
        at,
        action: "second_factor.failed".to_owned(),
        outcome: Outcome::Failed,
        cause: Some("replayed".to_owned()),
        actor: Some("<b>dana</b>".to_owned()),
        address: Some("<i>192.0.2.1".to_owned()),
        known_address: Some(false),
        factor: Some(mfa_ledger_schemas::Factor::Totp),
        used_for: None,
        consecutive: Some(2),
        text: "<script>".to_owned(),
    };
    Authentication {
        administrator: security.administrator,
        user_name: security.user_name,
        causes: vec![
            cause(CauseCode::Frozen, None),
            cause(CauseCode::AppLocked, Some(at)),
            cause(CauseCode::DeviceClock, None),
        ],
        password: PasswordState {
            set_at: at,
            expires: Some(at),
            known_addresses: security.totp.clone(),
            other_addresses: security.totp.clone(),
        },
        status: security.status,
        mfa_required: true,
        totp: security.totp,
        backup_code: security.backup_code,
        backup_codes_left: security.backup_codes_left,
        device_clock: security.device_clock,
        last_log_in: None,
        history: vec![step.clone(), LogInStep { known_address: Some(true), consecutive: None, ..step }],
        has_more: true,
    }
}

pub fn alert(stage: Stage) -> AlertBody {
    let at = Instant::default();
    let step = StepBody {
        position: Position(9),
        at,
        actor: "<b>s</b>".to_owned(),
        note: Some("<i>".to_owned()),
        unreadable: true,
    };
    AlertBody {
        id: AlertId::from_bytes([5; 16]),
        position: Position(8),
        at,
        rule: "mass-resets".parse().expect("a rule id"),
        title: "Many resets by <one>".to_owned(),
        severity: Severity::High,
        group: "=cmd()".to_owned(),
        user_name: (stage == Stage::Open).then(|| "<b>dana</b>".to_owned()),
        positions: vec![Position(2), Position(4)],
        silenced: true,
        stage,
        acknowledged: (stage != Stage::Open).then(|| step.clone()),
        resolved: (stage == Stage::Resolved).then_some(step),
        false_positive: true,
    }
}

pub fn rule() -> RuleBody {
    RuleBody {
        id: "mass-resets".parse().expect("a rule id"),
        sigma_id: "0a1b".to_owned(),
        title: "Many resets".to_owned(),
        description: "More than <three> within an hour.".to_owned(),
        severity: Severity::Critical,
        kind: "event_count".into(),
        window_seconds: 3_600,
        tags: vec!["attack.t1556".to_owned()],
        false_positives: vec!["A new phone for <everybody>".to_owned()],
        origin: "pack".into(),
        sha256: Commitment([0xff; 32]),
    }
}

pub fn silence() -> SilenceBody {
    let at = Instant::default();
    SilenceBody {
        id: SilenceId::from_bytes([6; 16]),
        position: Position(12),
        at,
        author: "<b>s</b>".to_owned(),
        rule: "mass-resets".parse().expect("a rule id"),
        group: Some("<g>".to_owned()),
        until: at,
        ended_at: None,
        in_force: true,
        note: Some("<i>roll-out</i>".to_owned()),
        unreadable: true,
    }
}

/// Somebody who has not enrolled, and whose name tries to be more than that.
pub fn profile() -> Profile {
    Profile {
        id: AdministratorId::from_bytes([1; 16]),
        user_name: "hanna.desk".to_owned(),
        display_name: Some("<script>alert(1)</script>".to_owned()),
        emails: vec!["=cmd()@example.org".to_owned(), "hanna@example.org".to_owned()],
        unreadable: true,
        role: RoleName { id: "help-desk".parse().expect("a role id"), name: Some("Help Desk".to_owned()) },
        permissions: vec![HeldPermission {
            permission: Permission::ManageMfa,
            display_name: "Manage MFA".into(),
            category: "MFA".into(),
        }],
        super_administrator: true,
        mfa: OwnMfa {
            available: true,
            status: MfaStatus::NotEnabled,
            required: false,
            enrolled_at: None,
            pending_expires: None,
            last_used: None,
            backup_codes_left: None,
            backup_codes_low: false,
        },
        password_change_due: true,
        password_expires: Some(Instant::default()),
        sessions: vec![OwnSession {
            session: SessionId::from_bytes([7; 16]),
            current: true,
            started: Instant::default(),
            expires: Instant::default(),
            address: Some("192.0.2.1".to_owned()),
            user_agent: Some("<script>alert(1)</script>".to_owned()),
        }],
    }
}

pub fn request(stage: RequestStage) -> ResetRequestBody {
    let at = Instant::default();
    ResetRequestBody {
        id: ResetRequestId::from_bytes([3; 16]),
        position: Position(4),
        administrator: AdministratorId::from_bytes([2; 16]),
        user_name: "dana.reyes".to_owned(),
        stage,
        filed_by: Actor {
            kind: ActorKind::Administrator,
            administrator: Some(AdministratorId::from_bytes([4; 16])),
            service_account: None,
            name: "<b>nils</b>".to_owned(),
            role: None,
            session: None,
        },
        filed_at: at,
        expires: at,
        reason: Some(ResetReason::Other),
        verification: Some(VerificationMethod::InPersonPhotoId),
        told: ToldOfReset {
            reason_text: Some("</textarea><script>alert(1)</script>".to_owned()),
            requester_name: Some("Dana Reyes".to_owned()),
            requester_contact: Some("+1 555 0100".to_owned()),
            unreadable: true,
        },
        requested_at: Some(at),
        ticket: Some("HD-1".to_owned()),
        approved_by: Some(AdministratorId::from_bytes([1; 16])),
        approved_at: Some(at),
        reset: Some(Position(11)),
    }
}

pub fn reset() -> ResetInBrief {
    let at = Instant::default();
    ResetInBrief {
        position: Position(7),
        at,
        performer: Performer {
            kind: ActorKind::Administrator,
            administrator: Some(AdministratorId::from_bytes([1; 16])),
            name: "<b>hanna.desk</b>".to_owned(),
            role: None,
            address: Some("192.0.2.1".to_owned()),
            user_agent: None,
        },
        administrator: AdministratorId::from_bytes([2; 16]),
        user_name: "dana.reyes".to_owned(),
        role: "general-staff".parse().expect("a role id"),
        super_administrator: false,
        reason: Some(ResetReason::LostOrStolenDevice),
        verification: Some(VerificationMethod::VideoCall),
        requested_at: Some(at),
        ticket: Some("=cmd()".to_owned()),
        approved_by: None,
        break_glass: false,
        must_enroll: true,
        notified: false,
        said_notified: false,
        danger_window: DangerWindow { open: true, from: at, until: None, hours: 24 },
        repudiated_at: Some(at),
    }
}

pub fn role() -> RoleBody {
    RoleBody {
        id: "help-desk".parse().expect("a role id"),
        name: "<b>Help Desk</b>".to_owned(),
        permissions: [Permission::ManageMfa].into(),
        mfa_required: true,
    }
}

pub fn settings() -> Settings {
    Settings {
        mfa_available: true,
        mfa_required_for_all: false,
        issuer: "<b>Example</b>".to_owned(),
        step_up_minutes: 15,
        approval: ApprovalPolicy::SuperAdmins,
        resets_per_target_per_day: 3,
        resets_per_actor_per_hour: 20,
        approver_hours: 24,
        suspicion_hours: 24,
        reset_request_hours: 24,
        session_hours: 12,
        enrollment_minutes: 30,
        generated_password_hours: 72,
        business_hours: Hours {
            time_zone: "Europe/Prague".to_owned(),
            weekdays: vec![1, 2, 3, 4, 5],
            opens: 480,
            closes: 1_080,
        },
        reset_notice_subject: "Your MFA Has Been Reset".to_owned(),
        reset_notice_text: "</textarea><script>alert(1)</script>".to_owned(),
    }
}

pub fn receipt() -> Receipt {
    Receipt {
        position: Position(9),
        at: Instant::default(),
        action: "mfa.reset".to_owned(),
        activity: "/v1/activity/9".to_owned(),
        proof: "/v1/activity/9/proof".to_owned(),
    }
}

/// A reset, by somebody whose name tries to be more than that.
pub fn entry(position: u64) -> Entry {
    let role: RoleId = "help-desk".parse().expect("a role id");
    Entry {
        position: Position(position),
        id: "evt_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
        time: Instant::from_unix_ms(1_777_885_200_000),
        action: if position.is_multiple_of(2) { "mfa.reset" } else { "mfa.reset_refused" }.to_owned(),
        outcome: if position.is_multiple_of(2) { Outcome::Success } else { Outcome::Refused },
        code: Some("self-reset".to_owned()),
        actor: Actor {
            kind: ActorKind::Administrator,
            administrator: Some(AdministratorId::from_bytes([1; 16])),
            service_account: None,
            name: "<script>alert(1)</script>".to_owned(),
            role: Some(role.clone()),
            session: None,
        },
        target: Some(Target {
            administrator: AdministratorId::from_bytes([2; 16]),
            user_name: "=cmd()".to_owned(),
            role,
            super_admin: false,
        }),
        origin: Origin {
            address: Some("192.0.2.1".to_owned()),
            user_agent: Some("<b>browser</b>".to_owned()),
        },
        request: "0123".to_owned(),
        causation: Some(Position(3)),
        correlation: Some("<b>case</b>".to_owned()),
        stream: "administrator/adm_x".to_owned(),
        void: position.is_multiple_of(5),
        details: serde_json::json!({"story": {"ticket": "<i>HD-1</i>", "reason": null}, "left": [1, 2]}),
        words: Some(EntryWords {
            words: Words {
                requester_name: Some("Dana".to_owned()),
                requester_contact: None,
                text: Some("</pre><script>alert(1)</script>".to_owned()),
            },
            unreadable: true,
        }),
    }
}

/// What was wrong with a form.
pub fn wrong(code: &str) -> Wrong {
    Wrong::new(code, StatusCode::UNPROCESSABLE_ENTITY)
}
