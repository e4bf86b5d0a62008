//! A list that is short most of the time, and may be long.

use std::iter::{Chain, FlatMap};
use std::slice;
use std::sync::Arc;

/// How many elements a block has: a copy of a list copies fewer than so many.
const BLOCK: usize = 512;

/// The elements of full blocks, and then the others.
type Elements<'l, T> = Chain<
    FlatMap<slice::Iter<'l, Arc<[T]>>, slice::Iter<'l, T>, fn(&'l Arc<[T]>) -> slice::Iter<'l, T>>,
    slice::Iter<'l, T>,
>;

/// Elements in the order in which they came. Full blocks are never changed again, so copies share them; what came since
/// is copied.
#[derive(Debug)]
pub struct List<T> {
    full: Option<Arc<Vec<Arc<[T]>>>>,
    rest: Vec<T>,
}

impl<T: Clone> Clone for List<T> {
    fn clone(&self) -> Self {
        List { full: self.full.clone(), rest: self.rest.clone() }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List { full: None, rest: Vec::new() }
    }
}

fn block_iter<T>(block: &Arc<[T]>) -> slice::Iter<'_, T> {
    block.iter()
}

impl<T> List<T> {
    fn blocks(&self) -> &[Arc<[T]>] {
        self.full.as_ref().map_or(&[], |blocks| blocks)
    }

    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks().len() * BLOCK + self.rest.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full.is_none() && self.rest.is_empty()
    }

    /// One of them, counted from 0.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&T> {
        match self.blocks().get(at / BLOCK) {
            Some(block) => block.get(at % BLOCK),
            None => self.rest.get(at - self.blocks().len() * BLOCK),
        }
    }

    /// All elements, in order.
    pub fn iter(&self) -> Elements<'_, T> {
        self.blocks().iter().flat_map(block_iter as fn(_) -> _).chain(&self.rest)
    }

    /// Bytes on the heap, without those that elements hold elsewhere.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let rest = self.rest.capacity() * size_of::<T>();
        self.full.as_ref().map_or(rest, |blocks| {
            let block = size_of::<Arc<[T]>>() + 16 + BLOCK * size_of::<T>();
            rest + size_of::<Vec<Arc<[T]>>>() + 16 + blocks.len() * block
        })
    }
}

impl<'l, T> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = Elements<'l, T>;

    fn into_iter(self) -> Elements<'l, T> {
        self.iter()
    }
}

impl<T: Clone> List<T> {
    /// One more element.
    pub fn push(&mut self, element: T) {
        self.rest.push(element);
        if self.rest.len() == BLOCK {
            let block = Arc::from(std::mem::take(&mut self.rest));
            Arc::make_mut(self.full.get_or_insert_default()).push(block);
        }
    }
}

impl<T: Clone> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = List::default();
        elements.into_iter().for_each(|element| list.push(element));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_full_blocks_and_holds_what_it_held() {
        let mut list = List::default();
        let mut copies = Vec::new();
        for number in 0..3_000u32 {
            if number % 97 == 0 {
                copies.push((number, list.clone()));
            }
            list.push(number);
        }
        copies.push((3_000, list.clone()));
        for (count, copy) in copies {
            assert_eq!(copy.len(), count as usize);
            assert_eq!(copy.is_empty(), count == 0);
            assert!(copy.iter().copied().eq(0..count));
            assert!((0..count).all(|at| copy.get(at as usize) == Some(&at)) && copy.get(count as usize).is_none());
            assert!(copy.iter().rev().copied().eq((0..count).rev()));
            assert!(copy.blocks().iter().zip(list.blocks()).all(|(one, other)| Arc::ptr_eq(one, other)));
            assert!(copy.rest.len() < BLOCK, "the most that a copy copies");
        }
    }
}
