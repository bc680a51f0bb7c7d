//! What the listening socket speaks to for the whole life of the process: it hands each request to the router of the
//! files that are open now.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use futures_util::future::{BoxFuture, Either};
use tower::Service;

use crate::arriving::Arriving;

/// The present router; cheap to clone.
#[derive(Clone, Debug)]
pub struct Front {
    router: Arc<RwLock<Router>>,
    arriving: Arc<Arriving>,
}

impl Front {
    pub fn new(router: Router, arriving: Arc<Arriving>) -> Self {
        Self { router: Arc::new(RwLock::new(router)), arriving }
    }

    /// Every request from now on goes to this one.
    pub fn put(&self, router: Router) {
        *self.router.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    pub(super) fn arriving(&self) -> Arc<Arriving> {
        Arc::clone(&self.arriving)
    }

    fn router(&self) -> Router {
        self.router.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<B> Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<RouteFuture<Infallible>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.body().is_end_stream() {
            return Either::Left(self.router().call(request));
        }
        let (front, request) = (self.clone(), request.map(Body::new));
        Either::Right(Box::pin(async move {
            let request = front.arriving.whole(request).await;
            // That of the moment at which it is here.
            front.router().call(request).await
        }))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn a_request_goes_to_the_router_of_its_moment() {
        let router = |text: &'static str| Router::new().route("/", get(move || async move { text }));
        let front = Front::new(router("one"), Arc::default());
        let mut ours = front.clone();
        let ask = |front: &mut Front| front.call(Request::new(Body::empty()));
        let before = ask(&mut ours);
        front.put(router("two"));
        for (answer, wanted) in [(before.await, "one"), (ask(&mut ours).await, "two")] {
            let body = to_bytes(answer.unwrap().into_body(), 10).await.unwrap();
            assert_eq!(body, wanted);
        }
    }
}
