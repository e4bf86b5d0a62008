//! An excerpt answers every question about its referrer as the state of then does, at any position.

mod agreement;
mod generate;
mod oracle;

use std::num::NonZeroU64;

use agreement::Projected;
use api::views::Shown;
use oracle::{Entry, Oracle};
use projections::query::{
    CohortFilter, Interval, Links, Order, PageRequest, RangeRequest, ReferralFilter, ReferralSort,
};
use projections::views::RewardKind;
use projections::{Context, QueryError, State, View, Workers};
use proptest::prelude::*;
use schemas::{Body, Country, Day, Event, Registration, Relationship, Timestamp, Uid};
use serde_json::{Value, json};

/// So many events as no history here has.
const ANY_WEIGHT: NonZeroU64 = NonZeroU64::MAX;

fn take(arrivals: Vec<Event<'static>>) -> Oracle {
    let recorded = generate::recorded(&arrivals);
    Oracle::of(recorded.into_iter().zip(arrivals)).0
}

fn shown<T: Shown>(answer: Result<T, QueryError>) -> Value {
    match answer {
        Ok(answer) => serde_json::to_value(answer.shown()).expect("answers serialize"),
        Err(refusal) => json!({ "refused": refusal.to_string() }),
    }
}

fn page(limit: usize) -> PageRequest {
    PageRequest { limit, cursor: None }
}

fn ranges(now: Timestamp) -> [RangeRequest; 4] {
    let today = now.day();
    let range = |from: i32, to: i32| RangeRequest { from: Some(today.plus(from)), to: Some(today.plus(to)) };
    [RangeRequest::default(), range(0, 0), range(-6, -3), range(-400, 400)]
}

/// Every question about one referrer and one of its invitees, with its name.
fn answers(view: &View<'_>, uid: Uid, invitees: &[Uid], trades: &[(Uid, String, String)]) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    let mut add = |question: String, answer: Value| answers.push((question, answer));
    for range in ranges(view.now) {
        for code in generate::CODES.iter().map(|code| Some(*code)).chain([None, Some("NOBODYS")]) {
            add(format!("overview {range:?} {code:?}"), shown(view.overview(uid, range, code)));
            add(format!("series {range:?} {code:?}"), shown(view.series(uid, range, code, Interval::Week)));
            let with_before = view.series_with_before(uid, range, code, Interval::Month);
            add(format!("series with before {range:?} {code:?}"), shown(with_before));
            add(format!("changes {range:?} {code:?}"), shown(view.changes(uid, range, code, &page(3))));
            let restated = view.restatement(uid, range, code, view.state.position() / 2, view.now, &page(2));
            add(format!("restatement {range:?} {code:?}"), shown(restated));
        }
        add(format!("countries {range:?}"), shown(view.countries(uid, range, &page(1))));
        for country in [None, Some(vec![None])] {
            let filter = CohortFilter { country, ..CohortFilter::default() };
            add(format!("cohorts {range:?} {filter:?}"), shown(view.cohorts(uid, &filter, range, &page(3))));
        }
        for kind in [RewardKind::Commission, RewardKind::Shared] {
            add(format!("rewards {range:?} {kind:?}"), shown(view.rewards(uid, kind, range, &page(3))));
        }
        for invitee in invitees {
            let told = view.invitee_range(uid, *invitee, range, 3);
            add(format!("range of {invitee} {range:?}"), json!(format!("{told:?}")));
        }
    }
    let filters = [
        ReferralFilter::default(),
        ReferralFilter { verified: Some(true), ..ReferralFilter::default() },
        ReferralFilter { deposited: Some(false), ..ReferralFilter::default() },
        ReferralFilter { traded: Some(true), vip: Some(vec![0, 1]), ..ReferralFilter::default() },
        ReferralFilter { q: Some("a".to_owned()), ..ReferralFilter::default() },
        ReferralFilter { country: Some(vec![None, Country::parse("DE")]), ..ReferralFilter::default() },
        ReferralFilter { commission_type: Some(Relationship::Spot), ..ReferralFilter::default() },
        ReferralFilter { code: Some(generate::CODES[0].to_owned()), ..ReferralFilter::default() },
    ];
    for (number, filter) in filters.iter().enumerate() {
        for name in ReferralSort::NAMES {
            let sort = ReferralSort::parse(name).expect("a column");
            let order = if number % 2 == 0 { Order::Descending } else { Order::Ascending };
            add(format!("referrals {filter:?} {name}"), shown(view.referrals(uid, filter, sort, order, &page(2))));
        }
    }
    add("codes".to_owned(), shown(view.codes(uid, &page(1))));
    for code in generate::CODES {
        add(format!("code {code}"), shown(view.code(uid, code)));
    }
    add("account".to_owned(), shown(view.account_standing(uid)));
    add("offers".to_owned(), shown(view.offers(uid, &page(50))));
    add("campaigns".to_owned(), shown(view.campaigns(uid, None, &page(50))));
    for invitee in invitees {
        add(format!("referral {invitee}"), shown(view.referral(uid, *invitee)));
        add(format!("agreed {invitee}"), json!(format!("{:?}", view.agreed_rates(uid, *invitee))));
    }
    // What the referrer may see explained: what an account of its own did, or one that counts as its invitee's.
    for (account, source, id) in trades {
        let explained = view.explain(*account, source, id);
        let is_own = explained.as_ref().is_ok_and(|explained| {
            explained.account_uid == uid
                || explained.invitee_uid.is_some_and(|invitee| invitee == uid || view.is_invitee_of(uid, invitee))
        });
        let answer = if is_own { shown(explained) } else { json!("not this referrer's") };
        add(format!("explain {account} {source} {id}"), answer);
    }
    answers
}

