//! Which file system a path lies on, and how it is mounted: from `/proc/self/mountinfo` (proc(5)).

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted.
    pub point: PathBuf,
    /// Its kind, such as `ext4` or `tmpfs`.
    pub kind: String,
    /// The options of the mount, and those of the file system itself.
    pub options: Vec<String>,
}

/// The file system that `path` lies on. An error of kind `NotFound` when the path or the table is not
/// there, `InvalidData` when the table does not tell.
pub fn mount(path: &Path) -> io::Result<Mount> {
    let path = path.canonicalize()?;
    let table = std::fs::read_to_string("/proc/self/mountinfo")?;
    holding(&table, &path).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The mount with the longest path above `path`; of two at the same place the later one is on top.
fn holding(table: &str, path: &Path) -> Option<Mount> {
    let mounts = table.lines().filter_map(parse);
    mounts.filter(|it| path.starts_with(&it.point)).max_by_key(|it| it.point.components().count())
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn parse(line: &str) -> Option<Mount> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(4);
    let (point, own) = (mount.next()?, mount.next()?);
    let mut file_system = file_system.split(' ');
    let (kind, of_all) = (file_system.next()?, file_system.nth(1)?);
    Some(Mount {
        point: unescaped(point),
        kind: kind.to_owned(),
        options: own.split(',').chain(of_all.split(',')).map(str::to_owned).collect(),
    })
}

/// Blanks and the like stand there as a backslash and three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first_chunk::<3>().and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| first == b'\\').and_then(|it| u8::from_str_radix(it, 8).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[3..] } else { after };
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
24 22 0:6 / /srv rw shared:2 master:1 - xfs /dev/vdb rw,nobarrier
44 24 0:39 / /srv/a\\040b rw,relatime - overlay overlay rw,lowerdir=l,fsync=volatile
45 24 0:40 / /srv rw,noatime - tmpfs tmpfs rw,size=8192k
half a line
";

    #[test]
    fn the_nearest_and_the_latest_mount_above_a_path_holds_it() {
        let kind = |path: &str| holding(TABLE, Path::new(path)).unwrap().kind;
        assert_eq!(kind("/"), "ext4");
        assert_eq!(kind("/srvx/ledger"), "ext4");
        assert_eq!(kind("/srv/ledger"), "tmpfs");
        assert_eq!(kind("/srv/a b/ledger"), "overlay");
        let options = holding(TABLE, Path::new("/srv/a b")).unwrap().options;
        assert_eq!(options, ["rw", "relatime", "rw", "lowerdir=l", "fsync=volatile"]);
    }

    #[test]
    fn this_machine_tells_what_it_has_mounted() {
        assert_eq!(mount(Path::new("/proc")).unwrap().kind, "proc");
        assert_eq!(mount(Path::new("/nowhere/at/all")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
