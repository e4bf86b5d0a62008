//! A file that is complete or absent: written beside under another name, synced, then renamed.

use std::fs::{File, Permissions};
use std::io::{BufWriter, Error, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Gathered before it is written.
const BUFFER_BYTES: usize = 1 << 20;

/// A file while it is written. Dropped before [`WholeFile::keep`], it leaves nothing, and what bore its name before
/// stays.
pub struct WholeFile {
    beside: BufWriter<NamedTempFile>,
    path: PathBuf,
    folder: PathBuf,
}

impl WholeFile {
    /// Begins a file beside the path.
    ///
    /// # Errors
    /// If the folder is not there or takes no file, or the path is something else than a file, which a rename would
    /// put an end to.
    pub fn create(path: &Path) -> Result<WholeFile, Error> {
        // A link stays, and the file that it leads to is replaced.
        let path = if path.exists() { path.canonicalize()? } else { path.to_owned() };
        if path.exists() && !path.is_file() {
            return Err(Error::other("it is there, and no file"));
        }
        let name = path.file_name().ok_or_else(|| Error::other("it names no file"))?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let prefix = format!(".{}.", name.to_string_lossy());
        // As any file that is made: what the umask leaves of it.
        let beside = Builder::new()
            .prefix(&prefix)
            .suffix(".partial")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(&folder)?;
        Ok(WholeFile { beside: BufWriter::with_capacity(BUFFER_BYTES, beside), path, folder })
    }

    /// Gives the file its name, once all of it is on disk.
    ///
    /// # Errors
    /// If it cannot be brought to disk or renamed; then nothing is left of it.
    pub fn keep(self) -> Result<(), Error> {
        let WholeFile { beside, path, folder } = self;
        let beside = beside.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        beside.as_file().sync_all()?;
        beside.persist(&path).map_err(|error| error.error)?;
        File::open(&folder)?.sync_all()
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.beside.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.beside.flush()
    }
}
