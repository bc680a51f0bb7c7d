//! The whole configuration as a commented file.

/// A file with every key at its default, or with an example that it marks as one, commented out.
pub fn template() -> &'static str {
    include_str!("template.toml")
}