/// Who is mentioned up to a position, and somebody who never is.
fn mentioned(entries: &[Entry]) -> Vec<Uid> {
    let mut uids = vec![Uid(123_456)];
    for entry in entries {
        match &entry.event.body {
            Body::Code(code) => uids.push(code.owner_uid),
            Body::Registration(Registration { uid, parent_uid, .. }) => {
                uids.push(*uid);
                uids.extend(*parent_uid);
            }
            Body::Trade(trade) => uids.push(trade.uid),
            Body::Affiliate(standing) => uids.push(standing.uid),
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }
    uids.sort_unstable();
    uids.dedup();
    uids
}

fn view<'a>(state: &'a State, whole: &'a Projected, now: Timestamp, links: &'a Links) -> View<'a> {
    View { state, reader: &whole.ledger, now, links, is_past: true }
}

/// Two that work one after the other: what is shared out comes together again in order.
struct TwoWorkers;

impl Workers for TwoWorkers {
    fn count(&self) -> usize {
        2
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..parts).rev().for_each(work);
    }
}

/// Compares, for these referrers, the excerpt of the whole ledger with the state of one that ends at a position.
fn check(whole: &Projected, entries: &[Entry], referrers: &[Uid], position: usize) {
    let then = Projected::of(&entries[..position]);
    let links = Links::default();
    let now = entries[position - 1].recorded_at;
    let trades: Vec<_> = entries[..position]
        .iter()
        .filter_map(|entry| {
            let Body::Trade(trade) = &entry.event.body else { return None };
            Some((trade.uid, entry.event.source.to_string(), entry.event.id.to_string()))
        })
        .collect();
    let invitees = mentioned(entries);
    for uid in referrers {
        let plan = whole.state.plan_excerpt(*uid, position as u64, ANY_WEIGHT).expect("it is light enough");
        let context = Context { reader: &whole.ledger, workers: &TwoWorkers };
        let excerpt = plan.make(context).expect("memory can be read");
        assert_eq!(excerpt.as_of(), then.state.as_of());
        assert_eq!(excerpt.recorded_at(), then.state.recorded_at());
        let of_then = answers(&view(&then.state, whole, now, &links), *uid, &invitees, &trades);
        let of_excerpt = answers(&view(&excerpt, whole, now, &links), *uid, &invitees, &trades);
        for ((question, expected), (_, answered)) in of_then.into_iter().zip(of_excerpt) {
            assert_eq!(answered, expected, "{question} of {uid} as of {position}");
        }
    }
}

