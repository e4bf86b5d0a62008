//! The rule of acceptance, told in rows and held against a model.

use std::collections::HashMap;

use ledger::{Index, LedgerOptions, MemoryStorage, Outcome, Position};
use proptest::prelude::*;
use schemas::{Body, Event, Reason, StreamKey, Uid};

use crate::given::{Book, accepted, code, duplicate, in_memory, kyc, offer, options, program, registration, trade};

/// Short for an outcome: `+3` accepted at 3, `=3` a duplicate of 3, `!field` a conflict about a field.
fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { position } => format!("+{position}"),
        Outcome::Duplicate { of } => format!("={of}"),
        Outcome::Quarantined { rejection, .. } => {
            assert_eq!(rejection.reason, Reason::Conflict);
            format!("!{}", rejection.field.as_deref().unwrap_or_default())
        }
    }
}

#[test]
fn given_accepted_events_when_more_come_then_each_is_accepted_a_duplicate_or_a_conflict() {
    let rows: Vec<(&str, Vec<Event<'_>>, &str)> = vec![
        ("one account's ids are its own", vec![trade(1, "s", "a"), trade(2, "s", "a"), trade(1, "s", "b")], "+1 +2 +3"),
        ("source is part of the identity", vec![trade(1, "s", "a"), trade(1, "t", "a")], "+1 +2"),
        ("source and id do not run together", vec![trade(1, "sa", "b"), trade(1, "s", "ab")], "+1 +2"),
        ("the type is not part of it", vec![trade(1, "s", "a"), kyc(1, "s", "a")], "+1 =1"),
        ("nor is anything else it holds", vec![code("ABC", 1, "s", "a"), code("ABC", 2, "s", "a")], "+1 =1"),
        ("a uid never equals a name", vec![trade(123, "s", "a"), code("123", 1, "s", "a")], "+1 +2"),
        ("names share one space", vec![code("ABC", 1, "s", "a"), offer("ABC", "s", "a")], "+1 =1"),
        ("program events have one space", vec![program("s", "a"), program("s", "a"), program("s", "b")], "+1 =1 +2"),
        ("a uid registers once", vec![registration(1, "s", "a"), registration(1, "s", "b")], "+1 !uid"),
        ("duplicate comes before conflict", vec![registration(1, "s", "a"), registration(1, "s", "a")], "+1 =1"),
        (
            "what was quarantined leaves its identity free",
            vec![registration(1, "s", "a"), registration(1, "s", "b"), trade(1, "s", "b")],
            "+1 !uid +2",
        ),
        (
            "a code stays its first owner's",
            vec![code("ABC", 1, "s", "a"), code("ABC", 2, "s", "b"), code("ABC", 1, "s", "c")],
            "+1 !owner_uid +2",
        ),
        ("an offer owns no code", vec![offer("ABC", "s", "a"), code("ABC", 2, "s", "b")], "+1 +2"),
        ("codes are compared exactly", vec![code("ABC", 1, "s", "a"), code("ABD", 2, "s", "a")], "+1 +2"),
    ];
    for (rule, events, expected) in rows {
        let mut together = Book::new();
        let outcomes: Vec<String> = together.commit(&events).iter().map(short).collect();
        assert_eq!(outcomes.join(" "), expected, "{rule}, in one commit");
        let mut one_by_one = Book::new();
        let outcomes: Vec<String> = events
            .iter()
            .flat_map(|event| one_by_one.commit(std::slice::from_ref(event)))
            .map(|it| short(&it))
            .collect();
        assert_eq!(outcomes.join(" "), expected, "{rule}, one a commit");
    }
}

#[test]
fn given_two_batches_in_one_commit_then_the_second_sees_the_first() {
    let mut book = Book::new();
    let batches = [
        book.batch(&[trade(1, "s", "a"), registration(2, "s", "a")]),
        book.batch(&[trade(1, "s", "a"), registration(2, "s", "b"), trade(1, "s", "b")]),
    ];
    let commit = book.try_commit(&batches).expect("commits");
    let outcomes: Vec<String> = commit.outcomes.iter().map(short).collect();
    assert_eq!(outcomes, ["+1", "+2", "=1", "!uid", "+3"]);
}

#[test]
fn duplicates_are_counted_by_source() {
    let mut book = Book::new();
    book.commit(&[trade(1, "s", "a"), trade(1, "t", "a"), program("t", "p")]);
    let batch = book.batch(&[trade(1, "t", "a"), trade(1, "s", "a"), program("t", "p"), trade(1, "s", "b")]);
    let commit = book.try_commit(&[batch]).expect("commits");
    assert_eq!(commit.outcomes, [duplicate(2), duplicate(1), duplicate(3), accepted(4)]);
    let frame = commit.frame.expect("a frame");
    assert_eq!(frame.duplicates().collect::<Vec<_>>(), [("s", 1), ("t", 2)]);
}

#[test]
fn a_commit_of_nothing_writes_nothing_and_one_of_an_offset_writes_a_frame() {
    let mut book = Book::new();
    let empty = book.batch(&[]);
    assert!(book.try_commit(&[empty]).expect("commits").frame.is_none());
    let mut batch = book.batch(&[]);
    batch.set_offset("events", 3, 10);
    batch.set_offset("events", 3, 11);
    let mut later = book.batch(&[]);
    later.set_offset("events", 3, 12);
    later.set_offset("events", -1, 0);
    let frame = book.try_commit(&[batch, later]).expect("commits").frame.expect("a frame");
    assert_eq!((frame.first_position(), frame.event_count()), (1, 0));
    assert_eq!(frame.offsets().collect::<Vec<_>>(), [("events", -1, 0), ("events", 3, 12)]);
}

