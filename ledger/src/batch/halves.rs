//! A batch that is more than a frame can hold, cut in two.

use super::{Batch, Item, ItemKind};

impl Batch {
    /// The batch as two, each with about half of its items, to be committed one after the other. What it says beside
    /// its items goes with the second: the source positions are reached only when all of it is held.
    ///
    /// # Errors
    /// The batch itself, if it has fewer than two items.
    pub fn halves(mut self) -> Result<(Batch, Batch), Box<Batch>> {
        let half = self.items.len() / 2;
        if half == 0 {
            return Err(Box::new(self));
        }
        let mut second = Batch::new(self.dictionary.clone(), self.received_at);
        second.actor = self.actor.clone();
        let items = self.items.split_off(half);
        let records_end = self.items.last().map_or(0, |item| item.records_end);
        second.records = self.records.split_off(records_end as usize);
        let (claims, rejected) = (self.first_claim(&items), self.first_rejected(&items));
        second.claims = self.claims.split_off(claims);
        second.rejected = self.rejected.split_off(rejected);
        second.items = items.into_iter().map(|item| moved(item, records_end, claims, rejected)).collect();
        let first_try = self.tries.partition_point(|tried| (tried.item as usize) < half);
        second.tries = self.tries.split_off(first_try);
        second.tries.iter_mut().for_each(|tried| tried.item -= half as u32);
        std::mem::swap(&mut second.offsets, &mut self.offsets);
        std::mem::swap(&mut second.topics, &mut self.topics);
        std::mem::swap(&mut second.offset_checks, &mut self.offset_checks);
        std::mem::swap(&mut second.acceptances, &mut self.acceptances);
        std::mem::swap(&mut second.discards, &mut self.discards);
        second.kept_bytes = second.count_kept();
        self.kept_bytes = self.kept_bytes.saturating_sub(second.kept_bytes);
        Ok((self, second))
    }

    /// Where the claims of these items begin, which are the last of the batch.
    fn first_claim(&self, items: &[Item]) -> usize {
        let first = items.iter().find(|item| has_claim(item.kind));
        first.map_or(self.claims.len(), |item| item.place as usize)
    }

    fn first_rejected(&self, items: &[Item]) -> usize {
        let first = items.iter().find(|item| item.kind == ItemKind::Rejected);
        first.map_or(self.rejected.len(), |item| item.place as usize)
    }

    fn count_kept(&self) -> usize {
        let claims = self.claims.iter().map(|claim| claim.raw.len() + claim.name.len() + claim.origin.len());
        let rejected = self.rejected.iter().map(|it| it.raw.len() + it.origin.len() + it.rejection.detail.len());
        claims.sum::<usize>() + rejected.sum::<usize>()
    }
}

/// An item of the second half as it stands there.
fn moved(item: Item, records_end: u32, claims: usize, rejected: usize) -> Item {
    let before = match item.kind {
        ItemKind::Rejected => rejected,
        // Of an account's event the place means nothing.
        ItemKind::OfAccount | ItemKind::OfPlatform => item.place as usize,
        ItemKind::Registration | ItemKind::Code | ItemKind::OfName => claims,
    };
    Item { records_end: item.records_end - records_end, place: item.place - before as u32, ..item }
}

fn has_claim(kind: ItemKind) -> bool {
    match kind {
        ItemKind::Registration | ItemKind::Code | ItemKind::OfName => true,
        ItemKind::OfAccount | ItemKind::OfPlatform | ItemKind::Rejected => false,
    }
}