proptest! {
    #![proptest_config(generate::cases(24))]

    /// Of any history, at many positions, for everybody.
    #[test]
    fn at_any_position_an_excerpt_answers_as_the_state_of_then(
        arrivals in generate::histories(110),
        positions in proptest::collection::vec(any::<prop::sample::Index>(), 3),
    ) {
        let oracle = take(arrivals);
        let whole = Projected::of(oracle.entries());
        let referrers = mentioned(oracle.entries());
        for position in positions {
            check(&whole, oracle.entries(), &referrers, position.index(oracle.entries().len()) + 1);
        }
    }

    /// The same of longer ones with nothing but what amounts hang on: codes of sub-accounts, circles of parents,
    /// reversals before their trades, registrations and rates that come late.
    #[test]
    fn so_it_does_of_long_histories_of_amounts(
        arrivals in generate::histories_of_amounts(260),
        positions in proptest::collection::vec(any::<prop::sample::Index>(), 2),
    ) {
        let oracle = take(arrivals);
        let whole = Projected::of(oracle.entries());
        for position in positions {
            check(&whole, oracle.entries(), &generate::OWNERS, position.index(oracle.entries().len()) + 1);
        }
    }
}

/// An event of a history below, at a second of the first day.
fn event(number: u64, second: i64, body: Body<'static>) -> Event<'static> {
    let time = Timestamp(Day(20_500).start().0 + second * 1_000_000);
    Event { source: "/tests".into(), id: format!("e{number}").into(), time, body }
}

fn trade(uid: Uid) -> Body<'static> {
    let mut seeds = 0_u64..;
    // Any trade will do that is one of the pools'.
    loop {
        let drawn = generate::event(seeds.next().expect("endless")).body;
        if let Body::Trade(trade) = drawn
            && trade.fee_usd > schemas::Usd::ZERO
        {
            return Body::Trade(schemas::Trade { uid, ..trade });
        }
    }
}

/// A code with more invitees than a row has bits for, whose code comes to be known in the middle.
#[test]
fn a_code_with_more_invitees_than_a_cell_has_bits_is_told_right_before_and_after_it_is_known() {
    let owner = Uid(7);
    let registered = |uid: u64| {
        Body::Registration(Registration {
            uid: Uid(uid),
            account_type: schemas::AccountType::Major,
            relationship: Relationship::Both,
            country: None,
            code: Some(generate::CODES[0].into()),
            parent_uid: None,
        })
    };
    let mut arrivals = Vec::new();
    for invitee in 0..300 {
        arrivals.push(event(arrivals.len() as u64, invitee, registered(1_000 + invitee as u64)));
        arrivals.push(event(arrivals.len() as u64, 86_400 + invitee, trade(Uid(1_000 + invitee as u64))));
    }
    let code = (0..)
        .map(generate::event)
        .find_map(|event| if let Body::Code(code) = event.body { Some(code) } else { None })
        .expect("endless");
    let code = schemas::Code { code: generate::CODES[0].into(), owner_uid: owner, ..code };
    arrivals.insert(100, event(9_000, 0, Body::Code(code)));
    let oracle = take(arrivals);
    let whole = Projected::of(oracle.entries());
    for position in [1, 100, 101, 180, 601] {
        check(&whole, oracle.entries(), &[owner, Uid(1_070)], position);
    }
}

#[test]
fn a_referrer_whose_families_have_more_events_than_may_be_read_has_no_excerpt() {
    let oracle = take(generate::history(3, 300));
    let whole = Projected::of(oracle.entries());
    let end = oracle.entries().len() as u64;
    let (mut heavy, mut grown) = (0, 0);
    // What came after the position does not count, however much it is.
    for position in [end, end / 3] {
        for uid in mentioned(oracle.entries()) {
            let plan = whole.state.plan_excerpt(uid, position, ANY_WEIGHT).expect("it is light enough");
            let Some(events) = NonZeroU64::new(plan.events()) else { continue };
            let now = whole.state.plan_excerpt(uid, end, ANY_WEIGHT).expect("it is light enough");
            grown += usize::from(now.events() > events.get());
            assert!(whole.state.plan_excerpt(uid, position, events).is_some(), "as many as {uid} had");
            if let Some(fewer) = NonZeroU64::new(events.get() - 1) {
                heavy += 1;
                assert_eq!(whole.state.plan_excerpt(uid, position, fewer), None, "fewer than {uid} had");
            }
        }
    }
    assert!(heavy > 3 && grown > 3, "{heavy} have more than one event, {grown} have more since");
}
