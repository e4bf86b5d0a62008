//! What a workload promises: the same events for a seed, every one valid, and each awkward thing in its share.

use std::collections::{HashMap, HashSet, VecDeque};

use schemas::json::{read_event, write_event};
use schemas::{AccountType, Body, Event, EventType, KycStatus, Product, Timestamp, Usd};
use workload::{DEMO_CODE, DEMO_UID, Share, Shares, Workload};
use xxhash_rust::xxh3::Xxh3;

fn end() -> Timestamp {
    Timestamp::parse("2026-03-31T00:00:00Z").expect("a time")
}

/// Identity: whose, source, id.
fn identity(event: &Event<'_>) -> String {
    format!("{:?} {} {}", event.stream(), event.source, event.id)
}

fn digest(events: impl Iterator<Item = Event<'static>>) -> String {
    let (mut hasher, mut line) = (Xxh3::new(), Vec::new());
    for event in events {
        line.clear();
        write_event(&event, &mut line);
        hasher.update(&line);
    }
    format!("{:016x}", hasher.digest())
}

#[test]
fn a_seed_gives_the_same_events_everywhere_and_for_ever() {
    let demo = |seed| digest(Workload::demo(seed, end()).events().take(100_000));
    assert_eq!(demo(1), PINNED, "seed 1");
    assert_ne!(demo(2), PINNED, "seed 2");
}

/// NOTE: changes with every change of the generator; benches before and after such a change don't compare.
const PINNED: &str = "2d0539574be9541a";

#[test]
fn every_event_is_valid_when_it_arrives() {
    for workload in [Workload::sized(3, 60_000, end()), Workload::hostile(4, 30_000, end())] {
        let mut line = Vec::new();
        for event in workload.events() {
            line.clear();
            write_event(&event, &mut line);
            let read = read_event(&line, end()).map_err(|rejection| rejection.to_string());
            assert_eq!(read.as_ref(), Ok(&event), "seed {}", workload.seed);
            assert!(event.id.len() <= 16, "{}", event.id);
        }
    }
}

#[test]
fn every_line_is_an_event_or_broken_for_a_reason_that_is_counted() {
    let workload = Workload::hostile(5, 20_000, end());
    let (mut lines, mut line) = (workload.lines(), Vec::new());
    let (mut valid, mut refused, mut blank) = (0, 0, 0);
    while lines.write_next(&mut line) {
        assert_eq!(line.pop(), Some(b'\n'));
        assert!(!line.contains(&b'\n'));
        if line.iter().all(u8::is_ascii_whitespace) {
            blank += 1;
        } else if read_event(&line, end()).is_ok() {
            valid += 1;
        } else {
            refused += 1;
        }
        line.clear();
    }
    assert_eq!((refused, blank), (lines.faults_given(), lines.blanks_given()));
    assert_eq!(valid, workload.events().count());
    assert!(refused > 1_000 && blank > 300, "seed 5: {refused} refused, {blank} blank");
}

#[test]
fn there_are_about_as_many_events_as_asked_for() {
    for (asked, workload) in [
        (2_500_000, Workload::demo(1, end())),
        (300_000, Workload::sized(2, 300_000, end())),
        (30_000, Workload::sized(3, 30_000, end())),
        (20_000, Workload::hostile(4, 20_000, end())),
    ] {
        let count = workload.events().count() as u64;
        assert!((asked * 95 / 100..asked * 105 / 100).contains(&count), "asked for {asked}, got {count}");
    }
}

#[test]
fn disorder_displaces_its_share_by_no_more_than_it_says_and_loses_nothing() {
    let in_order = Workload::sized(6, 30_000, end());
    let places: HashMap<String, VecDeque<usize>> =
        in_order.events().enumerate().fold(HashMap::new(), |mut places, (place, event)| {
            places.entry(format!("{event:?}")).or_default().push_back(place);
            places
        });
    for (share, by) in [(Share::percent(5), 1_000), (Share::percent(50), 10), (Share::percent(100), 100_000)] {
        let shares = Shares { displaced: share, displaced_by: by, ..in_order.shares.clone() };
        let displaced = Workload { shares, ..in_order.clone() };
        assert_eq!(digest(displaced.events()), digest(displaced.events()), "the same each time");
        let mut left = places.clone();
        let (mut behind, mut latest, mut count) = (0, 0, 0);
        for (place, event) in displaced.events().enumerate() {
            let before = left.get_mut(&format!("{event:?}")).and_then(VecDeque::pop_front).expect("of the history");
            assert!(place.saturating_sub(before) <= by as usize, "{before} came at {place} of {share:?}");
            behind += u64::from(before < latest);
            latest = latest.max(before);
            count += 1;
        }
        assert!(left.values().all(VecDeque::is_empty), "{share:?}: nothing is lost");
        // A displaced one is behind only if one that was not displaced has overtaken it.
        let displaced = share.of(count);
        assert!(behind <= count && behind * 10 >= displaced * 7, "{behind} of {count} are behind, for {share:?}");
        assert!(share > Share::percent(5) || behind * 10 <= displaced * 11, "{behind} of {count}, for {share:?}");
    }
}

