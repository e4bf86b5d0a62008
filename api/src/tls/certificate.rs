//! What a certificate says of itself.

use schemas::Timestamp;
use x509_cert::der::Decode;
use x509_cert::time::Time;

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
