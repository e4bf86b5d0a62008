//! A law of cost: of a new event nothing is asked but whether it may be known. Steps are counted, and no time is taken.

use std::sync::Arc;

use schemas::{Body, Dictionary, Event, Timestamp, Vip};

use super::*;
use crate::index::Index;
use crate::ledger::{Ledger, LedgerOptions};
use crate::storage::MemoryStorage;

const UID: Uid = Uid(70_012);
const RECEIVED: Timestamp = Timestamp(1_800_000_000_000_000);

fn event(id: String) -> Event<'static> {
    Event { source: "/test".into(), id: id.into(), time: RECEIVED, body: Body::Vip(Vip { uid: UID, vip_level: 1 }) }
}

#[test]
fn a_new_event_is_not_looked_for_among_those_before_it() {
    let mut index = Index::new();
    // More than an account's list, so that a table has them; and some that wait for it.
    for position in 1..=20_032 {
        index.insert(position, &event(format!("known {position}")));
    }
    let mut batch = Batch::new(Arc::new(Dictionary::new()), RECEIVED);
    (0..1_000).for_each(|number| batch.push_event(&event(format!("new {number}")), b"", String::new));
    let (ledger, _) =
        Ledger::open(Arc::new(MemoryStorage::new()), LedgerOptions::default()).expect("an empty ledger opens");
    let known = Known { index: &index, reader: &ledger.reader(), position: 20_033, quarantine: QuarantineId(1) };
    let asked: Vec<Option<Asked>> = batch.items().iter().map(|item| Some((UID, item.hash))).collect();
    let ask = || asked.chunks(LOOKED_UP_TOGETHER).any(|asked| index.look_up(asked).contains(&true));
    let (may_be_known, steps_of_asking) = crate::steps::of(ask);
    assert!(!may_be_known, "none of them shares a fingerprint with one before");
    let batches = [batch];
    let decide = || decide(known, &batches, &mut Overlay::default()).expect("nothing is read");
    let (outcomes, steps) = crate::steps::of(decide);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Accepted { .. })), "all are new");
    assert_eq!(steps, steps_of_asking, "steps of deciding, and of asking alone");
}
