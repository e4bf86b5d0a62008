//! TLS to the nodes of a cluster, on the OpenSSL that Kafka's client has too.

use std::path::PathBuf;

use api::{read_certificates, read_identity};

use crate::error::ServingError;

/// Whose certificates are taken of nodes, and which one is shown to them. A node's has to name the address that it is reached at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterTls {
    /// The authorities that may have signed the nodes' certificates, as a PEM file; none: those that this machine trusts.
    pub ca: Option<PathBuf>,
    /// A certificate with those that lead to its authority, and its key, as PEM files; none: nobody asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl ClusterTls {
    /// Whether it is built in and the files can be used; no node is asked.
    ///
    /// # Errors
    /// If not.
    pub(super) fn check(&self) -> Result<(), ServingError> {
        if !cfg!(feature = "tls") {
            return Err(ServingError::Tls(
                "it is asked for (cassandra.tls), but not built in: take a build made by cargo build --release --features tls, \
                 on the system's OpenSSL, or --features tls-vendored, on one of its own"
                    .to_owned(),
            ));
        }
        let unusable = |error: api::TlsError| ServingError::Tls(error.to_string());
        if let Some(ca) = &self.ca {
            read_certificates(ca).map_err(unusable)?;
        }
        if let Some((certificate, key)) = &self.identity {
            read_identity(certificate, key).map_err(unusable)?;
        }
        Ok(())
    }
}

#[cfg(feature = "tls")]
pub(super) mod context {
    use std::sync::{Arc, Mutex, PoisonError};

    use openssl::error::ErrorStack;
    use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslVerifyMode};
    use openssl::x509::store::X509StoreBuilder;
    use openssl::x509::{X509, X509VerifyResult};
    use scylla::client::session::OpenSsl010Config;

    use super::{ClusterTls, ServingError, read_certificates};

    /// Why a node's certificate was not taken, as the judge said last: the driver's error does not tell.
    #[derive(Clone, Default)]
    pub(in crate::cluster) struct Judged(Arc<Mutex<Option<X509VerifyResult>>>);

    impl Judged {
        /// In the judge's words, with what to do; none where all were taken.
        pub(in crate::cluster) fn refusal(&self) -> Option<String> {
            let result = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
            let advice = match result.as_raw() {
                // X509_V_ERR_IP_ADDRESS_MISMATCH
                64 => {
                    ": it has to name the address that the node is reached at (an IP address among its alternative names)"
                }
                // X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT to X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
                18..=21 => ": no authority that is trusted signed it; name its authority in cassandra.ca_file",
                _ => "",
            };
            Some(format!("a node's certificate is not taken: {}{advice}", result.error_string()))
        }

        fn keep(&self, result: X509VerifyResult) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    }

    impl ClusterTls {
        /// What each connection is made with.
        ///
        /// # Errors
        /// If a file cannot be used.
        pub(in crate::cluster) fn context(&self, judged: &Judged) -> Result<OpenSsl010Config, ServingError> {
            let authorities = self.ca.as_deref().map(read_certificates).transpose();
            let authorities = authorities.map_err(|error| ServingError::Tls(error.to_string()))?;
            let made = || -> Result<OpenSsl010Config, ErrorStack> {
                let mut builder = SslConnector::builder(SslMethod::tls_client())?;
                if let Some(authorities) = authorities {
                    let mut store = X509StoreBuilder::new()?;
                    for authority in &authorities {
                        store.add_cert(X509::from_der(authority)?)?;
                    }
                    builder.set_cert_store(store.build());
                }
                if let Some((certificate, key)) = &self.identity {
                    builder.set_certificate_chain_file(certificate)?;
                    builder.set_private_key_file(key, SslFiletype::PEM)?;
                }
                let judged = judged.clone();
                builder.set_verify_callback(SslVerifyMode::PEER, move |is_good, context| {
                    if !is_good {
                        judged.keep(context.error());
                    }
                    is_good
                });
                Ok(OpenSsl010Config::new(builder))
            };
            made().map_err(|error| ServingError::Tls(error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(feature = "tls"))]
    fn what_is_not_built_in_is_said_before_any_node_is_asked() {
        let error = ClusterTls::default().check().expect_err("refused");
        assert!(error.to_string().contains("not built in") && error.is_final(), "{error}");
    }

    #[test]
    #[cfg(feature = "tls")]
    fn files_are_judged_before_any_node_is_asked() {
        assert!(ClusterTls::default().check().is_ok());
        let nowhere = PathBuf::from("/nowhere/ca.pem");
        for tls in [
            ClusterTls { ca: Some(nowhere.clone()), identity: None },
            ClusterTls { ca: None, identity: Some((nowhere.clone(), nowhere)) },
        ] {
            let error = tls.check().expect_err("refused");
            assert!(error.to_string().contains("/nowhere/ca.pem") && error.is_final(), "{error}");
        }
    }
}
