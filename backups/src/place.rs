//! A folder of an object store, by its address, and what is done there: each call waits until it is done.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use ledger::StorageFile;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    PutPayload, RetryConfig, UpdateVersion,
};
use tokio::runtime::Runtime;

use crate::error::ObjectsError;
use crate::manifest::Manifest;

const SCHEME: &str = "s3://";
const MANIFEST: &str = "manifest.json";
const SEGMENTS: &str = "segments";

/// A part of an upload, which is in memory while it is sent; stores take none under 5 MiB but the last.
const PART: u64 = 8 << 20;
/// No manifest is larger: some hundred thousand segments.
const MANIFEST_BYTES_MAX: u64 = 128 << 20;
/// How long one request may take: a part at a quarter of a megabyte a second.
const REQUEST: Duration = Duration::from_secs(60);
/// So long and so often a request that fails is tried again.
const RETRIES: RetryConfig = RetryConfig { max_retries: 8, retry_timeout: Duration::from_secs(90), backoff: BACKOFF };
const BACKOFF: object_store::BackoffConfig = object_store::BackoffConfig {
    init_backoff: Duration::from_millis(100),
    max_backoff: Duration::from_secs(10),
    base: 2.0,
};

/// How a store is reached, where the variables `AWS_…` of the surroundings do not say it or are not meant. What is empty is
/// not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectOptions {
    /// The address of the store, such as `https://minio.example`; that of the region by default.
    pub endpoint: Option<String>,
    /// Its region; `us-east-1` by default.
    pub region: Option<String>,
    /// The name of the key.
    pub access_key_id: Option<String>,
    /// The key.
    pub secret_access_key: Option<String>,
}

/// A folder of an object store.
pub struct ObjectPlace {
    url: String,
    store: AmazonS3,
    prefix: String,
    runtime: Runtime,
}

/// The manifest as it stands in the store.
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    pub(crate) version: UpdateVersion,
}

