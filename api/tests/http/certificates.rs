//! Certificates made for a test, by an authority made for it.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

/// An authority that clients or servers trust.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, PEM.
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("signed").pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for names or addresses, valid from 2020 on until the first day of a year.
    pub fn issue_until(&self, names: &[&str], year: i32) -> Issued {
        self.issue_between(names, 2020, year)
    }

    /// A certificate valid from the first day of a year until that of another.
    pub fn issue_between(&self, names: &[&str], from: i32, until: i32) -> Issued {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Issued { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A certificate of this machine's loopback, valid for long.
    pub fn issue(&self) -> Issued {
        self.issue_until(&["localhost", "127.0.0.1"], 2100)
    }
}

impl Issued {
    /// Writes it where a server reads it; the files are exchanged whole. Gives their paths.
    pub fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        (write(folder, "server.pem", &self.certificate), write(folder, "server.key", &self.key))
    }
}

/// Puts a file in the place of another, whole.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let (path, beside) = (folder.join(name), folder.join(format!("{name}.new")));
    std::fs::write(&beside, text).expect("written");
    std::fs::rename(&beside, &path).expect("in its place");
    path
}
