//! A what-if is what importing the edited set into a fresh directory gives (SPEC 6).

#[path = "../../projections/tests/generate/mod.rs"]
mod generate;
#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;
#[path = "what_if/naive.rs"]
mod naive;
#[path = "what_if/scenarios.rs"]
mod scenarios;

use ledger::{Batch, EventReader, Outcome, Position};
use projections::State;
use projections::query::{AmountsAsked, By, RangeRequest};
use projections::views::Difference;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use replay::what_if::{Edited, Misfit, Rules, WhatIf, WhatIfError, what_if};
use schemas::json::data_value;
use schemas::{Event, EventType, Timestamp};
use serde_json::{Value, json};

use given::{Book, NOW};
use naive::naive;

const BY: [By; 7] = [By::Total, By::Referrer, By::Code, By::Day, By::Month, By::Country, By::Product];

/// Asks of a book, up to the position of a state.
fn ask(book: &Book, state: &State, asked: &WhatIf, threads: usize) -> Result<(Difference, Edited), WhatIfError> {
    ask_at(book, state, asked, threads, NOW)
}

/// The same, with the moment at which the added events arrive.
fn ask_at(
    book: &Book,
    state: &State,
    asked: &WhatIf,
    threads: usize,
    arrived: Timestamp,
) -> Result<(Difference, Edited), WhatIfError> {
    what_if(asked, &book.reader(), &|ask: &mut dyn FnMut(&State)| ask(state), arrived, threads, &mut |_| true)
}

/// The events that a ledger accepted, in order.
fn entries(book: &Book) -> Vec<Event<'static>> {
    let reader = book.reader();
    (1..=reader.durable_position()).map(|at| reader.event(at).expect("an entry").into_owned()).collect()
}

/// Edits drawn at random: some narrow, some wide.
fn draw(rng: &mut ChaCha8Rng) -> Value {
    let drops: Vec<Value> = (0..rng.random_range(0..4))
        .map(|_| {
            let event_type = EventType::ALL[rng.random_range(0..EventType::ALL.len())];
            let mut drop = json!({"type": event_type.name()});
            if rng.random_ratio(1, 3) {
                drop["uid"] = generate::UIDS[rng.random_range(0..generate::UIDS.len())].0.into();
            }
            if rng.random_ratio(1, 5) {
                drop["code"] = generate::CODES[rng.random_range(0..generate::CODES.len())].into();
            }
            if rng.random_ratio(1, 3) {
                drop["from"] = generate::NOW.plus_days(rng.random_range(-6..2)).to_string().into();
            }
            if rng.random_ratio(1, 3) {
                drop["to"] = generate::NOW.plus_days(rng.random_range(-6..2)).to_string().into();
            }
            drop
        })
        .collect();
    let adds: Vec<Value> = (0..rng.random_range(0..4)).map(|_| add_of(&generate::event(rng.random()))).collect();
    json!({"drop": drops, "add": adds})
}

/// The edit that puts an event in, but for its identity.
fn add_of(event: &Event<'_>) -> Value {
    json!({"type": event.event_type().name(), "time": event.time.to_string(), "data": data_value(event)})
}