#[test]
fn the_smallest_workload_has_a_referrer() {
    let tiny = Workload { referrers: 0, invitees: 0, days: 0, events: 0, ..Workload::demo(1, end()) };
    assert!(tiny.events().any(|event| matches!(event.body, Body::Code(code) if code.code == DEMO_CODE)));
}

/// What stands in a history, counted.
#[derive(Default)]
struct Census {
    types: HashMap<EventType, u64>,
    facts: HashMap<&'static str, u64>,
    events: u64,
    trades: u64,
    registrations: u64,
    majors: u64,
}

impl Census {
    fn add(&mut self, fact: &'static str, holds: bool) {
        *self.facts.entry(fact).or_default() += u64::from(holds);
    }

    fn of(workload: &Workload) -> Census {
        let mut census = Census::default();
        let (mut identities, mut registered, mut traded) = (HashSet::new(), HashMap::new(), HashSet::new());
        let (mut codes, mut trades, mut executions) = (HashMap::new(), HashSet::new(), HashSet::new());
        let mut code_times: HashMap<String, Timestamp> = HashMap::new();
        let mut rejected = HashSet::new();
        let mut wanted_codes: Vec<(String, Timestamp, schemas::Uid)> = Vec::new();
        let mut latest = Timestamp(0);
        for event in workload.events() {
            census.events += 1;
            *census.types.entry(event.event_type()).or_default() += 1;
            let again = !identities.insert(identity(&event));
            census.add("duplicate", again);
            const HOUR: i64 = 3_600_000_000;
            census.add("an hour late", !again && latest.0 - event.time.0 > HOUR);
            census.add("a day late", !again && latest.0 - event.time.0 > 24 * HOUR);
            latest = latest.max(event.time);
            if again {
                continue;
            }
            match &event.body {
                Body::Registration(data) => {
                    census.registrations += 1;
                    let second = registered.insert(data.uid, event.time).is_some();
                    census.add("second registration", second);
                    if second {
                        continue;
                    }
                    census.add("registration after first trade", traded.contains(&data.uid));
                    if data.account_type == AccountType::Major {
                        census.majors += 1;
                        census.add("no code", data.code.is_none());
                        census.add("unknown country", data.country.is_none());
                        if let Some(code) = &data.code {
                            wanted_codes.push((code.to_string(), event.time, data.uid));
                        }
                    } else {
                        let parent_known = data.parent_uid.is_some_and(|uid| registered.contains_key(&uid));
                        census.add("sub-account", true);
                        census.add("sub-account before its parent", !parent_known);
                    }
                }
                Body::Kyc(data) => {
                    census.add(
                        "verified after rejection",
                        data.status == KycStatus::Verified && rejected.contains(&data.uid),
                    );
                    if data.status == KycStatus::Rejected {
                        rejected.insert(data.uid);
                    }
                }
                Body::Deposit(data) => census.add("deposit that is none", !data.counts()),
                Body::Trade(data) => {
                    census.trades += 1;
                    traded.insert(data.uid);
                    let known = registered.get(&data.uid);
                    census.add("trade of an unknown account", known.is_none());
                    census.add("trade before registration", known.is_some_and(|at| event.time < *at));
                    census.add("negative fee", data.fee_usd < Usd::ZERO);
                    census.add("no fee", data.fee_usd.is_zero());
                    census.add("vip 3 and above", data.vip_level > 2);
                    census.add("margin", data.product == Product::Margin);
                    census.add("futures", data.product == Product::Futures);
                    let execution = (event.source.to_string(), event.id.to_string());
                    census.add("other side", !executions.insert(execution.clone()));
                    trades.insert((data.uid, execution));
                }
                Body::Reversal(data) => {
                    let of = (data.uid, (data.trade_source.to_string(), data.trade_id.to_string()));
                    census.add("reversal before its trade, or of none", !trades.contains(&of));
                }
                Body::Code(data) => {
                    let owner = *codes.entry(data.code.to_string()).or_insert(data.owner_uid);
                    census.add("code of another", owner != data.owner_uid);
                    let first = code_times.entry(data.code.to_string()).or_insert(event.time);
                    *first = event.time.min(*first);
                }
                Body::Affiliate(data) => {
                    census.add("suspension", data.status == schemas::AffiliateStatus::Suspended);
                }
                Body::Note(data) => census.add("note beyond ASCII", !data.note.is_ascii()),
                Body::Vip(_)
                | Body::Rebate(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_)
                | Body::Join(_)
                | Body::Application(_) => {}
            }
        }
        for (code, at, uid) in wanted_codes {
            let first = code_times.get(&code);
            census.add("unknown code", first.is_none());
            census.add("code before its creation", first.is_some_and(|first| *first > at));
            census.add("own code", codes.get(&code) == Some(&uid));
        }
        census
    }

