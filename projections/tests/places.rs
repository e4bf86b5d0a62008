//! How far a topic was read is the place of that topic, not of whatever has its name now.

use std::sync::Arc;

use ledger::{Batch, Frame, Ledger, LedgerOptions, MemoryStorage};
use projections::{Context, State};
use schemas::Timestamp;

struct Given {
    ledger: Ledger,
    state: State,
}

impl Given {
    fn new() -> Given {
        let storage = Arc::new(MemoryStorage::default());
        let ledger = Ledger::open(storage, LedgerOptions::default()).expect("memory opens").0;
        Given { ledger, state: State::new() }
    }

    fn commit(&mut self, fill: impl FnOnce(&mut Batch)) {
        let now = Timestamp(1_772_357_400_000_000);
        let mut batch = Batch::new(self.ledger.dictionary(), now);
        fill(&mut batch);
        let commit = self.ledger.commit(self.state.index(), &[batch], now).expect("memory takes it");
        let frame: Frame = commit.frame.expect("a frame");
        let reader = self.ledger.reader();
        self.state.apply_frame(&frame, &self.ledger.dictionary(), Context::alone(&reader)).expect("memory can be read");
    }
}

#[test]
fn a_check_is_of_the_offset_that_it_came_with() {
    let mut given = Given::new();
    given.commit(|batch| {
        batch.set_offset("events", 0, 5);
        batch.set_offset_check("events", 0, 55);
    });
    assert_eq!((given.state.next_offset("events", 0), given.state.offset_check("events", 0)), (Some(5), Some(55)));
    given.commit(|batch| batch.set_offset("events", 0, 6));
    assert_eq!((given.state.next_offset("events", 0), given.state.offset_check("events", 0)), (Some(6), None));
}

#[test]
fn who_does_not_know_the_identity_of_a_topic_does_not_take_it_from_the_ledger() {
    let mut given = Given::new();
    assert_eq!(given.state.topic_identity("events"), None);
    given.commit(|batch| batch.set_topic_identity("events", [1; 16]));
    given.commit(|batch| batch.set_topic_identity("events", [0; 16]));
    assert_eq!(given.state.topic_identity("events"), Some([1; 16]));
}

#[test]
fn a_topic_accepted_as_new_is_read_from_its_beginning_and_others_go_on() {
    let mut given = Given::new();
    given.commit(|batch| {
        batch.set_topic_identity("events", [1; 16]);
        batch.set_offset("events", 0, 5);
        batch.set_offset("events", 1, 6);
        batch.set_offset("other", 0, 7);
    });
    given.commit(|batch| batch.accept_topic("events", [1; 16], [2; 16], "operator 7"));
    assert_eq!(given.state.topic_identity("events"), Some([2; 16]));
    assert_eq!((given.state.next_offset("events", 0), given.state.next_offset("events", 1)), (None, None));
    assert_eq!(given.state.next_offset("other", 0), Some(7));
    given.commit(|batch| {
        batch.accept_topic("events", [2; 16], [3; 16], "operator 7");
        batch.set_offset("events", 0, 1);
    });
    assert_eq!(given.state.next_offset("events", 0), Some(1));
}
