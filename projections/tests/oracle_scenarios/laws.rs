//! Laws that the oracle holds over generated histories, and what a generated history is sure to hold.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use schemas::{Body, Event, StreamKey, Uid};
use serde_json::Value;

use crate::generate::{self, NOW, UIDS};
use crate::oracle::{Account, Filter, Interval, Kind, Known, Oracle, Outcome};

fn taken(arrivals: Vec<Event<'static>>) -> (Oracle, Vec<Outcome>) {
    Oracle::of(generate::recorded(&arrivals).into_iter().zip(arrivals))
}

/// Every answer about every account, with all positions taken out of it.
fn answers(known: Known<'_>) -> Vec<Value> {
    let mut answers = Vec::new();
    for uid in UIDS {
        answers.extend([
            known.overview(uid, None, None, None),
            known.series(uid, None, None, None, Interval::Week),
            known.countries(uid, None, None),
            known.referrals(uid, &Filter::default()),
            known.codes(uid),
            known.rewards(uid, Kind::Commission, None, None),
            known.rewards(uid, Kind::Shared, None, None),
            known.account(uid),
            known.offers(uid),
            known.campaigns(uid, None),
        ]);
        answers.extend(UIDS.map(|invitee| known.referral(uid, invitee)));
    }
    answers.into_iter().flatten().map(without_positions).collect()
}

