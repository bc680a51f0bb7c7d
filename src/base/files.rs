//! How many files this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit on open files as far as the system lets this user, and says what it is; `None` where there is none.
pub fn open_files() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_system_allows() {
        let allowed = getrlimit(Resource::Nofile).maximum;
        assert_eq!(open_files(), allowed);
        assert_eq!(getrlimit(Resource::Nofile).current, allowed);
    }
}
