//! Tokens that were revoked, by their `jti`: kept in a file of the ledger's directory, in force at once and after a start.
//!
//! An entry goes when its token has expired, since nobody takes it then anyway. One without an end stays for ever, so there
//! is a bound to them ([`REVOKED_MAX`]).

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use exports::WholeFile;
use schemas::Timestamp;
use serde::{Deserialize, Serialize};

/// So many are kept at most: with their reasons some 30 MB of memory, and a file as large that is written at each.
pub const REVOKED_MAX: usize = 100_000;
/// A `jti` has at most so many bytes.
pub const JTI_BYTES_MAX: usize = 256;

/// A token that was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RevokedToken {
    /// Its `jti`.
    pub jti: String,
    /// When it would expire, in seconds since 1970; `None`: never.
    pub expires: Option<i64>,
    /// When it was revoked, in microseconds since 1970.
    pub at: i64,
    /// By whom.
    pub by: String,
    /// Why; may be empty.
    pub why: String,
}

/// Why a token is not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// As many are kept as may be.
    #[error(
        "{REVOKED_MAX} tokens are revoked, and none of them has expired: exchange the key that signed them instead"
    )]
    Full,
    /// Nothing can be kept here.
    #[error("nothing can be kept here, so that it would be in force after a start no more")]
    NowhereToKeep,
    /// The file could not be written.
    #[error("{}: it could not be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// Why the list cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: the list of revoked tokens cannot be read: {cause}", path.display())]
pub struct RevokedUnreadable {
    path: PathBuf,
    cause: std::io::Error,
}

/// The tokens that were revoked.
#[derive(Debug, Default)]
pub struct RevokedTokens {
    kept_in: Option<PathBuf>,
    held: RwLock<Held>,
    /// Held by who writes the file.
    writing: Mutex<()>,
}

/// What tells a file from the one that bore its name before: its inode, and when it was written.
type FileMark = (u64, SystemTime);

#[derive(Clone, Debug, Default)]
struct Held {
    /// By `jti`.
    tokens: BTreeMap<String, RevokedToken>,
    /// Which file they were read from: each write makes another.
    file: Option<FileMark>,
}

impl RevokedTokens {
    /// Reads those that are kept in this file, which need not be there.
    ///
    /// # Errors
    /// If it is there and cannot be read: a token that was revoked must not be taken again for it.
    pub fn open(path: PathBuf, now: Timestamp) -> Result<RevokedTokens, RevokedUnreadable> {
        let tokens = RevokedTokens { kept_in: Some(path), ..RevokedTokens::default() };
        tokens.read_again(now)?;
        Ok(tokens)
    }

