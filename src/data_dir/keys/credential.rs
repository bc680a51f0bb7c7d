//! Files that a service manager hands over.

use std::path::Path;

/// Whether a service manager handed the file over; such a one may be readable by a group.
pub(super) fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| !dir.is_empty() && path.starts_with(dir))
}
