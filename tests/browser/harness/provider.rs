//! A real provider of identities beside the platform: the npm package oidc-provider, run by node.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use ureq::Agent;

/// A provider that runs until this is dropped. It stands under another name than the platform, so that to a browser the two
/// are two sites.
pub struct Provider {
    process: Child,
    /// It ends if it writes where nobody reads.
    _output: BufReader<ChildStdout>,
    pub issuer: String,
}

impl Provider {
    /// Starts one; or says what is missing for it.
    pub fn start() -> Result<Provider, &'static str> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        if !folder.join("node_modules/oidc-provider").is_dir() {
            return Err("no oidc-provider: npm ci --ignore-scripts --prefix tests/browser");
        }
        let started = Command::new("node")
            .arg("provider.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut process) = started else { return Err("no node (Debian's package nodejs)") };
        let mut port = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        output.read_line(&mut port).expect("its port");
        assert!(!port.trim().is_empty(), "the provider ended");
        Ok(Provider { process, _output: output, issuer: format!("http://localhost:{}", port.trim()) })
    }

    /// Takes sign-ins for the platform at this address.
    pub fn serves(&self, platform: &str) {
        let back = format!("{platform}/sign-in/provider/back").replace(':', "%3A").replace('/', "%2F");
        let url = format!("{}/-/client?redirect_uri={back}", self.issuer);
        let answer = Agent::new_with_defaults().get(url).call().expect("the provider answers");
        assert_eq!(answer.status(), 200);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