    /// Reads the file again if it was written since: by the daemon beside which this one only reads.
    ///
    /// # Errors
    /// If it cannot be read; those of before stay.
    pub(crate) fn read_again(&self, now: Timestamp) -> Result<(), RevokedUnreadable> {
        let Some(path) = &self.kept_in else { return Ok(()) };
        let unreadable = |cause| RevokedUnreadable { path: path.clone(), cause };
        let mark = match mark_of(path) {
            Ok(mark) => mark,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unreadable(error)),
        };
        if self.read().file == Some(mark) {
            return Ok(());
        }
        let text = std::fs::read(path).map_err(unreadable)?;
        let all: Vec<RevokedToken> = serde_json::from_slice(&text).map_err(|error| {
            // It is told once of each file.
            self.held.write().unwrap_or_else(PoisonError::into_inner).file = Some(mark);
            unreadable(error.into())
        })?;
        let tokens = all.into_iter().filter(|token| holds_at(token, now)).map(|token| (token.jti.clone(), token));
        *self.held.write().unwrap_or_else(PoisonError::into_inner) =
            Held { tokens: tokens.collect(), file: Some(mark) };
        Ok(())
    }

    /// Whether a token was revoked.
    pub(crate) fn holds(&self, jti: &str) -> bool {
        self.read().tokens.contains_key(jti)
    }

    /// Up to so many whose `jti` comes after this one, by their `jti`; and how many there are in all.
    pub(crate) fn after(&self, jti: Option<&str>, limit: usize, now: Timestamp) -> (Vec<RevokedToken>, usize) {
        use std::ops::Bound;
        let held = self.read();
        let from = jti.map_or(Bound::Unbounded, Bound::Excluded);
        let chosen = held.tokens.range::<str, _>((from, Bound::Unbounded)).map(|(_, token)| token);
        let chosen = chosen.filter(|token| holds_at(token, now)).take(limit).cloned().collect();
        (chosen, held.tokens.values().filter(|token| holds_at(token, now)).count())
    }

    /// Revokes a token: it is on disk before this returns, and in force. One that was revoked before stays as it is, but for
    /// its end, of which the later counts. Those that have expired go.
    ///
    /// # Errors
    /// If it is not kept; then it is not in force either.
    pub(crate) fn revoke(&self, token: RevokedToken, now: Timestamp) -> Result<RevokedToken, RevokeError> {
        let path = self.kept_in.as_ref().ok_or(RevokeError::NowhereToKeep)?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tokens = self.read().tokens.clone();
        tokens.retain(|_, kept| holds_at(kept, now));
        let token = match tokens.get(&token.jti) {
            None if tokens.len() >= REVOKED_MAX => return Err(RevokeError::Full),
            None => token,
            Some(before) => RevokedToken { expires: later(before.expires, token.expires), ..before.clone() },
        };
        tokens.insert(token.jti.clone(), token.clone());
        let file = write(path, &tokens).map_err(|cause| RevokeError::Write { path: path.clone(), cause })?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Held { tokens, file };
        Ok(token)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a token would still be taken at a moment, were it not revoked.
fn holds_at(token: &RevokedToken, now: Timestamp) -> bool {
    token.expires.is_none_or(|expires| expires > now.0.div_euclid(1_000_000))
}

/// The later of two ends, of which none is never.
fn later(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    Some(one?.max(other?))
}

fn write(path: &std::path::Path, tokens: &BTreeMap<String, RevokedToken>) -> Result<Option<FileMark>, std::io::Error> {
    let mut file = WholeFile::create(path)?;
    let all: Vec<&RevokedToken> = tokens.values().collect();
    file.write_all(&serde_json::to_vec_pretty(&all)?)?;
    file.keep()?;
    Ok(mark_of(path).ok())
}

fn mark_of(path: &std::path::Path) -> Result<FileMark, std::io::Error> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.ino(), metadata.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(4_000_000_000_000_000);
    const SECONDS: i64 = 4_000_000_000;

    fn token(jti: &str, expires: Option<i64>) -> RevokedToken {
        RevokedToken { jti: jti.to_owned(), expires, at: NOW.0, by: "operator".to_owned(), why: "leaked".to_owned() }
    }

    #[test]
    fn what_was_revoked_is_revoked_after_a_start_until_it_would_have_expired() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("revoked-tokens.json");
        let tokens = RevokedTokens::open(path.clone(), NOW).expect("none yet");
        tokens.revoke(token("soon", Some(SECONDS + 1)), NOW).expect("kept");
        tokens.revoke(token("never", None), NOW).expect("kept");
        assert!(tokens.holds("soon") && tokens.holds("never") && !tokens.holds("other"));
        let (later, moment) = (Timestamp(NOW.0 + 1_000_000), Timestamp(NOW.0 + 1));
        assert_eq!(tokens.after(None, 10, moment).1, 2);
        assert_eq!(tokens.after(Some("never"), 10, moment).0, [token("soon", Some(SECONDS + 1))]);
        let again = RevokedTokens::open(path.clone(), later).expect("read");
        assert!(again.holds("never") && !again.holds("soon"));
        again.revoke(token("more", None), later).expect("kept");
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(!text.contains("soon"), "what has expired goes from the file, too: {text}");
        assert!(text.contains("leaked"));
    }

    #[test]
    fn revoked_twice_it_stays_as_it_was_and_ends_with_the_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = RevokedTokens::open(folder.path().join("r"), NOW).expect("none yet");
        tokens.revoke(token("one", Some(SECONDS + 9)), NOW).expect("kept");
        let other = RevokedToken { why: "again".to_owned(), ..token("one", Some(SECONDS + 5)) };
        assert_eq!(tokens.revoke(other.clone(), NOW).expect("kept"), token("one", Some(SECONDS + 9)));
        let for_ever = RevokedToken { expires: None, ..other };
        assert_eq!(tokens.revoke(for_ever, NOW).expect("kept"), token("one", None));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_and_one_that_is_written_beside_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("r");
        std::fs::write(&path, "[{\"jti\": ").expect("written");
        let error = RevokedTokens::open(path.clone(), NOW).expect_err("damaged").to_string();
        assert!(error.contains("the list of revoked tokens cannot be read"), "{error}");
        std::fs::remove_file(&path).expect("removed");
        let (writer, reader) = (
            RevokedTokens::open(path.clone(), NOW).expect("none"),
            RevokedTokens::open(path.clone(), NOW).expect("none"),
        );
        writer.revoke(token("one", None), NOW).expect("kept");
        assert!(!reader.holds("one"));
        reader.read_again(NOW).expect("read");
        assert!(reader.holds("one"));
        std::fs::write(&path, "{").expect("written");
        assert!(reader.read_again(NOW).is_err() && reader.holds("one"), "those of before stay");
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_nothing_where_there_is_no_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("r");
        let many: Vec<RevokedToken> = (0..REVOKED_MAX).map(|number| token(&format!("{number:032}"), None)).collect();
        std::fs::write(&path, serde_json::to_vec(&many).expect("JSON")).expect("written");
        let tokens = RevokedTokens::open(path.clone(), NOW).expect("read");
        assert!(matches!(tokens.revoke(token("one more", None), NOW), Err(RevokeError::Full)));
        assert!(!tokens.holds("one more"));
        tokens.revoke(token(&format!("{:032}", 5), None), NOW).expect("it is revoked already");
        let nowhere = RevokedTokens::default();
        assert!(matches!(nowhere.revoke(token("one", None), NOW), Err(RevokeError::NowhereToKeep)));
        let unwritable = RevokedTokens::open(folder.path().join("no/such/folder"), NOW).expect("none");
        assert!(matches!(unwritable.revoke(token("one", None), NOW), Err(RevokeError::Write { .. })));
        assert!(!unwritable.holds("one"), "what is not kept is not in force");
    }
}
