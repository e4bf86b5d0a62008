//! What lies or stands under an input's name: a file, a pipe, a terminal. Where nothing is there yet it says so, and
//! does not wait: who reads it decides what is done in the meantime.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

use super::Input;

/// An input that is open. Clones read the same.
#[derive(Clone)]
pub(super) struct Source {
    shared: Arc<Shared>,
}

struct Shared {
    file: File,
    /// Whether what is to be read may not be there yet.
    can_wait: bool,
    bytes_read: AtomicU64,
}

impl Source {
    /// Opens an input. A pipe that nobody writes to yet is not waited for.
    ///
    /// # Errors
    /// What the system says; a folder is refused as one.
    pub(super) fn open(input: &Input) -> io::Result<Source> {
        let file = match input {
            Input::File(path) if is_standard_input(path) => standard_input()?,
            Input::File(path) => open_file(path)?,
            Input::Stdin => standard_input()?,
        };
        let found = file.metadata()?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let shared = Shared { file, can_wait: !found.is_file(), bytes_read: AtomicU64::new(0) };
        Ok(Source { shared: Arc::new(shared) })
    }

    /// How many bytes were read, as they lie there, compressed or not.
    pub(super) fn bytes_read(&self) -> u64 {
        self.shared.bytes_read.load(Ordering::Relaxed)
    }

    /// Waits until there is something to read, or its end, and so long at the most.
    pub(super) fn wait(&self, at_most: Duration) -> io::Result<()> {
        self.is_there(at_most).map(|_| ())
    }

    fn is_there(&self, at_most: Duration) -> io::Result<bool> {
        let at_most = Timespec::try_from(at_most).map_err(io::Error::other)?;
        let mut asked = [PollFd::new(&self.shared.file, PollFlags::IN)];
        match poll(&mut asked, Some(&at_most)) {
            Ok(ready) => Ok(ready > 0),
            // A signal came: who waits looks what it says.
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Read for Source {
    /// An error of the kind `WouldBlock` says that nothing is there yet.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.shared.can_wait && !self.is_there(Duration::ZERO)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = (&self.shared.file).read(buffer)?;
        self.shared.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Whether what bears a name can be looked at before it is read, and is read from its beginning then. Of the standard
/// input, a file or not, what was looked at is gone.
pub(super) fn can_be_looked_at(path: &Path, found: &Metadata) -> bool {
    !is_standard_input(path) && (found.is_file() || found.is_dir())
}

fn open_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    if std::fs::metadata(path)?.file_type().is_fifo() {
        // Opened otherwise, a pipe by name waits for its first writer, and hears no signal.
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// By its names too: opened by them, a socket could not be had, and a file would be read from its beginning.
fn is_standard_input(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path == Path::new(name))
}

/// Without the buffer of the process, in which bytes could lie that the system knows nothing of any more.
fn standard_input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}
