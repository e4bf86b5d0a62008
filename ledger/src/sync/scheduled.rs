//! parking_lot's faces on the locks of the scheduler of tests.

use std::ops::{Deref, DerefMut};

pub use shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
pub use shuttle::sync::{RwLockReadGuard, RwLockWriteGuard};
pub use shuttle::thread::yield_now;

/// A thread that panics ends the run, so no lock is met whose holder did.
const NO_PANIC: &str = "no thread panicked while it held the lock";

/// As parking_lot's.
#[derive(Debug, Default)]
pub struct Mutex<T>(shuttle::sync::Mutex<T>);

/// As parking_lot's. Empty only while it is waited with.
#[derive(Debug)]
pub struct MutexGuard<'a, T>(Option<shuttle::sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    /// As parking_lot's.
    pub fn new(value: T) -> Mutex<T> {
        Mutex(shuttle::sync::Mutex::new(value))
    }

    /// As parking_lot's.
    ///
    /// # Panics
    /// If a thread panicked while it held it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().expect(NO_PANIC)))
    }

    /// As parking_lot's.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok().map(|guard| MutexGuard(Some(guard)))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("held")
    }
}

/// As parking_lot's.
#[derive(Debug, Default)]
pub struct Condvar(shuttle::sync::Condvar);

impl Condvar {
    /// As parking_lot's.
    #[must_use]
    pub fn new() -> Condvar {
        Condvar::default()
    }

    /// As parking_lot's.
    ///
    /// # Panics
    /// If a thread panicked while it held the lock.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.0 = guard.0.take().map(|held| self.0.wait(held).expect(NO_PANIC));
    }

    /// As parking_lot's.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// As parking_lot's.
#[derive(Debug, Default)]
pub struct RwLock<T>(shuttle::sync::RwLock<T>);

impl<T> RwLock<T> {
    /// As parking_lot's.
    pub fn new(value: T) -> RwLock<T> {
        RwLock(shuttle::sync::RwLock::new(value))
    }

    /// As parking_lot's.
    ///
    /// # Panics
    /// If a thread panicked while it held it.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect(NO_PANIC)
    }

    /// As parking_lot's.
    ///
    /// # Panics
    /// If a thread panicked while it held it.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect(NO_PANIC)
    }
}

/// Lets go of a lock for writing, and lets others go on.
pub fn unlock_fair<T>(guard: RwLockWriteGuard<'_, T>) {
    drop(guard);
    yield_now();
}
