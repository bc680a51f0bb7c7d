//! The OpenAPI document: from the same registration as the routes, with the answers that every
//! operation shares.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use mfa_ledger_api::problem::Fault;
use mfa_ledger_schemas::limits;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
    SecurityRequirement,
};

use super::App;

/// Statuses that any operation may answer with, and why.
const SHARED: &[(&str, &str)] = &[
    ("400", "The request is not well-formed"),
    ("401", "A valid session or service account is needed, or a credential does not fit"),
    ("403", "A permission, a second factor or an enrollment is missing"),
    ("404", "There is nothing here that the caller may see"),
    ("409", "The state is another than the command needs"),
    ("412", "It has changed since the caller looked"),
    ("413", "The body is too large"),
    ("415", "The content type is not supported"),
    ("422", "A rule is broken; the refusal is recorded"),
    ("429", "Too many attempts; see Retry-After"),
    ("503", "The log is not writable, or too much waits"),
];

/// Commands that take no `Idempotency-Key`: their answer opens something, judges a code, or changes nothing.
const WITHOUT_KEYS: [&str; 5] =
    ["/v1/session", "/v1/session/second-factor", "/v1/verify", "/v1/rules/backtest", "/v1/log/verification"];

/// The document.
pub fn document() -> OpenApi {
    let (_, document) = super::routes().split_for_parts();
    finish(document)
}

fn finish(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("mfa-ledger")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("MFA of administrators: enroll, verify, reset, and a log of all of it."))
        .build();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let components = document.components.take().unwrap_or_default();
    let mut components = ComponentsBuilder::from(components)
        .schema_from::<mfa_ledger_api::problem::Problem>()
        .schema_from::<Fault>()
        .security_scheme("bearer", bearer)
        .build();
    for (status, description) in SHARED {
        components.responses.insert((*status).to_owned(), RefOr::T(problem_response(description)));
    }
    document.components = Some(components);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(operation_id(method, path));
                if method != "get" && !WITHOUT_KEYS.contains(&path.as_str()) {
                    operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
                }
                share(operation);
            }
        }
    }
    document
}

/// `get_activity_position_leaf` for `GET /v1/activity/{position}/leaf`: by rule, and so never twice.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && *word != "v1");
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn share(operation: &mut Operation) {
    let open = operation.security.is_some();
    if !open {
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
    for (status, _) in SHARED {
        let shared = RefOr::Ref(Ref::new(format!("#/components/responses/{status}")));
        operation.responses.responses.entry((*status).to_owned()).or_insert(shared);
    }
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(limits::IDEMPOTENCY_KEY_CHARS))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Repeats of the request under this key get its first answer again, for 24 hours"))
        .schema(Some(schema))
        .build()
}

fn problem_response(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

/// `GET /openapi.json`.
pub(super) fn router(document: OpenApi) -> Router<App> {
    let text = finish(document).to_pretty_json().expect("the document is JSON");
    let serve = move || {
        let text = text.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }
    };
    Router::new().route("/openapi.json", get(serve))
}
