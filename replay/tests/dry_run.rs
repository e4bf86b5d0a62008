//! A dry run tells what sending would come to: the outcomes of the ledger, and the differences of a what-if.

#[path = "../../projections/tests/generate/mod.rs"]
mod generate;
#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;
#[path = "what_if/naive.rs"]
mod naive;

use ledger::{Batch, Outcome};
use projections::State;
use projections::query::{AmountsAsked, By};
use proptest::prelude::*;
use proptest::test_runner::Config;
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

/// What an outcome says, but for the ids of quarantine.
fn said(outcomes: &[Outcome]) -> Vec<(Option<u64>, Option<(Rejection, bool)>)> {
    let said = outcomes.iter().map(|outcome| match outcome {
        Outcome::Accepted { position } => (Some(*position), None),
        Outcome::Duplicate { of } => (Some(*of), Some((Rejection::new(Reason::Conflict, "duplicate"), true))),
        Outcome::Quarantined { rejection, is_repeat, .. } => (None, Some(((**rejection).clone(), *is_repeat))),
    });
    said.collect()
}

fn cases(default: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(64))]

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
