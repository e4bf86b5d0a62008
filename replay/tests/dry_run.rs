//! A dry run tells what sending would come to: the outcomes of the ledger, and the differences of a what-if.

#[path = "../../projections/tests/generate/mod.rs"]
mod generate;
#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;
#[path = "what_if/naive.rs"]
mod naive;

use ledger::{Batch, Outcome, QuarantineId};
use projections::State;
use projections::query::{AmountsAsked, By};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use replay::dry_run;
use replay::what_if::{Rules, WhatIf, WhatIfError, what_if};
use schemas::json::{data_value, read_event};
use schemas::{Event, Reason, Rejection};
use serde_json::{Value, json};

use given::{Book, NOW};
use naive::naive;

const BY_REFERRER: AmountsAsked =
    AmountsAsked { by: By::Referrer, days: projections::query::RangeRequest { from: None, to: None } };

/// Events as they would be sent, in batches of a few; every tenth is none.
fn batches(book: &Book, events: &[Event<'_>], a_batch: usize) -> Vec<Batch> {
    let mut batches = Vec::new();
    for (number, events) in events.chunks(a_batch).enumerate() {
        let mut batch = Batch::new(book.ledger.dictionary(), NOW);
        for (at, event) in events.iter().enumerate() {
            let origin = || format!("file:{number}:{at}");
            if (number * a_batch + at) % 10 == 9 {
                let rejection = Rejection::new(Reason::Malformed, "this is no event");
                batch.push_rejected(rejection, format!("{number} {at}").into_bytes(), origin());
            }
            batch.push_event(event, event.id.as_bytes(), origin);
        }
        batches.push(batch);
    }
    batches
}

/// The outcomes, but for the ids of quarantine, which mean nothing in a dry run.
fn said(outcomes: &[Outcome]) -> Vec<Outcome> {
    let without_id = |outcome: Outcome| match outcome {
        Outcome::Quarantined { rejection, is_repeat, .. } => {
            Outcome::Quarantined { id: QuarantineId(0), rejection, is_repeat }
        }
        Outcome::Accepted { .. } | Outcome::Duplicate { .. } => outcome,
    };
    outcomes.iter().cloned().map(without_id).collect()
}

proptest! {
    #![proptest_config(generate::cases(64))]

    /// In any history, what is said of the rest of it behind any position is what becomes of it when it is sent; the
    /// ledger and its state stay as they were.
    #[test]
    fn it_is_what_sending_comes_to(arrivals in generate::histories(120), seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let until = rng.random_range(0..=arrivals.len());
        let (known, sent) = arrivals.split_at(until);
        // Some of what is known is sent once more.
        let again = &known[known.len() - rng.random_range(0..=known.len().min(5))..];
        let sent: Vec<Event<'_>> = again.iter().chain(sent).cloned().collect();
        let before = Book::of(known, 1_000);
        let mut after = Book::of(known, 1_000);
        let a_batch = rng.random_range(1..40);
        let (digest, position) = (before.digest(), before.state.position());
        let tried = batches(&before, &sent, a_batch);
        let threads = rng.random_range(1..3);
        let (run, changes) = dry_run(&before.state, &before.reader(), &tried, NOW, threads).expect("it can be read");
        let outcomes: Vec<Outcome> =
            batches(&after, &sent, a_batch).into_iter().flat_map(|batch| after.send(batch)).collect();
        prop_assert_eq!(said(run.outcomes()), said(&outcomes));
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Quarantined { .. })).count();
        prop_assert_eq!(run.quarantined().count(), refused);
        prop_assert!(run.quarantined().all(|(origin, _)| origin.starts_with("file:")));
        let expected = naive(&before, &after, BY_REFERRER, false);
        prop_assert_eq!((&changes.rows, &changes.sum), (&expected.rows, &expected.sum));
        prop_assert_eq!(changes.as_of, before.state.as_of());
        prop_assert_eq!((before.digest(), before.state.position()), (digest, position));
        prop_assert_eq!(before.reader().durable_position(), position);
    }

    /// What a what-if adds, sent: the same rows and the same sum, or the same event does not fit in.
    #[test]
    fn it_says_what_a_what_if_that_adds_the_same_says(arrivals in generate::histories(120), seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let book = Book::of(&arrivals, 1_000);
        let adds: Vec<Value> = (0..rng.random_range(0..6)).map(|_| {
            let event = generate::event(rng.random());
            json!({"type": event.event_type().name(), "time": event.time.to_string(), "data": data_value(&event)})
        }).collect();
        let rules = Rules::of_json(&json!({"drop": [], "add": adds}).to_string()).expect("rules");
        let asked = WhatIf { rules, amounts: BY_REFERRER, all: false };
        let lend = |ask: &mut dyn FnMut(&State)| ask(&book.state);
        let what_if = what_if(&asked, &book.reader(), &lend, NOW, 1, &mut |_| true);
        let mut batch = Batch::new(book.ledger.dictionary(), NOW);
        for (add, number) in adds.iter().zip(1..) {
            let text = json!({
                "specversion": "1.0", "source": "/tributary/what-if", "id": number.to_string(),
                "type": add["type"], "time": add["time"], "data": add["data"],
            }).to_string();
            match read_event(text.as_bytes(), NOW) {
                Ok(event) => batch.push_event(&event, text.as_bytes(), || number.to_string()),
                Err(rejection) => batch.push_rejected(rejection, text.clone().into_bytes(), number.to_string()),
            }
        }
        let tried = [batch];
        let (run, changes) = dry_run(&book.state, &book.reader(), &tried, NOW, 1).expect("it can be read");
        let first_unfit = run.outcomes().iter().position(|outcome| !matches!(outcome, Outcome::Accepted { .. }));
        match what_if {
            Ok((difference, _)) => {
                prop_assert_eq!(first_unfit, None);
                prop_assert_eq!(changes, difference);
            }
            Err(WhatIfError::Misfit(misfit)) => prop_assert_eq!(first_unfit, Some(misfit.number as usize - 1)),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}

/// An event of the tests' source, read as any.
fn event(kind: &str, id: &str, time: &str, data: Value) -> Event<'static> {
    let text = json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/t", "id": id, "time": time, "data": data,
    });
    read_event(text.to_string().as_bytes(), NOW).expect("a valid event").into_owned()
}

