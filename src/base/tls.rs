//! The one TLS of the house.

/// Makes aws-lc-rs the provider of every TLS in this process; again does nothing.
pub fn install() {
    // Somebody was here before: then it is this one already, since no other is linked.
    let _there_already = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
