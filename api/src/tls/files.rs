//! The files of a listener's TLS, as they lie on the disk.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::TlsError;

/// No chain of certificates is as large.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a listener's certificate lies, and whose certificates its clients show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, PEM: the server's own first, then those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key, PEM, not encrypted: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// The authorities of the clients' certificates, PEM, and whether a client has to show one; none: none is asked for.
    pub clients: Option<(PathBuf, ClientAuth)>,
}

/// Whether a client has to show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// One without is refused.
    Required,
    /// One without is served; one with a certificate of another authority is refused.
    Optional,
}

/// What the files held when they were read.
#[derive(PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) authorities: Option<Vec<u8>>,
}

impl Contents {
    pub(super) fn read(files: &TlsFiles) -> Result<Contents, TlsError> {
        Ok(Contents {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            authorities: files.clients.as_ref().map(|(path, _)| read(path)).transpose()?,
        })
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(TlsError::TooLarge { path: path.to_owned(), most: FILE_BYTES_MAX });
    }
    Ok(bytes)
}