/// Nothing is replayed: what comes in order reads no entry of the ledger, so that one without any serves as well.
#[test]
fn what_comes_in_order_reads_no_entry_of_the_ledger() {
    let trade = |id: &str, time: &str| {
        let data = json!({
            "uid": 100, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10",
            "fee_asset": "USDT", "fee_amount": "10", "vip_level": 0,
        });
        event("trade", id, time, data)
    };
    let code = json!({"code": "ALPHA", "owner_uid": 7, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0"});
    let registration = json!({"uid": 100, "account_type": "major", "country": "DE", "code": "ALPHA"});
    let mut known = vec![
        event("code", "made", "2026-03-01T00:00:00Z", code),
        event("registration", "registered", "2026-03-02T00:00:00Z", registration),
    ];
    known.extend(
        (0..500).map(|at| trade(&format!("known {at}"), &format!("2026-03-03T00:{:02}:{:02}Z", at / 60, at % 60))),
    );
    let book = Book::of(&known, 100);
    let sent = [trade("one", "2026-03-04T00:00:00Z"), trade("two", "2026-03-05T00:00:00Z")];
    let tried = batches(&book, &sent, 10);
    let (run, changes) = dry_run(&book.state, &Book::new().reader(), &tried, NOW, 1).expect("nothing is read");
    assert!(run.outcomes().iter().all(|outcome| matches!(outcome, Outcome::Accepted { .. })));
    // A fee of 10 gives 1.5 and 0.5.
    let after = "753";
    assert_eq!(changes.rows.iter().map(|row| row.changes.commission_after.to_string()).collect::<Vec<_>>(), [after]);
    assert_eq!(changes.sum.total_difference.to_string(), "4");
}
