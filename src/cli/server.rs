//! The daemon that a command asks, and what is shown to it.

use std::path::PathBuf;

use clap::Args;

/// A daemon to ask.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServerFlags {
    /// Ask a daemon.
    #[arg(long, value_name = "URL", env = "TRIBUTARY_URL", global = true)]
    pub(crate) url: Option<String>,

    /// The token to show it, such as `tributary token` gives.
    #[arg(long, value_name = "TOKEN", env = "TRIBUTARY_TOKEN", hide_env_values = true, global = true)]
    pub(crate) token: Option<String>,

    /// The authorities that may have signed its certificate, as a PEM file [default: those that this machine trusts].
    #[arg(long, value_name = "FILE", env = "TRIBUTARY_CA", global = true)]
    pub(crate) ca: Option<PathBuf>,

    /// The certificate to show it, where it asks for one, as a PEM file.
    #[arg(long, value_name = "FILE", env = "TRIBUTARY_CERT", global = true)]
    pub(crate) cert: Option<PathBuf>,

    /// The key of that certificate, as a PEM file.
    #[arg(long, value_name = "FILE", env = "TRIBUTARY_KEY", global = true)]
    pub(crate) key: Option<PathBuf>,
}
