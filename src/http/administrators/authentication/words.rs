//! What each cause is, and what to try.

use mfa_ledger_api::authentication::CauseCode;

/// What it is.
pub(super) fn detail(code: CauseCode) -> &'static str {
    match code {
        CauseCode::Inactive => "The account is deactivated.",
        CauseCode::Frozen => {
            "The account is frozen: its owner, or somebody for them, said that a reset was not \
             theirs."
        }
        CauseCode::PasswordDamaged => "The stored password is damaged, so that none fits.",
        CauseCode::PasswordExpired => "The generated password ran out before it was changed.",
        CauseCode::PasswordBlocked => {
            "Too many wrong passwords in a row, from places where this person logs in: none is \
             looked at any more."
        }
        CauseCode::PasswordBlockedElsewhere => {
            "Too many wrong passwords in a row, from places where this person never logged in: none \
             is looked at from there any more."
        }
        CauseCode::PasswordLocked => {
            "After wrong passwords from places where this person logs in, none is looked at for a \
             while."
        }
        CauseCode::PasswordLockedElsewhere => {
            "After wrong passwords from places where this person never logged in, none is looked at \
             from there for a while."
        }
        CauseCode::AppDamaged => {
            "The stored secret of the authenticator app is damaged, so that no code fits."
        }
        CauseCode::AppBlocked => "Too many wrong codes of the app in a row: none is looked at any more.",
        CauseCode::AppLocked => "After wrong codes of the app, none is looked at for a while.",
        CauseCode::BackupCodesDamaged => "The stored backup codes are damaged, so that none fits.",
        CauseCode::BackupCodesBlocked => "Too many wrong backup codes in a row: none is looked at any more.",
        CauseCode::BackupCodesLocked => "After wrong backup codes, none is looked at for a while.",
        CauseCode::HostApplicationLocked => {
            "After wrong codes in another application, none is looked at for that application for a while."
        }
        CauseCode::DeviceClock => "The clock of the device is wrong.",
        CauseCode::CodeUsedTwice => "The last code had been used before; each code opens once.",
        CauseCode::WrongCode => "The last code did not fit.",
        CauseCode::WrongPassword => "The last password did not fit.",
        CauseCode::BackupCodesInsteadOfApp => "The last second factors were all backup codes.",
        CauseCode::NoBackupCodes => "No backup code is left.",
        CauseCode::EnrollmentDue => {
            "MFA is required and not enabled: a log-in leads to the enrollment, and to nothing else \
             before that."
        }
        CauseCode::NotEnrolledAgain => {
            "MFA was reset and not enabled again: user name and password alone open the account."
        }
    }
}

/// What to try.
pub(super) fn advice(code: CauseCode) -> &'static str {
    match code {
        CauseCode::Inactive => "If that is wrong, somebody who manages administrators reactivates it.",
        CauseCode::Frozen => {
            "Speak to the owner in person. Somebody who took no part in that reset then reactivates \
             the account."
        }
        CauseCode::PasswordDamaged => "Reset the password.",
        CauseCode::PasswordExpired => "Reset the password, and have it changed at the first log-in.",
        CauseCode::PasswordBlocked => {
            "Reset the password. Somebody or something may be guessing: look at the addresses \
             in the history."
        }
        CauseCode::PasswordBlockedElsewhere => {
            "Log in from a place of earlier log-ins, or reset the password. Somebody may be \
             guessing: look at the addresses in the history."
        }
        CauseCode::PasswordLocked => "Wait, then type it with care. If it is forgotten, reset the password.",
        CauseCode::PasswordLockedElsewhere => {
            "Log in from a place of earlier log-ins, or wait. If the password is forgotten, reset \
             it."
        }
        CauseCode::AppDamaged => "Log in with a backup code, or reset MFA; then enroll again.",
        CauseCode::AppBlocked => "Log in with a backup code, or reset MFA once you have verified who asks.",
        CauseCode::AppLocked => "Wait, or log in with a backup code.",
        CauseCode::BackupCodesDamaged | CauseCode::BackupCodesBlocked => {
            "Log in with the app and make new ones."
        }
        CauseCode::BackupCodesLocked => "Wait, or log in with a code of the app.",
        CauseCode::HostApplicationLocked => {
            "Wait before logging in there. If nobody typed those codes, report the application: its token may be stolen."
        }
        CauseCode::DeviceClock => "Have the device set its time automatically, then try the next code.",
        CauseCode::CodeUsedTwice => "Wait until the app shows the next code.",
        CauseCode::WrongCode => {
            "Take the entry of this system in the app, and the code that it shows now. If the phone is gone: a backup code, or \
             a reset."
        }
        CauseCode::WrongPassword => {
            "Check the user name and the keyboard (capitals, layout). If it is forgotten, reset the \
             password."
        }
        CauseCode::BackupCodesInsteadOfApp => {
            "Ask whether the app still works on their device. If it does not, they enroll anew."
        }
        CauseCode::NoBackupCodes => "They make new ones in My Profile while the app works.",
        CauseCode::EnrollmentDue => {
            "They log in with user name and password, and follow the steps on the screen."
        }
        CauseCode::NotEnrolledAgain => "They log in without a code, and enable MFA in My Profile.",
    }
}
