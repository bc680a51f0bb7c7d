//! `GET /livez`: the process answers.

/// Whether the process answers: nothing else is asked.
#[utoipa::path(
    get, path = "/livez", tag = "health", security(()),
    responses((status = 200, description = "It does", body = String, content_type = "text/plain")),
)]
pub(crate) async fn live() -> &'static str {
    "ok"
}
