//! How often one caller, and one address, may ask: token buckets, whose number is bounded.
//!
//! A bucket is one moment: when it would be full again. One that is full is as one that is not there, and is dropped for
//! another when there is no room. Where all are in use, those who come anew share one bucket: a flood from many addresses
//! makes each other wait, and takes no memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::caller::{Caller, Role};
use crate::problem::{Problem, ProblemKind};
use axum::http::{HeaderValue, header};

/// So many buckets are kept of callers, and as many of addresses: together at most 10 MB.
pub const BUCKETS_MAX: usize = 65_536;
/// It is looked for buckets that are full again at most this often.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many times a second for as long as it likes; at least 1.
    pub per_second: u32,
    /// So many times at once after it has asked little; at least 1.
    pub burst: u32,
}

/// How often may be asked; `None`: as often as one likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// By one who bears a token: a role, and whom the token names, if it does.
    pub of_caller: Option<Rate>,
    /// From one address, or of IPv6 one net of 64 bits, with a token or without.
    pub of_address: Option<Rate>,
}

/// A role, and the digest of a name: names may be long.
type WhoAsks = (Role, Option<u128>);

/// The buckets of callers and of addresses.
pub(crate) struct RateLimiter {
    callers: Exchanged<WhoAsks>,
    addresses: Exchanged<u128>,
}

impl RateLimiter {
    pub(crate) fn new(limits: RateLimits) -> RateLimiter {
        RateLimiter { callers: Exchanged::new(limits.of_caller), addresses: Exchanged::new(limits.of_address) }
    }

    /// Counts by these from now on. Where a rate is another one, everybody begins with a full bucket.
    pub(crate) fn exchange(&self, limits: RateLimits) {
        self.callers.exchange(limits.of_caller);
        self.addresses.exchange(limits.of_address);
    }

    /// Counts a request of a caller.
    ///
    /// # Errors
    /// 429 if it asks too often, with when to ask again.
    pub(crate) fn count_caller(&self, caller: &Caller) -> Result<(), Problem> {
        let Some(buckets) = self.callers.in_force() else { return Ok(()) };
        let name = caller.name().map(|name| digest(&name));
        buckets.take((caller.role(), name), Instant::now()).map_err(|wait| refusal("this caller", wait))
    }

    /// Counts a request from an address.
    ///
    /// # Errors
    /// 429 if it asks too often, with when to ask again.
    pub(crate) fn count_address(&self, address: IpAddr) -> Result<(), Problem> {
        let Some(buckets) = self.addresses.in_force() else { return Ok(()) };
        buckets.take(net_of(address), Instant::now()).map_err(|wait| refusal("this address", wait))
    }
}

fn digest(name: &str) -> u128 {
    let digest = blake3::hash(name.as_bytes());
    digest.as_bytes().iter().take(16).fold(0, |all, byte| (all << 8) | u128::from(*byte))
}

/// What stands for an address: of IPv6 its net, since one who has an address there has all of the net.
fn net_of(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
    }
}

fn refusal(who: &str, wait: Duration) -> Problem {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = format!("{who} asks more often than it may: ask again in {seconds} s");
    let seconds = HeaderValue::from(seconds);
    Problem::new(ProblemKind::TooMany, detail).with_header(header::RETRY_AFTER, seconds)
}

/// The buckets that are in force, if anything is counted.
struct Exchanged<K>(RwLock<Option<Arc<Buckets<K>>>>);

impl<K: Copy + Eq + Hash> Exchanged<K> {
    fn new(rate: Option<Rate>) -> Exchanged<K> {
        Exchanged(RwLock::new(rate.map(|rate| Arc::new(Buckets::new(rate, BUCKETS_MAX)))))
    }

    fn in_force(&self) -> Option<Arc<Buckets<K>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn exchange(&self, rate: Option<Rate>) {
        let mut in_force = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if in_force.as_ref().map(|buckets| buckets.rate) != rate {
            *in_force = rate.map(|rate| Arc::new(Buckets::new(rate, BUCKETS_MAX)));
        }
    }
}

/// Buckets by whose they are.
struct Buckets<K> {
    rate: Rate,
    /// How long it takes until one more may be asked.
    interval: Duration,
    /// How far ahead of now a bucket may be: as many as may be asked at once, less one.
    ahead_max: Duration,
    max: usize,
    inner: Mutex<Inner<K>>,
}

