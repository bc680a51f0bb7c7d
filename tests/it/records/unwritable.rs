//! A log that cannot be written any more: what is still answered, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use mfa_ledger::http::Options;
use mfa_ledger::log::memory::Memory;
use mfa_ledger::log::{AppendError, Entry, Log, Position, ReadError, Receipt, Stream, Visit};
use serde_json::json;

use super::signed;
use crate::support::house::House;

/// A log whose disk fails from some moment on.
#[derive(Debug, Default)]
struct Failing {
    inner: Memory,
    failed: AtomicBool,
}

#[async_trait]
impl Log for Failing {
    fn submit(
        &self,
        stream: Stream,
        reads: Vec<(Stream, Position)>,
        record: Bytes,
    ) -> Result<Receipt, AppendError> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(AppendError::Unavailable("the disk has failed".into()));
        }
        self.inner.submit(stream, reads, record)
    }

    fn read(&self, after: Position) -> BoxStream<'static, Result<Entry, ReadError>> {
        self.inner.read(after)
    }

    async fn entries(&self, positions: &[Position]) -> Result<Vec<Entry>, ReadError> {
        self.inner.entries(positions).await
    }

    fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError> {
        self.inner.pass(first, last, visit)
    }

    async fn head(&self) -> Result<Position, ReadError> {
        self.inner.head().await
    }

    fn poisoned(&self) -> Option<String> {
        self.failed.load(Ordering::SeqCst).then(|| "the disk of /secret/path has failed".to_owned())
    }
}

#[tokio::test]
async fn what_is_on_record_goes_on_and_nothing_else_is_answered() {
    let log = Arc::new(Failing::default());
    let house = House::open_on(log.clone(), Options { attempts_per_second: 0, ..Options::default() }).await;
    let auditor = signed(&house, "ada", "auditor").await;
    let boss = signed(&house, "sam", "system-administrator").await;
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    log.failed.store(true, Ordering::SeqCst);
    let before = house.records();

    // This minute's reading is on record; nobody else's, no other kind, and no other minute's is.
    house.get("/v1/activity").as_(&auditor).send().await.ok(200);
    house.get("/v1/activity/2/leaf").as_(&auditor).send().await.ok(200);
    let unavailable = (503, "log-unavailable");
    assert_eq!(house.get("/v1/activity").as_(&boss).send().await.told(), unavailable);
    let export = house.get("/v1/activity").as_(&auditor).header("accept", "text/csv").send().await;
    assert_eq!((export.told(), export.header("retry-after")), (unavailable, "5"));
    house.pass(60);
    assert_eq!(house.get("/v1/activity").as_(&auditor).send().await.told(), unavailable);
    assert_eq!(house.get("/v1/activity/stream").as_(&auditor).send().await.told(), unavailable);

    // What is not recorded when it is read goes on; what would change something does not.
    for path in ["/v1/session", "/v1/roles", "/v1/settings", "/v1/permissions"] {
        house.get(path).as_(&auditor).send().await.ok(200);
    }
    let change = json!({"mfa_available": false});
    assert_eq!(house.patch("/v1/settings").as_(&boss).json(&change).send().await.told(), unavailable);
    assert_eq!(house.get("/v1/settings").as_(&boss).send().await.ok(200)["mfa_available"], true);
    assert_eq!(house.records(), before);

    let ready = house.get("/readyz?verbose").send().await;
    assert_eq!((ready.status.as_u16(), &ready.body["status"]), (503, &json!("unavailable")));
    assert!(!ready.text.contains("/secret/path"), "why it failed is the operator's to know");
    assert_eq!(house.get("/livez").send().await.text, "ok");
    let metrics = house.get("/metrics").send().await.text;
    assert!(metrics.contains("mfa_ledger_log_writable 0\n"));
    assert!(metrics.contains("mfa_ledger_unrecorded_commands_total{cause=\"unavailable\"} 5\n"), "{metrics}");
}
