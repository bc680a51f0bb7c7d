//! What keeps other sites from sending commands through somebody's browser.

use http::Response;
use tower_http::csrf::{CsrfLayer, ProtectionError, ProtectionErrorKind};

/// A browser says where a request comes from, and a command from another site is refused. Programs say nothing, and carry a
/// token that no browser adds by itself. What is refused is answered by `refused`, which is given what to say.
pub fn same_site<B>(
    public_origin: Option<&str>,
    refused: fn(&'static str) -> Response<B>,
) -> CsrfLayer<impl Fn(ProtectionError) -> Response<B> + Clone + use<B>> {
    let layer = CsrfLayer::new().with_rejection_response(move |why| refused(told(&why)));
    let Some(origin) = public_origin else { return layer };
    layer.add_trusted_origin(origin).expect("the configuration has looked at it")
}

fn told(why: &ProtectionError) -> &'static str {
    match why.kind() {
        ProtectionErrorKind::CrossOriginRequestFromOldBrowser => {
            "The browser does not say whether the page was from here, and the address of the page is not the one that this \
             server is asked at. Behind a proxy: pass `Host` on as it came, or set `http.public_url`."
        }
        _ => "The browser says that the page was from another site.",
    }
}
