//! Which names mean the same target.

use std::path::Path;

use reqwest::Url;

/// Whether two names, as in `anchor /mnt/x`, mean the same target: two paths of one directory, or two spellings of one
/// address. Blocks: it follows links.
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || canonical(one) == canonical(other)
}

fn canonical(name: &str) -> String {
    let Some(at) = name.strip_prefix("anchor ") else { return name.to_owned() };
    let path = Path::new(at);
    if path.is_absolute() {
        // A share that is not mounted has no canonical path: `.` and double slashes still mean nothing.
        let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.components().collect());
        return whole.display().to_string();
    }
    let url = Url::parse(at).map_or_else(|_| at.to_owned(), String::from);
    url.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_the_same_under_every_path() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let name = |path: &Path, end: &str| format!("anchor {}{end}", path.display());
        for (path, end) in [(&real, "/."), (&real, "/"), (&real, "//"), (&real, "/../real"), (&link, "")] {
            assert!(is_same(&name(&real, ""), &name(path, end)), "{}{end}", path.display());
        }
        assert!(!is_same(&name(&real, ""), &name(dir.path(), "")));
        assert!(is_same("anchor /not/there/.", "anchor /not//there"));
        assert!(!is_same("anchor /not/there", "anchor /not/here"));
    }

    #[test]
    fn an_address_is_the_same_in_every_spelling_and_a_witness_only_in_one() {
        for same in ["anchor http://HOST/a", "anchor http://host:80/a/", "anchor http://host/./a"] {
            assert!(is_same("anchor http://host/a", same), "{same}");
        }
        for other in ["anchor http://host:81/a", "anchor http://host/b", "witness http://host/a"] {
            assert!(!is_same("anchor http://host/a", other), "{other}");
        }
        assert!(!is_same("witness w.example/a", "witness w.example/A"));
    }
}
