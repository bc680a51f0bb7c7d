//! A command as a test tries it: with the evidence that came of its question.

use std::sync::Arc;

use mfa_ledger_schemas::{CredentialId, Factor, Position};
use mfa_ledger_wiped::SecretText;

use super::world::OFFICE;
use crate::command::{
    ConfirmMfaEnrollment, DisableMfa, RegenerateBackupCodes, TypedFactor, VerifySecondFactor,
};
use crate::{Command, Evidence, ToSeal, UseCase};

/// A command, and what is made ready for it.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub command: Arc<dyn Command>,
    pub evidence: Evidence,
    pub address: Option<String>,
    pub expected: Option<Position>,
    /// Ids of what it brings to life, where a test wants to know them before.
    pub fresh: Option<[u8; 16]>,
    /// Whether words are sealed beside it.
    pub sealed: bool,
}

impl Attempt {
    /// A command that needs no evidence, from the office.
    pub fn of(command: impl UseCase) -> Self {
        let sealed = matches!(command.to_seal(), ToSeal::Personal(_) | ToSeal::Changed { .. });
        let address = Some(OFFICE.to_owned());
        let (evidence, expected, fresh) = (Evidence::Nothing, None, None);
        Self { command: Arc::new(command), evidence, address, expected, fresh, sealed }
    }

    /// With this evidence.
    pub fn with(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }

    /// With this id for what it brings to life.
    pub fn fresh(self, id: [u8; 16]) -> Self {
        Self { fresh: Some(id), ..self }
    }

    /// With words sealed beside it.
    pub fn sealed(self) -> Self {
        Self { sealed: true, ..self }
    }

    /// Of a version.
    pub fn expecting(self, version: Position) -> Self {
        Self { expected: Some(version), ..self }
    }

    /// From another address.
    pub fn from(self, address: Option<&str>) -> Self {
        Self { address: address.map(str::to_owned), ..self }
    }
}

/// A second factor that somebody shows: what was typed, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct FactorProof {
    pub factor: Factor,
    pub evidence: Evidence,
}

impl FactorProof {
    pub fn not_looked(factor: Factor) -> Self {
        Self { factor, evidence: Evidence::Nothing }
    }

    pub fn totp(credential: CredentialId, step: Option<u64>, drift: Option<i32>) -> Self {
        Self { factor: Factor::Totp, evidence: Evidence::Totp { credential, step, drift } }
    }

    pub fn backup_code(backup_codes: CredentialId, index: Option<u8>) -> Self {
        Self { factor: Factor::BackupCode, evidence: Evidence::BackupCode { backup_codes, index } }
    }

    /// As it was typed: the rules look at the evidence alone.
    pub fn typed(self) -> TypedFactor {
        let text = typed();
        if self.factor == Factor::BackupCode {
            TypedFactor::BackupCode(text)
        } else {
            TypedFactor::Code(text)
        }
    }
}

/// What somebody typed.
pub fn typed() -> SecretText {
    SecretText::new("typed".to_owned())
}

pub fn verify(proof: FactorProof) -> Attempt {
    Attempt::of(VerifySecondFactor { factor: proof.typed() }).with(proof.evidence)
}

pub fn confirm(proof: FactorProof) -> Attempt {
    Attempt::of(ConfirmMfaEnrollment { code: typed() }).with(proof.evidence)
}

pub fn disable(proof: FactorProof) -> Attempt {
    Attempt::of(DisableMfa { factor: proof.typed() }).with(proof.evidence)
}

pub fn regenerate(proof: FactorProof) -> Attempt {
    Attempt::of(RegenerateBackupCodes { factor: proof.typed() }).with(proof.evidence)
}
