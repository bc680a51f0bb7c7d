//! What an engine gives for a record that it was handed: the promise of an answer.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{AppendError, Position};

/// Where an engine answers.
pub type Answer = oneshot::Sender<Result<Position, AppendError>>;

/// A record that was submitted. Dropping this takes nothing back.
#[derive(Debug)]
#[must_use = "only the receipt tells what became of the record"]
pub struct Receipt {
    answered: oneshot::Receiver<Result<Position, AppendError>>,
    within: Duration,
}

impl Receipt {
    /// A receipt, and where the engine is to answer `within` some time.
    pub fn new(within: Duration) -> (Answer, Self) {
        let (answer, answered) = oneshot::channel();
        (answer, Self { answered, within })
    }

    /// Waits until the record is durable, and returns its position.
    ///
    /// # Errors
    /// Any [`AppendError`]. [`AppendError::Unknown`] where the engine does not answer in time: the record may be durable
    /// later.
    pub async fn durable(self) -> Result<Position, AppendError> {
        let unknown = |why: &'static str| Err(AppendError::Unknown(why.into()));
        match timeout(self.within, self.answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| unknown("the writer of the log is gone")),
            Err(_) => unknown("the writer of the log has not answered in time"),
        }
    }
}
