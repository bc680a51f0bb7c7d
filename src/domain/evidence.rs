//! What a decision must know about a secret. The rules never see one: they say what is to be compared, the service
//! compares it, and the rules hear what came of it.

use mfa_ledger_schemas::{AdministratorId, AnnexId, CredentialId, Factor, Words};
use mfa_ledger_wiped::SecretText;

/// A second factor as it was typed.
#[derive(Clone, Debug)]
pub enum TypedFactor {
    /// A code of the authenticator app.
    Code(SecretText),
    /// A backup code.
    BackupCode(SecretText),
}

impl TypedFactor {
    /// Which factor it is.
    pub fn factor(&self) -> Factor {
        match self {
            Self::Code(_) => Factor::Totp,
            Self::BackupCode(_) => Factor::BackupCode,
        }
    }
}

/// What is to be compared.
#[derive(Debug)]
pub enum Question<'a> {
    /// Nothing: the command needs no evidence, or it is too early after failures.
    Nothing,
    /// A password.
    Password {
        /// With this one of this administrator. For a name that nobody has the same work is done, so that time tells nothing.
        with: Option<(AdministratorId, CredentialId)>,
        /// The account whose hash costs as much as that of such a name: hashes of different ages differ in cost.
        like: Option<(AdministratorId, CredentialId)>,
        /// As it was typed.
        typed: &'a SecretText,
    },
    /// A code of the authenticator app.
    Totp {
        /// Whose.
        administrator: AdministratorId,
        /// With this seed.
        credential: CredentialId,
        /// As it was typed.
        typed: &'a SecretText,
    },
    /// A backup code.
    BackupCode {
        /// Whose.
        administrator: AdministratorId,
        /// With this set.
        backup_codes: CredentialId,
        /// As it was typed.
        typed: &'a SecretText,
    },
    /// Words that lie sealed.
    Words {
        /// Where.
        annex: AnnexId,
        /// What they should be; what is not given here may be anything.
        given: &'a Words,
    },
    /// Who asks for a reset, with the names and addresses of the person whom it concerns.
    Requester {
        /// Where those lie sealed.
        personal: AnnexId,
        /// Requester's name and contact.
        given: &'a Words,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing was compared.
    #[default]
    Nothing,
    /// A password was compared.
    Password {
        /// With this credential; none for an unknown user.
        credential: Option<CredentialId>,
        /// Whether it fits.
        fits: bool,
    },
    /// A code of the authenticator app was compared.
    Totp {
        /// With this seed.
        credential: CredentialId,
        /// The time step within the window that it belongs to.
        step: Option<u64>,
        /// How far off it is, in time steps, when it would fit within ten.
        drift: Option<i32>,
    },
    /// A backup code was compared.
    BackupCode {
        /// With this set.
        backup_codes: CredentialId,
        /// Which of the set it is.
        index: Option<u8>,
    },
    /// Words that lie sealed were compared.
    Words {
        /// Where they lie.
        annex: AnnexId,
        /// Whether they are as given; what is erased or damaged is not.
        same: bool,
    },
    /// A requester was compared with the person whom the reset concerns.
    Requester {
        /// With these names and addresses.
        personal: AnnexId,
        /// Whether they are that person's; what is erased or damaged is not.
        fits: bool,
    },
}
