//! Query parameters of operations that have none: a misspelt `as_of` must not be answered with what is now.

use std::collections::HashSet;
use std::sync::LazyLock;

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};

use super::problem::Problem;

/// Paths whose GET has no query parameters. Others name what they do not know themselves.
static BARE: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let paths = super::document().paths.paths.into_iter();
    paths.filter(|(_, item)| is_bare(item)).map(|(path, _)| path).collect()
});

fn is_bare(item: &PathItem) -> bool {
    let has_none = |operation: &Operation| {
        // A reference is to something that is looked at nowhere here: it may be a query parameter.
        let asks = |it: &RefOr<Parameter>| match it {
            RefOr::T(it) => it.parameter_in == ParameterIn::Query,
            RefOr::Ref(_) => true,
        };
        !operation.parameters.iter().flatten().any(asks)
    };
    item.get.as_ref().is_some_and(has_none)
}

/// Refuses parameters where none is known.
pub(super) fn check(parts: &Parts) -> Result<(), Problem> {
    let Some(query) = parts.uri.query().filter(|query| !query.is_empty() && parts.method.is_safe()) else {
        return Ok(());
    };
    let is_bare = parts.extensions.get::<MatchedPath>().is_some_and(|path| BARE.contains(path.as_str()));
    if !is_bare {
        return Ok(());
    }
    let name = query.split(['=', '&']).next().unwrap_or_default();
    Err(Problem::parameter(name, "no parameter: this operation has none"))
}
