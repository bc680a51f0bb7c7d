//! Work that is carried to its end whatever becomes of the one who waits for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TrackedFuture;
use tracing::Instrument;
use tracing::instrument::Instrumented;

/// What is large lies in the box, so that it is not moved again.
type Work<T> = TrackedFuture<Instrumented<Pin<Box<dyn Future<Output = T> + Send>>>>;

/// A future that goes on in a task of its own when it is dropped before its end. Up to then it costs no more than any
/// other: a task for each command would cost two changes of threads.
pub(super) struct Carried<'r, T: Send + 'static> {
    work: Option<Work<T>>,
    /// Where the task runs. Borrowed: counting its owners for every command costs measurable time.
    runtime: &'r Handle,
}

impl<'r, T: Send + 'static> Carried<'r, T> {
    /// Takes on some work, which `tasks` counts until it has ended.
    pub fn new(
        work: impl Future<Output = T> + Send + 'static,
        tasks: &TaskTracker,
        runtime: &'r Handle,
    ) -> Self {
        let work: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(work);
        Self { work: Some(tasks.track_future(work.in_current_span())), runtime }
    }
}

impl<T: Send + 'static> Future for Carried<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that work that panics is not gone on with.
        let mut work = self.work.take().expect("a future is not polled after its end");
        let polled = Pin::new(&mut work).poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Carried<'_, T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Waker;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_goes_on_and_is_counted() {
        let (tasks, go_on, done) = (TaskTracker::new(), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let work = {
            let (go_on, done) = (Arc::clone(&go_on), Arc::clone(&done));
            async move {
                go_on.notified().await;
                done.notify_one();
            }
        };
        let runtime = Handle::current();
        let mut carried = Carried::new(work, &tasks, &runtime);
        assert!(Pin::new(&mut carried).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(tasks.len(), 1);
        drop(carried);
        assert_eq!(tasks.len(), 1);
        go_on.notify_one();
        done.notified().await;
        tasks.close();
        tasks.wait().await;
        // It may be dropped before it was ever polled, too.
        let carried = Carried::new(async move { done.notify_one() }, &tasks, &runtime);
        drop(carried);
        tasks.wait().await;
    }

    #[tokio::test]
    async fn work_that_is_waited_for_gives_its_result() {
        let tasks = TaskTracker::new();
        assert_eq!(Carried::new(async { 7 }, &tasks, &Handle::current()).await, 7);
        assert!(tasks.is_empty());
    }
}
