//! TLS as a client: whose certificates are trusted, which one is shown, and what to do where it comes to nothing.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use api::{read_certificates, read_identity};
use rustls::{AlertDescription, CertificateError, RootCertStore};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::exit::Failure;

/// Whom a client trusts, and what it shows.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    /// The authorities, as a PEM file; none: those that this machine trusts.
    pub(crate) ca: Option<PathBuf>,
    /// What names that file, for who has to.
    pub(crate) ca_name: &'static str,
    /// The certificate that is shown, as a PEM file.
    pub(crate) cert: Option<PathBuf>,
    /// Its key.
    pub(crate) key: Option<PathBuf>,
}

impl Trust {
    /// What a server at this address is asked with; none over plain HTTP.
    ///
    /// # Errors
    /// If a file cannot be used, or this is for https and the address is not: bad usage.
    pub(crate) fn tls_config(&self, url: &str) -> Result<Option<TlsConfig>, Failure> {
        if !url.starts_with("https://") {
            if self.ca.is_none() && self.cert.is_none() && self.key.is_none() {
                return Ok(None);
            }
            let ca = self.ca_name;
            return Err(Failure::usage(anyhow!("{ca}, --cert and --key are for an address that begins with https://")));
        }
        let shown = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some(read_identity(cert, key).context("--cert, --key").map_err(Failure::usage)?),
            (None, None) => None,
            (Some(_), None) => return Err(Failure::usage(anyhow!("--cert needs --key too"))),
            (None, Some(_)) => return Err(Failure::usage(anyhow!("--key needs --cert too"))),
        };
        let shown = match shown {
            Some((chain, key)) => {
                let chain: Vec<Certificate<'static>> =
                    chain.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
                let key = PrivateKey::from_pem(&key).context("--key").map_err(Failure::usage)?;
                Some(ClientCert::new_with_certs(&chain, key))
            }
            None => None,
        };
        let config = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&self.authorities()?))
            .client_cert(shown)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        Ok(Some(config.build()))
    }

    fn authorities(&self) -> Result<Vec<Certificate<'static>>, Failure> {
        let trusted = match &self.ca {
            Some(path) => {
                let read = read_certificates(path).context(self.ca_name).map_err(Failure::usage)?;
                let mut store = RootCertStore::empty();
                for authority in &read {
                    store.add(authority.clone()).map_err(|error| {
                        let (name, path) = (self.ca_name, path.display());
                        Failure::usage(anyhow!("{name}: {path}: an authority in it cannot be taken: {error}"))
                    })?;
                }
                read
            }
            None => rustls_native_certs::load_native_certs().certs,
        };
        if trusted.is_empty() {
            return Err(Failure::usage(anyhow!(
                "this machine trusts no authority, so that no certificate can be judged: name the server's with {}, or \
                 install the system's certificates (ca-certificates)",
                self.ca_name
            )));
        }
        Ok(trusted.iter().map(|one| Certificate::from_der(one).to_owned()).collect())
    }

    /// Why a server gave no answer, and what to do where TLS is the matter.
    pub(crate) fn why_no_answer(&self, error: ureq::Error) -> anyhow::Error {
        let advice = of_tls(&error).and_then(|error| self.advice(error));
        let error = anyhow::Error::from(error);
        match advice {
            Some(advice) => anyhow!("{advice} ({error})"),
            None => error,
        }
    }

    fn advice(&self, error: &rustls::Error) -> Option<String> {
        if let rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) = error {
            let ca = self.ca_name;
            return Some(format!(
                "no authority that is trusted signed its certificate: name its authority with {ca} FILE"
            ));
        }
        advice(error).map(str::to_owned)
    }
}

/// What a daemon on this machine is asked with where nothing is shown to it and nothing of it is kept: whose its certificate
/// is, is not judged.
pub(crate) fn unjudged() -> TlsConfig {
    TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

fn of_tls(error: &ureq::Error) -> Option<&rustls::Error> {
    if let ureq::Error::Rustls(error) = error {
        return Some(error);
    }
    // What is met after the first word of the handshake comes as a failure of the connection.
    if let ureq::Error::Io(error) = error { error.get_ref()?.downcast_ref() } else { None }
}

fn advice(error: &rustls::Error) -> Option<&'static str> {
    use CertificateError as C;
    use rustls::Error as E;
    if let E::InvalidCertificate(why) = error {
        return if matches!(why, C::NotValidForName | C::NotValidForNameContext { .. }) {
            Some("its certificate is for another name: ask it by a name that the certificate has")
        } else if matches!(why, C::Expired | C::ExpiredContext { .. }) {
            Some("its certificate has ended: who runs it puts a new one in its place")
        } else {
            None
        };
    }
    if let E::AlertReceived(alert) = error {
        return if *alert == AlertDescription::CertificateRequired {
            Some("it asks for a certificate: show one with --cert FILE --key FILE")
        } else if OF_OUR_CERTIFICATE.contains(alert) {
            Some("it does not take the certificate that was shown: show one of an authority that it trusts")
        } else {
            None
        };
    }
    matches!(error, E::InvalidMessage(_)).then_some("it speaks no TLS there: is its address http://…?")
}

/// What a server says of a client's certificate that it does not take.
const OF_OUR_CERTIFICATE: [AlertDescription; 4] = [
    AlertDescription::UnknownCA,
    AlertDescription::BadCertificate,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
];
