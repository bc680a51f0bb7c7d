//! Whether a vault can be written, and its end.

use std::io;
use std::sync::{Arc, PoisonError};

use mfa_ledger_base::vitals::Vitals;

use super::store::{Vault, VaultError, unavailable};
use super::writer::Work;

impl Vault {
    /// Whether it can be written: what is recorded now can be destroyed.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] when a write has failed, or hangs.
    pub fn admit(&self) -> Result<(), VaultError> {
        self.vitals.refusal().map_or(Ok(()), |why| Err(unavailable(&why)))
    }

    /// What the writer tells of itself.
    pub fn vitals(&self) -> &Arc<Vitals> {
        &self.vitals
    }

    /// Does what was asked for before, and writes nothing after that, whoever still holds this. Closing again does
    /// nothing.
    ///
    /// # Errors
    /// When it did not end in good order: the next open writes back what may not be on the medium.
    pub async fn close(&self) -> Result<(), VaultError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(writer), Some(queue)) = (writer, self.work.as_ref()) else { return Ok(()) };
        // A writer that has ended already tells why when it is joined.
        let _gone = queue.send(Work::Close).await;
        match tokio::task::spawn_blocking(move || writer.join()).await {
            Ok(Ok(ended)) => ended.map_err(VaultError::Unavailable),
            Ok(Err(_)) => Err(unavailable("the vault's writer has panicked")),
            Err(error) => Err(VaultError::Unavailable(Arc::new(io::Error::other(error)))),
        }
    }
}
