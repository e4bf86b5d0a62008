//! Anything that copies share whole.

use std::ops::{Deref, DerefMut};

use triomphe::Arc;

/// A value behind an `Arc`: the first change of a copy copies it whole. For what is small, or seldom changed.
#[derive(Debug, Default)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Holds a value.
    pub fn new(value: T) -> Shared<T> {
        Shared(Arc::new(value))
    }

    /// Whether both hold the same value in memory, so that neither was changed since one was copied from the other.
    #[must_use]
    pub fn is_same(&self, other: &Shared<T>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_what_it_held() {
        let mut one = Shared::new(vec![1]);
        let copy = one.clone();
        assert!(one.is_same(&copy));
        one.push(2);
        assert!(!one.is_same(&copy));
        assert_eq!((&*copy, &*one), (&vec![1], &vec![1, 2]));
    }
}
