//! The public keys of a provider of identities, by their address: fetched now and then, at once where a token names a key
//! that is not known, and kept beside the ledger, so that the provider need not be there at the start.
//!
//! Whoever makes up the names of keys cannot have the provider asked more often than once in [`RefreshLimits::pause`].

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use exports::WholeFile;
use serde::{Deserialize, Serialize};

use super::jwks::{self, Broken, PublicKey};
use crate::fetch::Fetch;

/// How often a provider is asked for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshLimits {
    /// So long after it was asked it is asked again, whatever tokens come.
    pub every: Duration,
    /// For a token that names an unknown key it is asked at most once in so long; and after a failure so long is waited.
    pub pause: Duration,
}

impl Default for RefreshLimits {
    fn default() -> Self {
        RefreshLimits { every: Duration::from_secs(300), pause: Duration::from_secs(10) }
    }
}

/// Where the keys are kept from one start to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nowhere.
    Nowhere,
    /// In this file, which another process writes.
    ByAnother(PathBuf),
    /// In this file.
    Here(PathBuf),
}

/// What came of asking a provider for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It gave keys, which are in force.
    Taken,
    /// It gave none that can be taken, or no answer: those of before stay in force.
    Failed,
}

impl Refreshed {
    /// As it is counted.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Refreshed::Taken => "taken",
            Refreshed::Failed => "failed",
        }
    }
}

/// The keys as they are kept on disk.
#[derive(Deserialize, Serialize)]
struct KeptKeys {
    /// Where they came from: those of another address are not taken.
    url: String,
    /// The set as the provider gave it.
    jwks: String,
}

/// A provider's keys.
pub struct ProviderKeys {
    url: String,
    fetch: Arc<dyn Fetch>,
    kept: Kept,
    limits: RefreshLimits,
    keys: RwLock<Arc<Vec<PublicKey>>>,
    last: Mutex<Option<Asked>>,
    /// Held by who asks the provider: others wait, and find what it gave.
    turn: tokio::sync::Mutex<()>,
}

/// When the provider was asked, and what came of it.
#[derive(Clone, Copy)]
struct Asked {
    ended: Instant,
    outcome: Refreshed,
}