/// The edited set imported into a fresh ledger: what is kept, then each add; or the number of the first add that was
/// not accepted, and why.
fn imported(kept: &[Event<'static>], rules: &Value, a_frame: usize) -> Result<Book, (u64, &'static str)> {
    let mut book = Book::of(kept, a_frame);
    for (add, number) in rules["add"].as_array().expect("adds").iter().zip(1..) {
        let event = json!({
            "specversion": "1.0", "source": "/tributary/what-if", "id": number.to_string(),
            "type": add["type"], "time": add["time"], "data": add["data"],
        });
        let text = event.to_string();
        let event = match schemas::json::read_event(text.as_bytes(), NOW) {
            Ok(event) => event,
            Err(rejection) => return Err((number, rejection.reason.as_str())),
        };
        let mut batch = Batch::new(book.ledger.dictionary(), NOW);
        batch.push_event(&event, text.as_bytes(), || "a test".to_owned());
        match &book.send(batch)[..] {
            [Outcome::Accepted { .. }] => {}
            [Outcome::Quarantined { rejection, .. }] => return Err((number, rejection.reason.as_str())),
            other => panic!("{other:?}"),
        }
    }
    Ok(book)
}

proptest! {
    #![proptest_config(generate::cases(64))]

    #[test]
    fn it_is_what_importing_the_edited_set_gives(arrivals in generate::histories(120), seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let book = Book::of(&arrivals, rng.random_range(1..40));
        let all = entries(&book);
        let until = rng.random_range(0..=all.len());
        let before = Book::of(&all[..until], 1_000);
        let written = draw(&mut rng);
        let rules = Rules::of_json(&written.to_string()).expect("rules");
        let kept: Vec<_> = all[..until].iter().filter(|event| !rules.drops(event)).cloned().collect();
        let expected = imported(&kept, &written, rng.random_range(1..40));
        for by in BY {
            let day = |rng: &mut ChaCha8Rng| generate::NOW.day().plus(rng.random_range(-9..4));
            let (from, to) = (rng.random_bool(0.5).then(|| day(&mut rng)), rng.random_bool(0.5).then(|| day(&mut rng)));
            let amounts = AmountsAsked { by, days: RangeRequest { from, to } };
            let asked = WhatIf { rules: rules.clone(), amounts, all: rng.random_bool(0.5) };
            let answer = ask(&book, &before.state, &asked, rng.random_range(1..4));
            match (&expected, answer) {
                (Ok(expected), Ok((difference, edited))) => {
                    let digest = |state: &State, reader: &dyn EventReader| state.digest(reader).expect("readable");
                    prop_assert_eq!(digest(&edited.state, &edited.reader), expected.digest(), "{}", written);
                    let naive = naive(&before, expected, asked.amounts, asked.all);
                    prop_assert_eq!(&difference.rows, &naive.rows, "{:?} {}", asked.amounts, written);
                    prop_assert_eq!(&difference.sum, &naive.sum, "{:?} {}", asked.amounts, written);
                    prop_assert_eq!(difference.as_of.position, until as Position);
                }
                (Err(misfit), Err(WhatIfError::Misfit(Misfit { number, reason, .. }))) => {
                    prop_assert_eq!((number, reason), *misfit, "{}", written);
                }
                (expected, answer) => prop_assert!(
                    false, "{:?} and {:?}: {}", expected.as_ref().err(), answer.map(|(rows, _)| rows), written
                ),
            }
        }
    }

    /// Leaving events out and putting the same ones in again changes no number, and no edit at all neither.
    #[test]
    fn to_drop_an_event_and_add_it_again_changes_nothing(arrivals in generate::histories(120), seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let book = Book::of(&arrivals, 30);
        // Reversals name a trade's source and id, which an added event has not: trades stay.
        let others = entries(&book).into_iter().filter(|event| event.event_type() != EventType::Trade);
        let mut picked: Vec<_> = others.collect();
        picked.shuffle(&mut rng);
        let mut gone: Vec<Event<'static>> = Vec::new();
        let mut drops: Vec<Value> = Vec::new();
        for pick in picked.iter().take(3).filter(|pick| !gone.contains(pick)).cloned().collect::<Vec<_>>() {
            let alike = |event: &&Event<'_>| (event.event_type(), event.time) == (pick.event_type(), pick.time);
            let alike: Vec<_> = picked.iter().filter(alike).cloned().collect();
            // Ids ascend as texts up to nine of them.
            if gone.len() + alike.len() <= 9 && !gone.contains(&pick) {
                let (from, to) = (pick.time, Timestamp(pick.time.0 + 1));
                let name = pick.event_type().name();
                drops.push(json!({"type": name, "from": from.to_string(), "to": to.to_string()}));
                gone.extend(alike);
            }
        }
        // Among events of one time the order of equals decides, which hangs on source and id: it is kept.
        gone.sort_by(|one, other| one.order_key().cmp(&other.order_key()));
        let adds: Vec<Value> = gone.iter().map(add_of).collect();
        for written in [json!({"drop": drops, "add": adds}), json!({})] {
            let rules = Rules::of_json(&written.to_string()).expect("rules");
            for by in BY {
                let amounts = AmountsAsked { by, days: RangeRequest::default() };
                let asked = WhatIf { rules: rules.clone(), amounts, all: false };
                let later = NOW.plus_days(30);
                let (difference, _) = ask_at(&book, &book.state, &asked, 2, later).expect("a difference");
                prop_assert_eq!(&difference.rows, &[], "{}", written);
                prop_assert!(difference.sum.is_none());
            }
        }
    }
}