#[test]
fn a_stream_of_thousands_still_knows_each_of_its_events() {
    let mut book = Book::new();
    let events: Vec<_> = (0..3_000).map(|number| trade(1, "s", &format!("t{number}"))).collect();
    for part in events.chunks(700) {
        book.commit(part);
    }
    let outcomes = book.commit(&events);
    assert!(outcomes.iter().zip(1..).all(|(outcome, position)| *outcome == duplicate(position)));
    let account = book.index.account(Uid(1)).expect("known");
    assert!(book.index.positions(account).eq(1..=3_000));
}

/// The rule once more, slowly: maps of whole identities.
#[derive(Default)]
struct Model {
    identities: HashMap<(String, String, String), Position>,
    registered: HashMap<Uid, ()>,
    owners: HashMap<String, Uid>,
    position: Position,
}

impl Model {
    fn decide(&mut self, event: &Event<'_>) -> String {
        let stream = match event.stream() {
            StreamKey::Account(uid) => format!("account {uid}"),
            StreamKey::Name(name) => format!("name {name}"),
            StreamKey::Platform => "platform".into(),
        };
        let identity = (stream, event.source.to_string(), event.id.to_string());
        if let Some(of) = self.identities.get(&identity) {
            return format!("={of}");
        }
        if let Body::Registration(data) = &event.body
            && self.registered.insert(data.uid, ()).is_some()
        {
            return "!uid".into();
        }
        if let Body::Code(data) = &event.body
            && *self.owners.entry(data.code.to_string()).or_insert(data.owner_uid) != data.owner_uid
        {
            return "!owner_uid".into();
        }
        self.position += 1;
        self.identities.insert(identity, self.position);
        format!("+{}", self.position)
    }
}

fn event(ids: i32) -> impl Strategy<Value = Event<'static>> {
    let name = prop::sample::select(vec!["ABC", "ABD", "1"]);
    let source = prop::sample::select(vec!["s", "t", "/a/longer/source"]);
    (0..6, 1u64..5, name, source, 0..ids, 1u64..3).prop_map(|(kind, uid, name, source, id, owner)| {
        let id = format!("id{id}");
        match kind {
            0 => registration(uid, source, &id),
            1 => code(name, owner, source, &id),
            2 => offer(name, source, &id),
            3 => program(source, &id),
            4 => kyc(uid, source, &id),
            _ => trade(uid, source, &id),
        }
    })
}

proptest! {
    #[test]
    fn acceptance_agrees_with_the_model_however_events_are_batched(
        commits in prop::collection::vec(prop::collection::vec(prop::collection::vec(event(4), 0..12), 0..3), 1..8),
    ) {
        let (mut book, mut model) = (Book::new(), Model::default());
        let mut accepted = Vec::new();
        for commit in &commits {
            let batches: Vec<_> = commit.iter().map(|events| book.batch(events)).collect();
            let outcomes = book.try_commit(&batches).expect("commits").outcomes;
            for (event, outcome) in commit.iter().flatten().zip(&outcomes) {
                prop_assert_eq!(short(outcome), model.decide(event));
                if let Outcome::Accepted { .. } = outcome {
                    accepted.push(event.clone());
                }
            }
        }
        prop_assert_eq!(book.events(), accepted);
        // The index that a checkpoint keeps knows the same.
        let mut bytes = Vec::new();
        book.index.encode(&mut bytes);
        let decoded = Index::decode(&bytes, &book.ledger.reader()).expect("decodes");
        let mut again = Vec::new();
        decoded.encode(&mut again);
        prop_assert_eq!(&again, &bytes);
        book.index = decoded;
        for event in commits.iter().flatten().flatten() {
            let outcome = &book.commit(std::slice::from_ref(event))[0];
            prop_assert_eq!(short(outcome), model.decide(event));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn on_runs_many_events_asked_together_come_to_what_each_comes_to_alone(
        events in prop::collection::vec(event(70), 1..1_200),
        commits in prop::collection::vec((1usize..150, any::<bool>()), 6..20),
    ) {
        let run_of_few = LedgerOptions { run_events: 20, ..options() };
        let on_runs = || Book::open_with(&in_memory(&MemoryStorage::new()), run_of_few.clone()).expect("opens").0;
        let (mut together, mut alone, mut model) = (on_runs(), on_runs(), Model::default());
        let (mut rest, mut sizes) = (&events[..], commits.iter().cycle());
        while !rest.is_empty() {
            let (count, relieved) = sizes.next().expect("they come again");
            let (now, later) = rest.split_at((*count).min(rest.len()));
            rest = later;
            let expected: Vec<String> = now.iter().map(|event| model.decide(event)).collect();
            let outcomes: Vec<String> = together.commit(now).iter().map(short).collect();
            prop_assert_eq!(&outcomes, &expected);
            let each = now.iter().flat_map(|event| alone.commit(std::slice::from_ref(event)));
            let outcomes: Vec<String> = each.map(|outcome| short(&outcome)).collect();
            prop_assert_eq!(&outcomes, &expected);
            if *relieved {
                for book in [&mut together, &mut alone] {
                    let (reader, end) = (book.ledger.reader(), book.ledger.end());
                    reader.relieve(&mut book.index, || end);
                }
            }
        }
        prop_assert_eq!(together.events(), alone.events());
    }
}
