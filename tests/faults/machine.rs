//! What root has on Linux: disks of a test's own, and limits of a process that runs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Whether this machine can do it: root, with namespaces of mounts. Where not, it is said, and a failure if
/// `TRIBUTARY_REQUIRE_MACHINE=1`.
pub fn is_there() -> bool {
    let tried = Command::new("unshare").args(["-m", "true"]).output();
    let why = match tried {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    missing(&format!("no disk of its own can be had: {why}"));
    false
}

/// Whether a file system in a file can be mounted here, likewise.
pub fn has_file_systems() -> bool {
    let found = Command::new("bash").args(["-c", "losetup -f && command -v mkfs.ext4"]).output().expect("bash runs");
    if !found.status.success() {
        missing(&format!("no file system in a file can be had: {}", String::from_utf8_lossy(&found.stderr)));
    }
    found.status.success()
}

/// Starts a daemon on a new ledger in a folder, under a limit of the shell; its exit code, and what it said.
pub fn start_under(limit: &str, folder: &Path) -> (Option<i32>, String) {
    let data = folder.join("ledger");
    let run =
        format!("{limit}; exec {} run --listen 127.0.0.1:0 --data {}", env!("CARGO_BIN_EXE_tributary"), data.display());
    let mut command = Command::new("bash");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
        command.env_remove(name);
    }
    let ended = command.args(["-c", &run]).output().expect("bash runs");
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

/// Says what is missing, to who reads the output of tests that passed too.
pub fn missing(why: &str) {
    needs::missing(needs::Need::Machine, why);
}

/// A disk of so many bytes at a path that leads through the process that holds it: gone when this is dropped, or when the
/// test ends however it does.
pub struct Disk {
    holder: Child,
    _input: ChildStdin,
    inside: PathBuf,
    /// Where everybody finds it.
    pub path: PathBuf,
}

impl Disk {
    /// In memory; it grows by [`Disk::remount`].
    pub fn in_memory(folder: &Path, mebibytes: u32) -> Disk {
        let inside = folder.join("disk");
        Disk::mount(&inside, &format!("mount -t tmpfs -o size={mebibytes}m tmpfs {}", inside.display()))
    }

    /// A file system ext4 in a file, which is read-only from the first fault of its own on.
    pub fn ext4(folder: &Path, mebibytes: u32) -> Disk {
        let (inside, image) = (folder.join("disk"), folder.join("image"));
        let (at, image) = (inside.display(), image.display());
        Disk::mount(
            &inside,
            &format!(
                "truncate -s {mebibytes}M {image} && mkfs.ext4 -q -F {image} && \
                 mount -o loop,errors=remount-ro {image} {at} && rmdir {at}/lost+found"
            ),
        )
    }

    fn mount(inside: &Path, mount: &str) -> Disk {
        std::fs::create_dir(inside).expect("a folder");
        let script = format!("{mount} && echo mounted && exec cat");
        let mut holder = Command::new("unshare")
            .args(["-m", "--propagation", "private", "bash", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare runs");
        let mut said = String::new();
        BufReader::new(holder.stdout.take().expect("its output")).read_line(&mut said).expect("a line");
        assert_eq!(said, "mounted\n", "{mount}");
        let path = PathBuf::from(format!("/proc/{}/root{}", holder.id(), inside.display()));
        Disk { _input: holder.stdin.take().expect("its input"), holder, inside: inside.to_owned(), path }
    }

    /// Runs a script where the disk is mounted; `$1` is where.
    pub fn run(&self, script: &str) -> String {
        let output = Command::new("nsenter")
            .args(["-t", &self.holder.id().to_string(), "-m", "bash", "-euc", script, "run"])
            .arg(&self.inside)
            .output()
            .expect("nsenter runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What it held goes with it.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Sets a limit of a process that runs, as `--nofile=64`.
pub fn limit(process: u32, resource: &str) {
    let set = Command::new("prlimit").args(["--pid", &process.to_string(), resource]).status().expect("prlimit runs");
    assert!(set.success(), "{resource} of {process}");
}

/// How many files a process has open.
pub fn open_files(process: u32) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd")).expect("it runs").count()
}

/// The bytes of address space that a process has.
pub fn address_space(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("its size");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}
