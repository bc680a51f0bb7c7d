//! States of the past to go on from.

use std::io;
use std::sync::{Arc, PoisonError};

use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Position, Record};

use super::Projector;
use super::fitting::{fits, restored};
use crate::follow::snapshot::{Misfit, People, Snapshots};

impl Projector {
    /// Tells which of some records, all of them folded, changed nothing.
    pub fn void_among(&self) -> impl Fn(&[(Position, Record)]) -> Vec<Position> + Send + Sync + use<> {
        let state = Arc::clone(&self.state);
        move |records| {
            let state = state.read().unwrap_or_else(PoisonError::into_inner);
            let positions = records.iter().map(|(position, _)| *position);
            positions.filter(|position| state.activity.is_void(*position)).collect()
        }
    }

    /// A state of the past to go on from: the newest kept one that is not beyond a position, if it is behind another.
    pub async fn base(&self, behind: Position, position: Position) -> Option<State> {
        let snapshots = self.snapshots.clone()?;
        let blocks = self.state().activity.blocks().to_vec();
        restored(&self.log, snapshots, (behind, position), blocks).await.map(|it| it.state)
    }

    /// Where one administrator stood, from the newest snapshot that is not beyond a position, if it is behind another.
    pub async fn base_alone(
        &self,
        behind: Position,
        position: Position,
        id: AdministratorId,
    ) -> Option<State> {
        self.base_people(behind, position, move |snapshots, at| snapshots.read_alone(at, id)).await
    }

    /// The position of that snapshot, as far as is known before it is read.
    pub fn nearest_people(&self, behind: Position, position: Position) -> Option<Position> {
        self.snapshots.as_ref()?.nearest_people(behind, position)
    }

    /// Where everyone stood, likewise.
    pub async fn base_everyone(&self, behind: Position, position: Position) -> Option<State> {
        self.base_people(behind, position, Snapshots::read_everyone).await
    }

    async fn base_people(
        &self,
        behind: Position,
        position: Position,
        read: impl Fn(&Snapshots, Position) -> Result<People, Misfit> + Clone + Send + 'static,
    ) -> Option<State> {
        let snapshots = self.snapshots.as_ref()?;
        loop {
            let (reader, read) = (Arc::clone(snapshots), read.clone());
            let nearest = move || {
                let at = reader.nearest_people(behind, position)?;
                Some((at, read(&reader, at)))
            };
            let (at, found) = tokio::task::spawn_blocking(nearest).await.ok()??;
            let fit = match found {
                Ok(People { state, record }) => fits(&self.log, at.0, record).await.map(|()| state),
                Err(misfit) => Err(misfit),
            };
            match fit {
                Ok(state) => return Some(state),
                // They can be deleted at any time.
                Err(Misfit::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {}
                // It may fit, and so may those before it: that cannot be told now.
                Err(why @ Misfit::Unreadable(_)) => {
                    tracing::warn!(position = %at, %why, "a snapshot of where everyone stood cannot be looked at");
                    return None;
                }
                Err(why) => {
                    tracing::warn!(position = %at, %why, "a snapshot of where everyone stood is left out");
                }
            }
            snapshots.forget_people(at);
        }
    }
}