/// Positions and the postings at them are the only thing that the order of arrival decides.
fn without_positions(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "position" | "postings"))
            .map(|(name, value)| (name, without_positions(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_positions).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_arrival_and_no_duplicate_changes_a_number(history in generate::histories(90), seed: u64) {
        let (oracle, _) = taken(history);
        let accepted: Vec<Event<'static>> = oracle.entries().iter().map(|entry| entry.event.clone()).collect();
        let (shuffled, _) = taken(generate::shuffles(seed, &accepted));
        let set = |oracle: &Oracle| -> BTreeSet<String> {
            oracle.entries().iter().map(|entry| format!("{:?}", entry.event)).collect()
        };
        prop_assert_eq!(set(&oracle), set(&shuffled));
        let (one, other) = (answers(oracle.at(oracle.end(), NOW)), answers(shuffled.at(shuffled.end(), NOW)));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn the_postings_of_every_position_balance_and_come_to_what_all_referrers_and_invitees_earned(
        history in generate::histories(90),
    ) {
        let (oracle, _) = taken(history);
        let known = oracle.at(oracle.end(), NOW);
        let mut books: BTreeMap<Account, i128> = BTreeMap::new();
        for position in 1..=oracle.end() {
            let postings = known.postings(position);
            prop_assert_eq!(postings.iter().map(|posting| posting.debit).sum::<i128>(), 0);
            for posting in postings {
                prop_assert_ne!(posting.debit, 0);
                *books.entry(posting.account).or_default() += posting.debit;
            }
        }
        // What is owed to an account is its commission as a referrer and its rebates as an invitee.
        let mut owed: BTreeMap<Uid, i128> = BTreeMap::new();
        for referrer in UIDS {
            let list = known.referrals(referrer, &Filter::default()).expect("a list");
            for row in list["rows"].as_array().expect("rows") {
                let invitee = Uid(row["uid"].as_u64().expect("a uid"));
                *owed.entry(referrer).or_default() += units(&row["commission"]);
                *owed.entry(invitee).or_default() += units(&row["rebate"]);
            }
        }
        for uid in UIDS {
            let credit = -books.get(&Account::Payable(uid)).copied().unwrap_or_default();
            prop_assert_eq!(credit, owed.get(&uid).copied().unwrap_or_default(), "{}", uid);
        }
    }
}

/// A sum of any size in units of 10^-8 USD, from its text.
fn units(amount: &Value) -> i128 {
    let text = amount.as_str().expect("an amount");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<8}").parse().expect("digits")
}

#[test]
fn the_history_of_a_size_is_the_beginning_of_the_longer_one() {
    assert_eq!(generate::history(11, 30), generate::history(11, 60)[..30]);
    assert_ne!(generate::history(11, 30), generate::history(12, 30));
}

#[test]
fn what_is_recorded_never_decreases_and_no_event_is_more_than_a_day_ahead() {
    for seed in 0..20 {
        let history = generate::history(seed, 100);
        let recorded = generate::recorded(&history);
        assert!(recorded.is_sorted(), "seed {seed}");
        assert!(history.iter().zip(&recorded).all(|(event, at)| event.time <= at.plus_days(1)), "seed {seed}");
        assert!(history.iter().zip(&recorded).any(|(event, at)| event.time > *at), "seed {seed} has no future");
    }
}

/// How often what is awkward happens in generated histories: each of these in at least one of fifteen.
#[test]
fn generated_histories_hold_everything_awkward() {
    const HISTORIES: u64 = 60;
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..HISTORIES {
        for what in awkward(generate::history(seed, 120)) {
            *seen.entry(what).or_default() += 1;
        }
    }
    let expected = [
        "not_registered",
        "before_registration",
        "self_referral",
        "not_attributed",
        "relationship",
        "vip_level",
        "fee_not_positive",
        "window_ended",
        "suspended",
        "rate_zero",
        "earned",
        "reversed",
        "reversed twice",
        "reversed before its trade",
        "duplicate",
        "duplicate of another type",
        "conflict",
        "code of a sub-account",
        "trade of a sub-account earned",
        "tie",
        "late rate posts",
        "own rebate",
        "capped rebate",
        "code to come",
        "offer reached",
        "campaign joined",
        "default code",
        "referrals of one referrer",
    ];
    for what in expected {
        let count = seen.get(what).copied().unwrap_or_default();
        assert!(count * 15 >= HISTORIES, "{what}: in {count} of {HISTORIES} histories; {seen:?}");
    }
}

/// What awkward things one history holds.
fn awkward(history: Vec<Event<'static>>) -> BTreeSet<String> {
    let (oracle, outcomes) = taken(history.clone());
    let known = oracle.at(oracle.end(), NOW);
    let mut seen = BTreeSet::new();
    let mut see = |holds: bool, what: &str| {
        if holds {
            seen.insert(what.to_owned());
        }
    };
    for (event, outcome) in history.iter().zip(&outcomes) {
        match outcome {
            Outcome::Accepted { .. } => {}
            Outcome::Conflict => see(true, "conflict"),
            Outcome::Duplicate { of } => {
                let original = &oracle.entries()[*of as usize - 1].event;
                see(true, "duplicate");
                see(original.event_type() != event.event_type(), "duplicate of another type");
            }
        }
    }
    for entry in oracle.entries() {
        let tie = |other: &&crate::oracle::Entry| {
            other.position != entry.position
                && other.event.time == entry.event.time
                && matches!((other.event.stream(), entry.event.stream()),
                    (StreamKey::Account(one), StreamKey::Account(other)) if one == other)
        };
        see(oracle.entries().iter().find(tie).is_some(), "tie");
        let late = !matches!(entry.event.body, Body::Trade(_) | Body::Reversal(_) | Body::Registration(_));
        see(late && !known.postings(entry.position).is_empty(), "late rate posts");
        see(matches!(&entry.event.body, Body::Code(code) if code.owner_uid == Uid(71)), "code of a sub-account");
        see(matches!(entry.event.body, Body::Code(_)) && entry.event.time > NOW, "code to come");
        let Body::Trade(trade) = &entry.event.body else { continue };
        let explained = known.explain(trade.uid, &entry.event.source, &entry.event.id).expect("it is there");
        let earned = explained["reason"].is_null();
        see(true, explained["reason"].as_str().unwrap_or("earned"));
        see(earned && explained["parent_uid"].is_u64(), "trade of a sub-account earned");
        see(explained["rebate_rate"]["event"]["type"] == "referral.rebate.v1", "own rebate");
        let base = &explained["base_rate"]["rate"];
        see(base.is_string() && base == &explained["rebate_rate"]["rate"], "capped rebate");
        see(!explained["reversal"].is_null(), "reversed");
        let reversals = oracle.entries().iter().filter(|other| {
            matches!(&other.event.body, Body::Reversal(data) if data.uid == trade.uid
                && data.trade_source == entry.event.source && data.trade_id == entry.event.id)
        });
        let times: Vec<_> = reversals.map(|other| other.event.time).collect();
        see(times.len() > 1, "reversed twice");
        see(times.iter().any(|time| *time < entry.event.time), "reversed before its trade");
    }
    for uid in UIDS {
        let lists = |answer: crate::oracle::Answer| answer.expect("a list")["rows"].as_array().cloned().expect("rows");
        see(lists(known.offers(uid)).iter().any(|row| row["reached"].is_string()), "offer reached");
        see(lists(known.campaigns(uid, None)).iter().any(|row| row["joined"] == true), "campaign joined");
        see(lists(known.referrals(uid, &Filter::default())).len() > 2, "referrals of one referrer");
        see(known.account(uid).expect("an account")["default_code"].is_string(), "default code");
    }
    seen
}