    fn per_million(&self, fact: &str, whole: u64) -> u64 {
        self.facts.get(fact).copied().unwrap_or_default() * 1_000_000 / whole.max(1)
    }
}

#[test]
fn every_type_and_every_awkward_thing_is_in_the_demo() {
    let census = Census::of(&Workload::demo(1, end()));
    for wanted in EventType::ALL {
        assert!(census.types.contains_key(wanted), "no {}", wanted.name());
    }
    for (fact, count) in &census.facts {
        assert!(*count > 0, "seed 1: no {fact}");
    }
}

#[test]
fn the_shares_are_about_as_configured() {
    let census = Census::of(&Workload::sized(6, 500_000, end()));
    let shares = Shares::REALISTIC;
    let sum = |parts: &[Share]| parts.iter().map(|share| u64::from(share.0)).sum::<u64>();
    for (fact, whole, share) in [
        ("duplicate", census.events, sum(&[shares.duplicates, shares.altered_duplicates])),
        ("a day late", census.events, sum(&[shares.late_days])),
        ("no code", census.majors, sum(&[shares.no_code])),
        ("unknown country", census.majors, sum(&[shares.unknown_country])),
        ("unknown code", census.majors, sum(&[shares.unknown_code])),
        ("sub-account", census.registrations, sum(&[shares.sub_accounts])),
        ("other side", census.trades, sum(&[shares.shared_ids])),
    ] {
        let found = census.per_million(fact, whole);
        assert!((share * 6 / 10..share * 15 / 10).contains(&found), "seed 6: {fact}: {found} for {share}");
    }
}

#[test]
fn activity_is_skewed() {
    let (mut trades, mut invitees) = (HashMap::new(), HashMap::new());
    for event in Workload::demo(1, end()).events() {
        match event.body {
            Body::Trade(data) => *trades.entry(data.uid).or_insert(0u64) += 1,
            Body::Registration(data) => {
                if let Some(code) = data.code {
                    let referrer = code.split('_').next().unwrap_or_default().to_owned();
                    *invitees.entry(referrer).or_insert(0u64) += 1;
                }
            }
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }
    for counts in [trades.into_values().collect::<Vec<_>>(), invitees.into_values().collect()] {
        let mut counts = counts;
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let all: u64 = counts.iter().sum();
        let top: u64 = counts.iter().take(counts.len() / 20).sum();
        assert!(top * 3 > all, "the first twentieth has {top} of {all}");
        assert!(counts[counts.len() / 2] * 20 < counts[0], "half of them have few");
    }
}

#[test]
fn the_demo_referrer_has_something_to_show() {
    let (mut owns, mut invited, mut countries, mut traded) = (0, HashMap::new(), HashSet::new(), HashSet::new());
    let (mut standings, mut joined, mut noted) = (0, 0, 0);
    for event in Workload::demo(1, end()).events() {
        match event.body {
            Body::Code(data) if data.owner_uid == DEMO_UID => owns += 1,
            Body::Registration(data) if data.code.as_ref().is_some_and(|code| code.starts_with("TRIB")) => {
                countries.extend(data.country);
                invited.insert(data.uid, data.code);
            }
            Body::Trade(data) if invited.contains_key(&data.uid) => {
                traded.insert(data.uid);
            }
            Body::Affiliate(data) if data.uid == DEMO_UID => standings += 1,
            Body::Join(data) if data.uid == DEMO_UID => joined += 1,
            Body::Note(data) if invited.contains_key(&data.uid) => noted += 1,
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }
    assert!(owns >= 5 && standings >= 4 && joined >= 2 && noted >= 20, "{owns} {standings} {joined} {noted}");
    assert!(invited.len() > 500 && traded.len() > 200 && countries.len() > 30, "{}", invited.len());
    assert!(traded.len() * 10 < invited.len() * 9, "some invitees never trade");
}
