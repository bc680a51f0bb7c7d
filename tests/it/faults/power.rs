//! Real losses of power: a process writes to an ext4 file system in an image file, which is shut down
//! under it by ioctl without flushing anything, not even the file system's own journal. What was not
//! synced is gone then, as after a pulled plug; mounted again, all that was acknowledged is there.
//!
//! What is heard once the plug is being pulled does not count. A sync that is under way while the ioctl
//! runs, and has metadata to commit, may return success for what is lost: ext4 forgets to report it
//! (Linux 6.18; a bare loop of `pwrite` and `fdatasync` lost its last record in 17 of 150 tries, and none
//! when it overwrote blocks that were there). A machine without power would have told nobody.
//!
//! Mounting needs root. All mounts are made in a mount namespace of their own: however this test ends,
//! the kernel takes them and their loop devices away with its last process.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::child::{Heard, Worker};
use crate::support::draws::{Draws, rounds, seeds};
use crate::support::ram;
use crate::support::server::text;

const NAME: &str = "faults::power::cuts_in_a_namespace_of_its_own";
const DIR: &str = "MFA_LEDGER_TEST_DIR";

/// What the inner test says when the machine does not let it mount.
const UNABLE: &str = "not allowed here: ";

/// Cuts of one file system.
const LIVES: u64 = 10;
const IMAGE_BYTES: u64 = 192 * 1024 * 1024;
/// The power goes at the latest so many milliseconds after the child was ready.
const LONGEST_MS: u64 = 120;

/// `ioctl(fd, EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH)`, which Rust offers to `unsafe` code only; as
/// soon as a line is read.
const SHUT_DOWN: &str = "import fcntl, os, struct, sys
place = os.open(sys.argv[1], os.O_RDONLY)
print('ready', flush=True)
sys.stdin.readline()
fcntl.ioctl(place, 0x8004587D, struct.pack('I', 2))";

#[test]
fn real_losses_of_power_take_nothing_that_was_acknowledged() {
    let dir = ram::dir();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--"]).arg(std::env::current_exe().unwrap());
    command.args([NAME, "--exact", "--ignored", "--nocapture"]).env(DIR, dir.path());
    let output = command.output().unwrap_or_else(|error| panic!("unshare (Debian: util-linux): {error}"));
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    if output.status.success() {
        println!("{said}");
        assert!(said.contains("losses of power: "), "it ran: {said}");
        return;
    }
    let why = said.lines().find_map(|line| line.strip_prefix(UNABLE));
    let why = why.or_else(|| said.lines().find(|line| line.contains("unshare failed")));
    let why = why.unwrap_or_else(|| panic!("{said}"));
    println!("NOT TESTED: real losses of power, for this machine lets nobody mount a file system: {why}");
}

#[tokio::test]
#[ignore = "needs a mount namespace: the test above starts it in one"]
async fn cuts_in_a_namespace_of_its_own() {
    let dir = PathBuf::from(std::env::var_os(DIR).expect("started by the test above, with a directory"));
    let seed = seeds(1, 1).next().unwrap();
    let draws = Draws::new(seed);
    let (mut acknowledged, mut unsynced_lost) = (0, 0);
    let total = rounds(10, 200);
    tell_if_unable(&dir);
    for series in 0..total.div_ceil(LIVES) {
        let disk = Image::make(&dir.join(format!("image-{series}")));
        let heard = Arc::new(Mutex::new(Heard::default()));
        for life in 0..LIVES.min(total - series * LIVES) {
            disk.mount();
            let plug = Plug::at(&disk.place);
            let worker = Worker::start(&disk.place.join("data"), life, &heard);
            assert!(worker.wait_until_ready(), "it opens what the last loss of power has left");
            std::thread::sleep(Duration::from_millis(draws.below(LONGEST_MS)));
            // Proves that the cut cuts: nobody syncs this one.
            std::fs::write(disk.place.join("unsynced"), life.to_string()).unwrap();
            heard.lock().unwrap().set_deaf(true);
            plug.pull();
            worker.kill();
            heard.lock().unwrap().set_deaf(false);
            run(Command::new("umount").arg(&disk.place));

            disk.mount();
            let unsynced = std::fs::read_to_string(disk.place.join("unsynced")).unwrap_or_default();
            unsynced_lost += u64::from(unsynced != life.to_string());
            let heard = heard.lock().unwrap().clone();
            heard.judge(&disk.place.join("data")).await;
            run(Command::new("umount").arg(&disk.place));
        }
        acknowledged += heard.lock().unwrap().appended();
        std::fs::remove_file(&disk.file).unwrap();
    }
    println!("losses of power: {total}, {acknowledged} records acknowledged, none lost");
    assert!(unsynced_lost > 0, "in all {total} rounds what nobody synced has survived");
    assert!(acknowledged > 100, "there was something to lose");
}

/// A file system in a file, and where it is mounted.
struct Image {
    file: PathBuf,
    place: PathBuf,
}

impl Image {
    fn make(file: &Path) -> Self {
        std::fs::File::create(file).unwrap().set_len(IMAGE_BYTES).unwrap();
        run(Command::new("/usr/sbin/mkfs.ext4").args(["-q", "-F"]).arg(file));
        let place = file.with_extension("mounted");
        std::fs::create_dir(&place).unwrap();
        Self { file: file.into(), place }
    }

    /// Mounts it; the loop device goes with the last mount.
    fn mount(&self) {
        run(&mut self.mounting());
    }

    fn mounting(&self) -> Command {
        let mut command = Command::new("mount");
        command.args(["-o", "loop"]).args([&self.file, &self.place]);
        command
    }
}

/// Ends the process with a word when there is a namespace, and still no right to mount in it. Later on a
/// mount that fails is a file system that is broken.
fn tell_if_unable(dir: &Path) {
    let image = Image::make(&dir.join("image-to-try"));
    let output = output(&mut image.mounting());
    if !output.status.success() {
        println!("{UNABLE}{}", text(&output.stderr).trim());
        std::process::exit(1);
    }
    run(Command::new("umount").arg(&image.place));
}

/// A process with its hand on the plug.
struct Plug {
    child: Child,
    hand: ChildStdin,
}

impl Plug {
    fn at(place: &Path) -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", SHUT_DOWN]).arg(place).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (hand, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { child, hand }
    }

    fn pull(mut self) {
        self.hand.write_all(b"\n").unwrap();
        assert!(self.child.wait().unwrap().success(), "the ioctl succeeds");
    }
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn run(command: &mut Command) {
    let output = output(command);
    assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
}
