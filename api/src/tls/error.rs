//! Why a listener's certificate cannot be used, and what to do.

use std::path::PathBuf;

use schemas::Timestamp;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: {cause}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file is too large to be what it is to be.
    #[error("{}: it is larger than {most} bytes, and no certificate or key", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The most bytes that it may have.
        most: u64,
    },
    /// A file holds not what it is to hold.
    #[error("{}: it holds no {wanted} in PEM, which begins with -----BEGIN {begins}-----", path.display())]
    Missing {
        /// Which.
        path: PathBuf,
        /// What it is to hold.
        wanted: &'static str,
        /// How that begins.
        begins: &'static str,
    },
    /// The key is locked by a password.
    #[error("{}: the key is encrypted: write it without a password, readable by the server's user alone", path.display())]
    Encrypted {
        /// Which file.
        path: PathBuf,
    },
    /// What a file holds is damaged, or of a kind that is not taken.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Key and certificate are of different pairs.
    #[error(
        "the key in {} is not that of the first certificate in {}: put the server's own certificate first, and its key \
         beside it", key.display(), certificate.display()
    )]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The certificate has ended.
    #[error("{}: the certificate ended at {until}: put a new one in its place", path.display())]
    Expired {
        /// The file.
        path: PathBuf,
        /// When it ended.
        until: Timestamp,
    },
    /// The certificate has not begun.
    #[error("{}: the certificate is valid from {from} on, and not yet: is the clock right?", path.display())]
    NotYetValid {
        /// The file.
        path: PathBuf,
        /// When it begins.
        from: Timestamp,
    },
}
