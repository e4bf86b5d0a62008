//! A law of cost: a save writes as many parts as accounts were changed, up to a factor, however many accounts there are.

mod given;

use std::collections::BTreeSet;
use std::sync::Arc;

use checkpoints::{KeepPolicy, KeptCheckpoints, PartName};
use ledger::MemoryStorage;
use schemas::Event;
use schemas::json::read_event;

use given::{Book, NOW};

/// How many codes there are.
const CODES: u64 = 300;

fn event(kind: &str, id: &str, time: &str, data: &str) -> Event<'static> {
    let line = format!(
        r#"{{"specversion":"1.0","type":"referral.{kind}.v1","source":"/test","id":"{id}","time":"{time}","data":{data}}}"#
    );
    read_event(line.as_bytes(), NOW).expect("an event").into_owned()
}

fn registration(uid: u64) -> Event<'static> {
    let data = format!(r#"{{"uid":{uid},"account_type":"major","country":"DE","code":"C{:03}"}}"#, uid % CODES);
    event("registration", &format!("r{uid}"), "2026-01-05T00:00:00Z", &data)
}

fn trade(uid: u64, round: u64) -> Event<'static> {
    let data = format!(
        r#"{{"uid":{uid},"product":"spot","symbol":"BTCUSDT","volume_usd":"1000","fee_usd":"1","fee_asset":"USDT","fee_amount":"1","vip_level":0}}"#
    );
    event("trade", &format!("t{uid}-{round}"), "2026-03-01T00:00:00Z", &data)
}

/// A book of so many accounts, each of which has traded.
fn book(accounts: u64) -> Book {
    let code = |number: u64| {
        let data = format!(
            r#"{{"code":"C{number:03}","owner_uid":{},"spot_rebate_rate":"0.05","futures_rebate_rate":"0.02"}}"#,
            1_000_000 + number
        );
        event("code", &format!("c{number}"), "2026-01-01T00:00:00Z", &data)
    };
    let registrations = (1..=accounts).map(registration);
    let trades = (1..=accounts).map(|uid| trade(uid, 0));
    let events: Vec<Event<'_>> = (0..CODES).map(code).chain(registrations).chain(trades).collect();
    Book::of(&events, 2_000)
}

struct Saved {
    parts: BTreeSet<PartName>,
    written: u64,
}

fn save(kept: &KeptCheckpoints, book: &Book) -> Saved {
    let before = kept.disk_use().written;
    let checkpoint = kept.write(&book.state, &book.ledger.end()).expect("written");
    Saved {
        parts: checkpoint.parts().expect("a list").into_iter().collect(),
        written: kept.disk_use().written - before,
    }
}

/// How many parts and bytes a save writes when so many accounts have traded once more, far from each other.
fn changed(book: &mut Book, kept: &KeptCheckpoints, accounts: u64, changed: u64, round: u64) -> (usize, u64) {
    let before = save(kept, book);
    let trades: Vec<Event<'_>> = (0..changed).map(|at| trade(1 + at * accounts / changed, round)).collect();
    book.append(&trades);
    let after = save(kept, book);
    (after.parts.difference(&before.parts).count(), after.written)
}

#[test]
fn a_save_writes_parts_by_what_was_changed_and_not_by_what_there_is() {
    // Of each account: what trades change of it, its entries in the index, and the cells of its code.
    const EACH: usize = 3;
    // Of the whole: what is one of its kind of the state and of the index, and the latest event times.
    const ONCE: usize = 4;
    let mut of_one = Vec::new();
    for accounts in [4_000, 16_000] {
        let mut book = book(accounts);
        let kept = KeptCheckpoints::new(Arc::new(MemoryStorage::new()), KeepPolicy::NONE);
        let all = save(&kept, &book);
        for (round, count) in (1..).zip([1, 3, 10]) {
            let (parts, bytes) = changed(&mut book, &kept, accounts, count, round);
            assert!(parts > 0 && parts <= EACH * count as usize + ONCE, "{parts} parts for {count} of {accounts}");
            assert!(parts < all.parts.len(), "{parts} of {} parts", all.parts.len());
            if count == 1 {
                of_one.push(bytes);
            }
        }
    }
    let [few, many] = of_one[..] else { panic!("two sizes") };
    assert!(many < 2 * few, "{few} bytes of 4,000 accounts, {many} of 16,000");
}
