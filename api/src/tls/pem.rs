//! Certificates and keys in PEM (RFC 7468), as servers and clients show them.

use std::path::Path;

use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::error::TlsError;
use super::files::read;

/// The certificates of a PEM file, at least one.
///
/// # Errors
/// If it cannot be read, or holds none.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    certificates(&read(path)?, path)
}

/// A certificate with those that lead to its authority, and the PEM of its key, from PEM files; held against each other.
/// Whether it is valid now is for who it is shown to.
///
/// # Errors
/// If a file cannot be read, holds none, or they do not belong together.
pub fn read_identity(certificate: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, Vec<u8>), TlsError> {
    let (chain, own) = (read(certificate)?, read(key)?);
    identity((&chain, certificate), (&own, key))?;
    Ok((certificates(&chain, certificate)?, own))
}

/// A certificate and its key, each with the file that it is of.
pub(super) fn identity(certificate: (&[u8], &Path), key: (&[u8], &Path)) -> Result<CertifiedKey, TlsError> {
    let (chain, own) = (certificates(certificate.0, certificate.1)?, private_key(key.0, key.1)?);
    let identity = CertifiedKey::from_der(chain, own, &ring::default_provider());
    identity.map_err(|error| {
        if error == rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
            TlsError::Mismatch { certificate: certificate.1.to_owned(), key: key.1.to_owned() }
        } else {
            TlsError::Damaged { path: key.1.to_owned(), why: format!("the key cannot be used: {error}") }
        }
    })
}

/// The certificates of a file, at least one.
pub(super) fn certificates(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(all) if all.is_empty() => {
            Err(TlsError::Missing { path: path.to_owned(), wanted: "certificate", begins: "CERTIFICATE" })
        }
        Ok(all) => Ok(all),
        Err(error) => Err(TlsError::Damaged { path: path.to_owned(), why: format!("it is damaged: {error}") }),
    }
}

fn private_key(pem: &[u8], path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let path = path.to_owned();
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(_) if is_encrypted(pem) => Err(TlsError::Encrypted { path }),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => {
            Err(TlsError::Missing { path, wanted: "private key", begins: "PRIVATE KEY" })
        }
        Err(error) => Err(TlsError::Damaged { path, why: format!("it is damaged: {error}") }),
    }
}

/// Whether a password locks the key, in PKCS#8 or as OpenSSL once wrote it.
fn is_encrypted(pem: &[u8]) -> bool {
    let text = String::from_utf8_lossy(pem);
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}
