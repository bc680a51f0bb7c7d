//! Another host, as small as one can be: it keeps what is put there, and gives it back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;

/// What it keeps, and how it behaves.
#[derive(Debug, Default)]
pub struct Kept {
    pub notes: BTreeMap<String, Vec<u8>>,
    /// What every request is answered, where that is not what it should be.
    pub refusal: Option<StatusCode>,
    /// What `PUT` is answered.
    pub put: Option<StatusCode>,
    pub tokens: Vec<String>,
}

/// A host that answers until it is dropped.
#[derive(Debug)]
pub struct Host {
    pub url: String,
    pub kept: Arc<Mutex<Kept>>,
    task: tokio::task::JoinHandle<()>,
}

impl Host {
    pub async fn start() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/logs", listener.local_addr().expect("an address"));
        let app = Router::new()
            .route("/logs/{origin}/checkpoint", get(give).put(take))
            .with_state(Arc::clone(&kept));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { url, kept, task }
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(&mut self.kept.lock().expect("nobody panicked"))
    }

    /// The only note there is.
    pub fn note(&self) -> Option<Vec<u8>> {
        self.change(|kept| kept.notes.values().next().cloned())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Shared = State<Arc<Mutex<Kept>>>;

async fn give(
    State(kept): Shared,
    Path(origin): Path<String>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let mut kept = kept.lock().expect("nobody panicked");
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    kept.tokens.push(token.unwrap_or_default().to_owned());
    match kept.refusal {
        Some(refusal) => Err(refusal),
        None => kept.notes.get(&origin).cloned().ok_or(StatusCode::NOT_FOUND),
    }
}

async fn take(State(kept): Shared, Path(origin): Path<String>, body: Bytes) -> StatusCode {
    let mut kept = kept.lock().expect("nobody panicked");
    if let Some(status) = kept.refusal.or(kept.put) {
        return status;
    }
    kept.notes.insert(origin, body.to_vec());
    StatusCode::NO_CONTENT
}
