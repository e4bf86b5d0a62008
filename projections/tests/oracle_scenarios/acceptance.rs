//! What becomes of an event: SPEC 1.

use schemas::{Body, Event, Offer, OfferKind, Period};

use crate::given::{at, code, kyc, major, moment, named, note, trade};
use crate::oracle::Outcome::{Accepted, Conflict, Duplicate};
use crate::oracle::{Oracle, Outcome};

fn outcomes(events: impl IntoIterator<Item = Event<'static>>) -> Vec<Outcome> {
    Oracle::of(events.into_iter().map(|event| (moment("03-01 00:00"), event))).1
}

#[test]
fn the_same_identity_again_is_a_duplicate_whatever_else_it_holds() {
    let events = [
        named("x", kyc("03-01 00:00", 7, schemas::KycStatus::Verified)),
        named("x", note("03-02 00:00", 7, "another type, another time")),
        // Another account may use the same id, and so may another source.
        named("x", note("03-02 00:00", 8, "")),
        Event { source: "/other".into(), ..named("x", note("03-02 00:00", 7, "")) },
    ];
    assert_eq!(
        outcomes(events),
        [Accepted { position: 1 }, Duplicate { of: 1 }, Accepted { position: 2 }, Accepted { position: 3 }]
    );
}

#[test]
fn a_second_registration_and_a_code_of_another_owner_are_conflicts_unless_they_are_duplicates() {
    let events = [
        named("a", major("03-01 00:00", 7, None)),
        named("b", major("03-01 00:00", 7, None)),
        named("a", major("03-02 00:00", 7, Some("ALPHA"))),
        named("c", code("03-01 00:00", "ALPHA", 1, "0", "0")),
        named("d", code("03-01 00:00", "ALPHA", 2, "0", "0")),
        named("c", code("03-01 00:00", "ALPHA", 2, "0", "0")),
        named("e", code("03-01 00:00", "ALPHA", 1, "0.05", "0")),
    ];
    assert_eq!(
        outcomes(events),
        [
            Accepted { position: 1 },
            Conflict,
            Duplicate { of: 1 },
            Accepted { position: 2 },
            Conflict,
            Duplicate { of: 2 },
            Accepted { position: 3 }
        ]
    );
}

#[test]
fn the_identity_of_a_conflict_stays_free() {
    let events = [
        named("a", major("03-01 00:00", 7, None)),
        named("b", major("03-01 00:00", 7, None)),
        named("b", trade("03-01 00:00", 7, "b", "1")),
    ];
    assert_eq!(outcomes(events), [Accepted { position: 1 }, Conflict, Accepted { position: 2 }]);
}

#[test]
fn codes_and_offers_share_one_space_of_names() {
    let offer = Body::Offer(Offer {
        id: "ALPHA".into(),
        kind: OfferKind::Bonus,
        title: "".into(),
        url: "".into(),
        period: Period::Month,
        starts: None,
        ends: None,
        affiliates_only: false,
        tiers: Vec::new(),
    });
    let first = named("a", code("03-01 00:00", "ALPHA", 1, "0", "0"));
    let second = Event { body: offer, ..first.clone() };
    assert_eq!(outcomes([first, second]), [Accepted { position: 1 }, Duplicate { of: 1 }]);
}

#[test]
fn an_answer_names_its_position_and_the_latest_time_known_there() {
    let (oracle, _) = Oracle::of(
        [code("03-09 00:00", "ALPHA", 1, "0", "0"), major("03-02 00:00", 7, None)]
            .map(|event| (moment("03-03 00:00"), event)),
    );
    let as_of = |position| oracle.as_of(position).account(schemas::Uid(1)).expect("an account")["as_of"].clone();
    assert_eq!(as_of(1), serde_json::json!({ "position": 1, "event_time": "2026-03-09T00:00:00Z" }));
    assert_eq!(as_of(2), serde_json::json!({ "position": 2, "event_time": "2026-03-09T00:00:00Z" }));
    let empty = Oracle::default();
    let nothing = at(&empty, "03-01 00:00").account(schemas::Uid(1)).expect("an account");
    assert_eq!(nothing["as_of"], serde_json::json!({ "position": 0, "event_time": null }));
}
