//! A law of cost: what an event asks of the index takes as many steps however many events there are. Steps are counted, and
//! no time is taken.

use schemas::{Timestamp, Vip};

use super::*;
use crate::identity::identity_hash;

fn event(uid: u64, id: &str) -> Event<'static> {
    let (source, time) = ("/test".into(), Timestamp(1_800_000_000_000_000));
    Event { source, id: id.to_owned().into(), time, body: Body::Vip(Vip { uid: Uid(uid), vip_level: 1 }) }
}

/// So many accounts, each with so many events.
fn index_of(accounts: u64, events: u64) -> Index {
    let mut index = Index::new();
    for number in 0..accounts * events {
        index.insert(number + 1, &event(1 + number % accounts, &number.to_string()));
    }
    index
}

/// The steps that it takes to find whether each of a thousand events is known: every second one is.
fn steps_of_a_thousand(index: &Index, accounts: u64, events: u64) -> u64 {
    let mut all = 0;
    for number in 0..1_000 {
        let known = number * 7_919 % (accounts * events);
        let is_known = number % 2 == 0;
        let id = if is_known { known.to_string() } else { format!("new {number}") };
        let hash = identity_hash("/test", &id);
        let asked = [Some((Uid(1 + known % accounts), hash))];
        let (found, steps) = crate::steps::of(|| index.look_up(&asked)[0]);
        assert_eq!(found, is_known, "{id} of {accounts} accounts with {events} events");
        all += steps;
    }
    all
}

#[test]
fn what_an_event_asks_of_the_index_takes_as_many_steps_with_ten_times_the_events() {
    // More accounts; more events of each; and a market maker's. Of those with a table none waits for it, here and there.
    for (accounts, events, times_accounts, times_events) in [(2_000, 10, 10, 1), (20, 1_984, 1, 10), (1, 20_032, 1, 10)]
    {
        let one = steps_of_a_thousand(&index_of(accounts, events), accounts, events);
        let (accounts, events) = (accounts * times_accounts, events * times_events);
        let ten = steps_of_a_thousand(&index_of(accounts, events), accounts, events);
        assert!(
            ten * 10 <= one * 12 + 10_000,
            "{ten} steps of {accounts} accounts with {events} events, {one} of a tenth"
        );
    }
}
