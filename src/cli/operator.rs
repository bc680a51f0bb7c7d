//! Who sits at the command line, for the record.

use std::os::unix::fs::MetadataExt;

/// What the kernel says when nobody has logged in.
const UNSET: u32 = u32::MAX;

/// The user of the operating system: the one who logged in, as the audit system knows it (`sudo` does not
/// change that), otherwise the one this process runs as. Not from the environment, which anybody can set.
pub(super) fn name() -> String {
    let logged_in = std::fs::read_to_string("/proc/self/loginuid").ok();
    let logged_in = logged_in.and_then(|text| text.trim().parse().ok()).filter(|uid| *uid != UNSET);
    let own = || std::fs::metadata("/proc/self").ok().map(|process| process.uid());
    let Some(uid) = logged_in.or_else(own) else { return "unknown".to_owned() };
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_of(&users, uid).unwrap_or_else(|| format!("uid {uid}"))
}

fn name_of(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_user_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(users, 1000).as_deref(), Some("ada"));
        assert_eq!(name_of(users, 7), None);
    }
}
