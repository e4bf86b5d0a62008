//! The settings of `[backup]`: where to the ledger is shipped while it is written, and how an object store is reached.

use std::time::Duration;

use backups::ObjectOptions;

use super::read::Read;
use super::{ConfigError, Key};

/// Where backups go.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Backup {
    /// The folder or address that the daemon ships to; `None`: it does not.
    pub(crate) to: Option<String>,
    /// How often.
    pub(crate) interval: Duration,
    /// How a store is reached, for the commands too.
    pub(crate) objects: ObjectOptions,
}

/// A secret must not get into a log.
impl std::fmt::Debug for Backup {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ObjectOptions { endpoint, region, access_key_id, secret_access_key } = &self.objects;
        let secret = secret_access_key.as_ref().map(|_| super::listing::MASK);
        out.debug_struct("Backup")
            .field("to", &self.to)
            .field("interval", &self.interval)
            .field("endpoint", endpoint)
            .field("region", region)
            .field("access_key_id", access_key_id)
            .field("secret_access_key", &secret)
            .finish()
    }
}

impl Read<'_> {
    pub(super) fn backup(&self) -> Result<Backup, ConfigError> {
        let to = self.text(Key::BackupTo);
        if let Some(address) = to.as_deref().filter(|to| to.contains("://") && !to.starts_with("s3://")) {
            let expected = "a folder, or s3://BUCKET/PREFIX";
            return Err(self.invalid(Key::BackupTo, expected, address.to_owned()));
        }
        Ok(Backup {
            to,
            interval: Duration::from_secs(self.at_least_one(Key::BackupIntervalSeconds)?),
            objects: ObjectOptions {
                endpoint: self.text(Key::BackupS3Endpoint),
                region: self.text(Key::BackupS3Region),
                access_key_id: self.text(Key::BackupS3AccessKeyId),
                secret_access_key: self.secret(Key::BackupS3Secret, Key::BackupS3SecretFile)?,
            },
        })
    }
}