impl ProviderKeys {
    /// The keys at an address, with those of before if they are kept. Nobody is asked yet.
    #[must_use]
    pub fn new(url: String, fetch: Arc<dyn Fetch>, kept: Kept, limits: RefreshLimits) -> ProviderKeys {
        let known = match &kept {
            Kept::Nowhere => None,
            Kept::ByAnother(path) | Kept::Here(path) => read_kept(path, &url),
        };
        ProviderKeys {
            url,
            fetch,
            kept,
            limits,
            keys: RwLock::new(Arc::new(known.unwrap_or_default())),
            last: Mutex::new(None),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Where they are.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often it is asked.
    #[must_use]
    pub fn limits(&self) -> RefreshLimits {
        self.limits
    }

    /// The keys that are known.
    pub(super) fn known(&self) -> Arc<Vec<PublicKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long until it is to be asked again.
    pub(crate) fn until_due(&self) -> Duration {
        let Some(asked) = self.asked() else { return Duration::ZERO };
        let wait = match asked.outcome {
            Refreshed::Taken => self.limits.every,
            Refreshed::Failed => self.limits.every.min(self.limits.pause),
        };
        wait.saturating_sub(asked.ended.elapsed())
    }

    /// Asks the provider if it is time to.
    pub(crate) async fn refresh_if_due(self: &Arc<Self>) -> Option<Refreshed> {
        if !self.until_due().is_zero() {
            return None;
        }
        let _turn = self.turn.lock().await;
        if self.until_due().is_zero() { Some(self.ask().await) } else { None }
    }

    /// Asks the provider because a token names a key that is not known; not if it was asked within the pause. Who comes
    /// while it is asked waits for what it gives.
    pub(crate) async fn refresh_for_unknown(self: &Arc<Self>) -> Option<Refreshed> {
        let came = Instant::now();
        let _turn = self.turn.lock().await;
        // An answer that takes longer than the pause must not have each who waits for it ask once more.
        let is_soon = self.asked().is_some_and(|asked| asked.ended > came || asked.ended.elapsed() < self.limits.pause);
        if is_soon { None } else { Some(self.ask().await) }
    }

    fn asked(&self) -> Option<Asked> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(self: &Arc<Self>) -> Refreshed {
        let asking = Arc::clone(self);
        let fetched = tokio::task::spawn_blocking(move || asking.fetch_set()).await;
        let outcome = match fetched.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(()) => Refreshed::Taken,
            Err(why) => {
                let known = self.known().len();
                tracing::warn!(url = self.url, why, known, "the provider gave no keys: those that are known stay");
                Refreshed::Failed
            }
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Asked { ended: Instant::now(), outcome });
        outcome
    }

    /// Fetches the set, puts it in force, and keeps it.
    fn fetch_set(&self) -> Result<(), String> {
        let fetched = self.fetch.get(&self.url)?;
        if fetched.status != 200 {
            return Err(format!("it answered with the status {}", fetched.status));
        }
        let jwks = String::from_utf8(fetched.body).map_err(|_| "its answer is not UTF-8".to_owned())?;
        let keys = jwks::read(&jwks, Broken::PassedOver).map_err(|error| error.to_string())?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        if let Kept::Here(path) = &self.kept
            && let Err(error) = keep(path, &KeptKeys { url: self.url.clone(), jwks })
        {
            // They are in force all the same; a start without the provider would miss them.
            tracing::warn!(path = %path.display(), %error, "the provider's keys could not be kept");
        }
        Ok(())
    }
}

fn keep(path: &std::path::Path, kept: &KeptKeys) -> Result<(), std::io::Error> {
    if let Some(folder) = path.parent() {
        // At the first start it may be fetched before there is a ledger.
        std::fs::create_dir_all(folder)?;
    }
    let mut file = WholeFile::create(path)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.keep()
}

/// The keys of before. What cannot be read is as if it were not there: the provider is asked for them anyway.
fn read_kept(path: &std::path::Path, url: &str) -> Option<Vec<PublicKey>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the keys that were kept cannot be read");
            return None;
        }
    };
    let kept: Option<KeptKeys> = serde_json::from_slice(&bytes).ok();
    let keys = kept.filter(|kept| kept.url == url).map(|kept| jwks::read(&kept.jwks, Broken::PassedOver));
    match keys {
        Some(Ok(keys)) => Some(keys),
        Some(Err(_)) | None => {
            tracing::warn!(path = %path.display(), "the keys that were kept are of another address, or damaged: not used");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::fetch::Fetched;

    const JWKS: &str = include_str!("../../tests/keys/jwks.json");
    /// So many keys the set has that are used here.
    const ALL: usize = 3;

    /// A provider that answers with what it holds, and counts how often it is asked.
    struct Provider {
        answer: Mutex<Result<Fetched, String>>,
        asked: AtomicUsize,
        /// As long as it is set, it takes its time.
        is_slow: AtomicBool,
    }

    impl Provider {
        fn with(body: &str) -> Arc<Provider> {
            Arc::new(Provider {
                answer: Mutex::new(Ok(given(200, body))),
                asked: AtomicUsize::new(0),
                is_slow: AtomicBool::new(false),
            })
        }

        fn now_answers(&self, answer: Result<Fetched, String>) {
            *self.answer.lock().expect("a lock") = answer;
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    impl Fetch for Provider {
        fn get(&self, _: &str) -> Result<Fetched, String> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            while self.is_slow.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            self.answer.lock().expect("a lock").clone()
        }

        fn post_form(&self, _: &str, _: Option<&str>, _: &[(&str, &str)]) -> Result<Fetched, String> {
            Err("nothing is posted".to_owned())
        }
    }

    fn given(status: u16, body: &str) -> Fetched {
        Fetched { status, body: body.as_bytes().to_vec() }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    fn keys(provider: &Arc<Provider>, kept: Kept, pause: Duration) -> Arc<ProviderKeys> {
        let fetch: Arc<dyn Fetch> = Arc::<Provider>::clone(provider);
        let limits = RefreshLimits { every: HOUR, pause };
        Arc::new(ProviderKeys::new("https://id.example/jwks".to_owned(), fetch, kept, limits))
    }

    #[tokio::test]
    async fn however_many_tokens_name_unknown_keys_the_provider_is_asked_once_in_a_pause() {
        let provider = Provider::with(JWKS);
        let keys = keys(&provider, Kept::Nowhere, HOUR);
        let asking: Vec<_> = (0..500)
            .map(|_| {
                let keys = Arc::clone(&keys);
                tokio::spawn(async move { keys.refresh_for_unknown().await })
            })
            .collect();
        let mut refreshed = 0;
        for one in asking {
            refreshed += usize::from(one.await.expect("no panic").is_some());
        }
        assert_eq!((provider.asked(), refreshed), (1, 1));
        assert_eq!(keys.known().len(), ALL);
        assert_eq!(keys.refresh_if_due().await, None, "it is not time");
        let eager = self::keys(&provider, Kept::Nowhere, Duration::ZERO);
        for asked in 2..5 {
            assert_eq!(eager.refresh_for_unknown().await, Some(Refreshed::Taken));
            assert_eq!(provider.asked(), asked, "without a pause each one is asked for");
        }
    }

    #[tokio::test]
    async fn who_waits_for_an_answer_that_takes_longer_than_the_pause_is_content_with_it() {
        let provider = Provider::with(JWKS);
        let keys = keys(&provider, Kept::Nowhere, Duration::ZERO);
        provider.is_slow.store(true, Ordering::SeqCst);
        let came = Arc::new(AtomicUsize::new(0));
        let asking: Vec<_> = (0..500)
            .map(|_| {
                let (keys, came) = (Arc::clone(&keys), Arc::clone(&came));
                tokio::spawn(async move {
                    // Nothing is waited for between this and the look at the clock.
                    came.fetch_add(1, Ordering::SeqCst);
                    keys.refresh_for_unknown().await
                })
            })
            .collect();
        while came.load(Ordering::SeqCst) < asking.len() {
            tokio::task::yield_now().await;
        }
        provider.is_slow.store(false, Ordering::SeqCst);
        for one in asking {
            one.await.expect("no panic");
        }
        assert_eq!(provider.asked(), 1);
    }

    #[tokio::test]
    async fn what_the_provider_cannot_give_leaves_the_keys_of_before() {
        let provider = Provider::with(JWKS);
        let keys = keys(&provider, Kept::Nowhere, Duration::ZERO);
        assert_eq!(keys.refresh_if_due().await, Some(Refreshed::Taken));
        for answer in [
            Err("nobody answers".to_owned()),
            Ok(given(503, JWKS)),
            Ok(given(200, "<html>")),
            Ok(given(200, r#"{"keys": []}"#)),
            Ok(Fetched { status: 200, body: vec![0xff] }),
        ] {
            provider.now_answers(answer.clone());
            assert_eq!(keys.refresh_for_unknown().await, Some(Refreshed::Failed), "{answer:?}");
            assert_eq!(keys.known().len(), ALL, "{answer:?}");
        }
        assert_eq!(keys.until_due(), Duration::ZERO, "after a failure the pause is waited, and not the hour");
        let one: serde_json::Value = serde_json::from_str(JWKS).expect("JSON");
        provider.now_answers(Ok(given(200, &serde_json::json!({"keys": [one["keys"][0]]}).to_string())));
        assert_eq!(keys.refresh_for_unknown().await, Some(Refreshed::Taken));
        assert_eq!(keys.known().len(), 1, "what it gives no more is no more taken");
    }

    #[tokio::test]
    async fn what_was_kept_is_there_at_a_start_without_the_provider_and_for_its_own_address_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("not yet there/provider-keys.json");
        let provider = Provider::with(JWKS);
        assert_eq!(keys(&provider, Kept::Here(path.clone()), HOUR).refresh_if_due().await, Some(Refreshed::Taken));
        provider.now_answers(Err("nobody answers".to_owned()));
        let later = keys(&provider, Kept::Here(path.clone()), HOUR);
        assert_eq!(later.known().len(), ALL);
        assert_eq!(later.refresh_if_due().await, Some(Refreshed::Failed));
        assert_eq!(later.known().len(), ALL);
        let fetch: Arc<dyn Fetch> = provider;
        let other = |url: &str, path: &std::path::Path| {
            let (url, fetch, path) = (url.to_owned(), Arc::clone(&fetch), path.to_owned());
            ProviderKeys::new(url, fetch, Kept::ByAnother(path), RefreshLimits::default()).known().len()
        };
        assert_eq!(other("https://other.example/jwks", &path), 0);
        std::fs::write(&path, "{\"url\": \"https://id.example/jwks\"").expect("written");
        assert_eq!(other("https://id.example/jwks", &path), 0, "what is damaged is not used");
        assert_eq!(other("https://id.example/jwks", folder.path()), 0, "nor what is no file");
    }
}
