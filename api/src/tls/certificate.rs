//! What a certificate says of itself.

use std::path::Path;

use schemas::Timestamp;
use x509_cert::der::Decode;
use x509_cert::time::Time;

use super::error::TlsError;
use super::pem::read_certificates;

/// A certificate's name, and from when until when it is valid, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDates {
    /// Its subject, as RFC 4514 writes it.
    pub name: String,
    /// It is not valid before.
    pub from: Timestamp,
    /// It is not valid after.
    pub until: Timestamp,
}

/// The dates of each certificate of a PEM file, in the order in which they stand there; at least one.
///
/// # Errors
/// If it cannot be read, holds none, or one that is damaged.
pub fn read_dates(path: &Path) -> Result<Vec<CertificateDates>, TlsError> {
    let all = read_certificates(path)?;
    let dates = all.iter().map(|certificate| {
        let read = x509_cert::Certificate::from_der(certificate);
        let read = read.map_err(|error| TlsError::Damaged { path: path.to_owned(), why: error.to_string() })?;
        let (name, validity) = (read.tbs_certificate.subject.to_string(), read.tbs_certificate.validity);
        Ok(CertificateDates { name, from: moment(validity.not_before), until: moment(validity.not_after) })
    });
    dates.collect()
}

/// From when until when a certificate is valid, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Validity {
    /// Reads it from a certificate (DER).
    ///
    /// # Errors
    /// What is wrong with it, if it is none.
    pub(super) fn of(certificate: &[u8]) -> Result<Validity, String> {
        let read = x509_cert::Certificate::from_der(certificate).map_err(|error| error.to_string())?;
        let validity = read.tbs_certificate.validity;
        Ok(Validity { from: moment(validity.not_before), until: moment(validity.not_after) })
    }
}

fn moment(time: Time) -> Timestamp {
    Timestamp(i64::try_from(time.to_unix_duration().as_micros()).unwrap_or(i64::MAX))
}