impl ObjectPlace {
    /// Whether a text is an address of an object store.
    #[must_use]
    pub fn is_address(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// The place at an address `s3://BUCKET/PREFIX`. No connection is made yet.
    ///
    /// # Errors
    /// If the address is none, or what is known of the store does not go together.
    pub fn at(url: &str, options: &ObjectOptions) -> Result<ObjectPlace, ObjectsError> {
        let address = || ObjectsError::Address { url: url.to_owned() };
        let rest = url.strip_prefix(SCHEME).ok_or_else(address)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        if bucket.is_empty() || rest.contains(['?', '#', '@']) || (!prefix.is_empty() && Path::parse(prefix).is_err()) {
            return Err(address());
        }
        // NOTE: who else has chosen one for this process chose the same: TLS is made by it everywhere.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new().with_timeout(REQUEST).with_connect_timeout(Duration::from_secs(10));
        let mut builder = AmazonS3Builder::from_env().with_client_options(client).with_retry(RETRIES);
        let given = [
            (AmazonS3ConfigKey::Endpoint, &options.endpoint),
            (AmazonS3ConfigKey::Region, &options.region),
            (AmazonS3ConfigKey::AccessKeyId, &options.access_key_id),
            (AmazonS3ConfigKey::SecretAccessKey, &options.secret_access_key),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                builder = builder.with_config(key, value);
            }
        }
        // Whoever writes an address without TLS means it.
        let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
        if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
            builder = builder.with_allow_http(true);
        }
        let settings = |cause| ObjectsError::Settings { url: url.to_owned(), cause };
        let store = builder.with_bucket_name(bucket).build().map_err(settings)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(ObjectPlace {
            url: url.to_owned(),
            store,
            prefix: prefix.to_owned(),
            runtime: runtime.map_err(ObjectsError::Runtime)?,
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The manifest; `None` if there is none.
    pub(crate) fn manifest(&self) -> Result<Option<Found>, ObjectsError> {
        let path = self.path(&[MANIFEST]);
        let damaged = |what| ObjectsError::Manifest { url: self.url.clone(), what };
        let got = self.runtime.block_on(self.get(&path, GetOptions::default(), MANIFEST_BYTES_MAX));
        let got = got.map(|(meta, text)| (UpdateVersion { e_tag: meta.e_tag, version: meta.version }, text));
        match got {
            Ok((_, None)) => Err(damaged("it is too large".to_owned())),
            Ok((version, Some(text))) => {
                Ok(Some(Found { manifest: Manifest::parse(&text).map_err(damaged)?, version }))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(failed("read", &path)(cause)),
        }
    }

    /// Puts a manifest in the place of the one that was found there, if it still is that one; the first one if there is none.
    pub(crate) fn replace_manifest(
        &self,
        manifest: &Manifest,
        before: Option<UpdateVersion>,
    ) -> Result<UpdateVersion, ObjectsError> {
        let path = self.path(&[MANIFEST]);
        let text = Bytes::from(manifest.text());
        let mode = before.map_or(PutMode::Create, PutMode::Update);
        let options = PutOptions { mode, ..PutOptions::default() };
        let put = self.runtime.block_on(self.store.put_opts(&path, PutPayload::from(text), options));
        match put {
            Ok(put) => Ok(UpdateVersion { e_tag: put.e_tag, version: put.version }),
            // The answer to a put may have been lost, and a second try be refused since the first one stands.
            Err(cause) => match self.manifest()? {
                Some(found) if found.manifest == *manifest => Ok(found.version),
                _ if matches!(cause, Error::Precondition { .. } | Error::AlreadyExists { .. }) => {
                    Err(ObjectsError::Overtaken { url: self.url.clone() })
                }
                _ => Err(failed("write", &path)(cause)),
            },
        }
    }

    /// The objects of segments that are there, whoever put them there, with their lengths.
    pub(crate) fn objects(&self) -> Result<BTreeMap<String, u64>, ObjectsError> {
        let folder = self.path(&[SEGMENTS]);
        let listed = self.runtime.block_on(self.store.list(Some(&folder)).try_collect::<Vec<_>>());
        let listed = listed.map_err(failed("list", &folder))?;
        let named = |meta: ObjectMeta| Some((meta.location.filename()?.to_owned(), meta.size));
        Ok(listed.into_iter().filter_map(named).collect())
    }

    /// Sends the first bytes of a file as an object, part by part; tells of each part how long it is.
    pub(crate) fn send(
        &self,
        name: &str,
        file: &dyn StorageFile,
        bytes: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ObjectsError> {
        let path = self.path(&[SEGMENTS, name]);
        let part = |offset: u64| -> Result<Bytes, ObjectsError> {
            let read = file.read(offset, PART.min(bytes - offset) as usize);
            Ok(Bytes::copy_from_slice(&read.map_err(ledger::LedgerError::from)?))
        };
        let sent: Result<(), ObjectsError> = if bytes <= PART {
            let put = self.runtime.block_on(self.store.put(&path, part(0)?.into()));
            put.map(|_| progress(bytes)).map_err(failed("write", &path))
        } else {
            self.runtime.block_on(async {
                let mut upload = self.store.put_multipart(&path).await.map_err(failed("write", &path))?;
                let mut offset = 0;
                while offset < bytes {
                    let part = part(offset)?;
                    let length = part.len() as u64;
                    if let Err(cause) = upload.put_part(part.into()).await {
                        // What cannot be taken back is left to the store's rule for unfinished uploads.
                        let _ = upload.abort().await;
                        return Err(failed("write", &path)(cause));
                    }
                    offset += length;
                    progress(length);
                }
                upload.complete().await.map(|_| ()).map_err(failed("write", &path))
            })
        };
        match sent {
            // The answer to the last step may have been lost. Nobody else gives an object this name.
            Err(error @ ObjectsError::Store { .. }) => match self.runtime.block_on(self.store.head(&path)) {
                Ok(meta) if meta.size == bytes => Ok(()),
                _ => Err(error),
            },
            sent => sent,
        }
    }

    /// Removes objects of segments. What cannot be removed stays; the next run tries again.
    pub(crate) fn remove(&self, names: &[String]) {
        for name in names {
            let path = self.path(&[SEGMENTS, name]);
            match self.runtime.block_on(self.store.delete(&path)) {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(error) => tracing::warn!(object = %path, %error, "an object that no backup names any more stays"),
            }
        }
    }

    /// Bytes of an object of a segment, fewer if it ends before.
    pub(crate) fn read(&self, name: &str, offset: u64, length: usize) -> Result<Bytes, ObjectsError> {
        let path = self.path(&[SEGMENTS, name]);
        let range = Some(GetRange::Bounded(offset..offset + length as u64));
        let options = GetOptions { range, ..GetOptions::default() };
        let got = self.runtime.block_on(self.get(&path, options, u64::MAX));
        match got {
            Ok((_, bytes)) => Ok(bytes.unwrap_or_default()),
            Err(cause @ Error::NotFound { .. }) => Err(failed("read", &path)(cause)),
            // A store refuses a range that begins at or behind the end.
            Err(cause) => match self.runtime.block_on(self.store.head(&path)) {
                Ok(meta) if meta.size <= offset => Ok(Bytes::new()),
                _ => Err(failed("read", &path)(cause)),
            },
        }
    }

    /// An object, or a range of it; its bytes only if it has so many at most. A request is tried again by the client of the
    /// store, an answer that is cut in the middle here.
    async fn get(&self, path: &Path, options: GetOptions, most: u64) -> Result<(ObjectMeta, Option<Bytes>), Error> {
        const TRIES: u32 = 4;
        let mut tries = 1;
        loop {
            let begun = Instant::now();
            let got = match self.store.get_opts(path, options.clone()).await {
                Ok(got) => got,
                // Cut off before its head was whole; one that was tried for long is over.
                Err(Error::Generic { .. }) if tries < TRIES && begun.elapsed() < RETRIES.retry_timeout / 2 => {
                    tries += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let meta = got.meta.clone();
            if meta.size > most {
                return Ok((meta, None));
            }
            match got.bytes().await {
                Ok(bytes) => return Ok((meta, Some(bytes))),
                Err(_) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn path(&self, parts: &[&str]) -> Path {
        let parts = [self.prefix.as_str()].into_iter().filter(|part| !part.is_empty()).chain(parts.iter().copied());
        Path::from(parts.collect::<Vec<_>>().join("/"))
    }
}

fn failed(operation: &'static str, path: &Path) -> impl Fn(Error) -> ObjectsError {
    let object = path.to_string();
    move |cause| ObjectsError::Store { operation, object: object.clone(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_bucket_and_a_folder_or_is_none() {
        let options = ObjectOptions { region: Some("eu-central-1".to_owned()), ..ObjectOptions::default() };
        for (url, prefix) in [
            ("s3://bucket", ""),
            ("s3://bucket/", ""),
            ("s3://bucket/a/b/", "a/b"),
            ("s3://bucket-1.x/tributary", "tributary"),
        ] {
            let place = ObjectPlace::at(url, &options).expect("a place");
            assert_eq!((place.prefix.as_str(), place.url()), (prefix, url));
        }
        for url in
            ["s3://", "s3:///a", "s3://bucket/a?b=c", "s3://key@bucket/a", "s3://bucket/a//b", "s3://bucket/../b"]
        {
            assert!(matches!(ObjectPlace::at(url, &options), Err(ObjectsError::Address { .. })), "{url}");
        }
        assert!(ObjectPlace::is_address("s3://bucket") && !ObjectPlace::is_address("backup/s3"));
    }
}
