//! A certificate and its key, judged, with what connections are made with.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::SingleCertAndKey;
use rustls::{RootCertStore, ServerConfig};
use schemas::Timestamp;

use super::certificate::Validity;
use super::error::TlsError;
use super::files::{ClientAuth, Contents, TlsFiles};
use super::pem;

/// What is spoken over TLS, by preference (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate and its key.
pub(super) struct Pair {
    config: Arc<ServerConfig>,
    validity: Validity,
}

impl Pair {
    /// Judges what the files held at a moment.
    pub(super) fn judge(contents: &Contents, files: &TlsFiles, now: Timestamp) -> Result<Pair, TlsError> {
        let chain = pem::certificates(&contents.certificate, &files.certificate)?;
        let damaged = |why: String| TlsError::Damaged { path: files.certificate.clone(), why };
        let first = chain.first().map(CertificateDer::as_ref).unwrap_or_default();
        let validity =
            Validity::of(first).map_err(|why| damaged(format!("the first certificate is damaged: {why}")))?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| damaged(error.to_string()))?;
        let config = match (&files.clients, &contents.authorities) {
            (Some((path, auth)), Some(authorities)) => {
                config.with_client_cert_verifier(clients(authorities, path, *auth, provider)?)
            }
            (Some(_), None) | (None, _) => config.with_no_client_auth(),
        };
        let own = pem::identity((&contents.certificate, &files.certificate), (&contents.key, &files.key))?;
        let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(own)));
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        if validity.until < now {
            return Err(TlsError::Expired { path: files.certificate.clone(), until: validity.until });
        }
        if validity.from > now {
            return Err(TlsError::NotYetValid { path: files.certificate.clone(), from: validity.from });
        }
        Ok(Pair { config: Arc::new(config), validity })
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    pub(super) fn expires(&self) -> Timestamp {
        self.validity.until
    }
}

/// What judges the clients' certificates.
fn clients(
    authorities: &[u8],
    path: &Path,
    auth: ClientAuth,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let damaged = |why: String| TlsError::Damaged { path: path.to_owned(), why };
    let mut roots = RootCertStore::empty();
    for authority in pem::certificates(authorities, path)? {
        roots.add(authority).map_err(|error| damaged(format!("an authority in it cannot be taken: {error}")))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = match auth {
        ClientAuth::Required => verifier,
        ClientAuth::Optional => verifier.allow_unauthenticated(),
    };
    verifier.build().map_err(|error| damaged(error.to_string()))
}