struct Inner<K> {
    /// When each bucket is full again.
    full_at: HashMap<K, Instant>,
    /// The one that those share for whom there is no room.
    shared_full_at: Option<Instant>,
    swept: Option<Instant>,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(rate: Rate, max: usize) -> Buckets<K> {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        Buckets {
            rate,
            interval,
            ahead_max: interval * (rate.burst.max(1) - 1),
            max,
            inner: Mutex::new(Inner { full_at: HashMap::new(), shared_full_at: None, swept: None }),
        }
    }

    /// Takes one out of a bucket; or says how long until there is one.
    fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        let has_room = inner.full_at.len() < self.max || inner.full_at.contains_key(&key) || inner.sweep(self.max, now);
        let full_at =
            if has_room { inner.full_at.entry(key).or_insert(now) } else { inner.shared_full_at.get_or_insert(now) };
        let begins = (*full_at).max(now);
        let ahead = begins.duration_since(now);
        if ahead > self.ahead_max {
            return Err(ahead - self.ahead_max);
        }
        *full_at = begins + self.interval;
        Ok(())
    }
}

impl<K: Copy + Eq + Hash> Inner<K> {
    /// Drops the buckets that are full again, unless that was tried just before; whether there is room then.
    fn sweep(&mut self, max: usize, now: Instant) -> bool {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEEP_EVERY) {
            return false;
        }
        self.swept = Some(now);
        self.full_at.retain(|_, full_at| *full_at > now);
        self.full_at.len() < max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(per_second: u32, burst: u32, max: usize) -> Buckets<u32> {
        Buckets::new(Rate { per_second, burst }, max)
    }

    #[test]
    fn so_many_at_once_and_then_so_many_a_second() {
        let (buckets, start) = (buckets(10, 3, 100), Instant::now());
        let at = |millis| buckets.take(1, start + Duration::from_millis(millis));
        assert_eq!([at(0), at(0), at(0)], [Ok(()); 3]);
        assert_eq!(at(0), Err(Duration::from_millis(100)));
        assert_eq!(at(60), Err(Duration::from_millis(40)), "what is refused costs nothing");
        assert_eq!([at(100), at(200)], [Ok(()); 2]);
        assert!(at(250).is_err());
        assert_eq!([at(10_000), at(10_000), at(10_000)], [Ok(()); 3], "a rest fills it, and no more than that");
        assert!(at(10_000).is_err());
        assert_eq!(buckets.take(2, start), Ok(()), "another has a bucket of its own");
    }

    #[test]
    fn however_many_come_the_table_stays_bounded_and_those_that_were_there_have_their_own() {
        let (buckets, start) = (buckets(1, 2, 64), Instant::now());
        let known: Vec<_> = (0..64).map(|key| buckets.take(key, start)).collect();
        assert!(known.iter().all(Result::is_ok));
        let taken = (1_000..100_000).filter(|key| buckets.take(*key, start).is_ok()).count();
        assert_eq!(taken, 2, "all who come anew share one");
        assert_eq!(buckets.inner.lock().expect("a lock").full_at.len(), 64);
        assert_eq!(buckets.take(5, start), Ok(()), "who was there before is not touched by it");
        let later = start + Duration::from_secs(2);
        assert_eq!(buckets.take(1_000, later), Ok(()), "those that are full again make room");
        assert!(buckets.inner.lock().expect("a lock").full_at.len() < 64);
    }

    #[test]
    fn each_name_has_a_bucket_of_its_own_and_a_rate_that_stays_keeps_it() {
        let slow = |burst| RateLimits { of_caller: Some(Rate { per_second: 1, burst }), of_address: None };
        let limiter = RateLimiter::new(slow(1));
        let named = |name| Caller::new(Role::Operator, None).expect("an operator").named(name);
        let (one, other, nobody) = (named(Some("olga")), named(Some("ada")), named(None));
        for caller in [&one, &other, &nobody] {
            assert!(limiter.count_caller(caller).is_ok() && limiter.count_caller(caller).is_err());
        }
        limiter.exchange(slow(1));
        assert!(limiter.count_caller(&one).is_err(), "what did not change goes on");
        limiter.exchange(slow(2));
        assert!(limiter.count_caller(&one).is_ok() && limiter.count_caller(&one).is_ok());
        assert!(limiter.count_caller(&one).is_err());
        limiter.exchange(RateLimits::default());
        assert!(limiter.count_caller(&one).is_ok(), "without a limit nobody waits");
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_net_and_a_mapped_one_for_itself() {
        let net = |text: &str| net_of(text.parse().expect("an address"));
        assert_eq!(net("2001:db8:1:2:3::4"), net("2001:db8:1:2:ffff::1"));
        assert_ne!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("10.0.0.1"), net("::ffff:10.0.0.1"));
        assert_ne!(net("10.0.0.1"), net("10.0.0.2"));
    }
}
