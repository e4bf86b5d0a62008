//! What is done while the state stands still for it is bounded, whatever the entry and whoever is asked about.

use schemas::{Affiliate, AffiliateStatus, Program, Rebate};

use super::*;
use crate::PieceBounds;
use crate::context::Context;
use crate::query::{ENTRIES_LOOKED_AT_MAX, RangeRequest, ReferralFilter, ReferralSort, Weighs};
use crate::views::RewardKind;

const BOUNDS: PieceBounds = PieceBounds { events: 128, steps: 256 };
/// By so much the steps that are taken may be more than those that were told: an event that is recomputed is read as of
/// the entry before and as of the entry, and each time its account's chain and its referrer are looked at.
pub(super) const STEPS_A_STEP: u64 = 24;

/// A ledger in which 1 has the code `ALPHA`, with so many invitees, each of whom was active and has a sub-account.
pub(super) fn with_invitees(invitees: u64) -> Ledger {
    let mut ledger = beside(0);
    for uid in 1_000..1_000 + invitees {
        ledger.take(registration(uid, None));
        ledger.take(registration(100_000 + uid, Some(uid)));
        ledger.activity(uid);
        ledger.activity(100_000 + uid);
    }
    ledger
}

/// An event that is later than none.
pub(super) fn early(id: &str, body: Body<'static>) -> Event<'static> {
    Event { source: "/test".into(), id: id.to_owned().into(), time: Timestamp::EVENT_MIN, body }
}

fn affiliate(uid: u64) -> Body<'static> {
    Body::Affiliate(Affiliate {
        uid: Uid(uid),
        status: AffiliateStatus::Approved,
        spot_rate: Rate::ONE,
        futures_rate: Rate::ONE,
        futures_window_days: None,
    })
}

fn code(code: &'static str) -> Body<'static> {
    Body::Code(Code {
        code: code.into(),
        owner_uid: Uid(1),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: "".into(),
        is_default: false,
    })
}

/// One of each kind of entry that changes what others come to.
fn far_reaching() -> Vec<Event<'static>> {
    let rebate = Rebate { uid: Uid(1_000), spot_rebate_rate: Rate::ZERO, futures_rebate_rate: Rate::ZERO };
    vec![
        early("program", Body::Program(Program::BUILT_IN)),
        early("affiliate", affiliate(1)),
        early("code", code("ALPHA")),
        early("rebate", Body::Rebate(rebate)),
        early("registration", registration(1, None)),
        early("joined", registration(900, Some(1_000))),
    ]
}

impl Ledger {
    /// Applies entries as a piece; gives how many, and what that read.
    fn piece(&mut self, events: &[Event<'static>]) -> (usize, Steps) {
        let first = self.entries.0.len() as Position + 1;
        let entries: Vec<_> = (first..).zip(events.iter().cloned()).collect();
        self.entries.0.extend(events.iter().cloned());
        let (state, context) = (&mut self.state, Context::alone(&self.entries));
        let mut applied = 0;
        let read = steps(|| {
            let piece = state.apply_piece(Timestamp::EVENT_MIN, &entries, BOUNDS, context);
            applied = piece.expect("memory can be read");
        });
        self.entries.0.truncate(first as usize - 1 + applied);
        (applied, read)
    }
}

#[test]
fn what_is_done_under_one_lock_is_bounded_whatever_the_entry() {
    for event in far_reaching() {
        for invitees in [1, 20, 400] {
            let mut ledger = with_invitees(invitees);
            let (applied, read) = ledger.piece(std::slice::from_ref(&event));
            let taken = read.rows + read.entries;
            assert!(taken <= BOUNDS.steps * STEPS_A_STEP, "{}: {read:?} of {invitees} invitees", event.id);
            let is_far = ledger.state.reach(&event, u64::MAX) > BOUNDS.steps;
            assert_eq!(applied, usize::from(!is_far), "{} of {invitees} invitees", event.id);
        }
    }
    let mut ledger = with_invitees(400);
    for event in far_reaching().into_iter().take(3) {
        assert_eq!(ledger.piece(std::slice::from_ref(&event)).0, 0, "{} reaches all of them", event.id);
    }
}

#[test]
fn no_entry_takes_more_steps_than_its_reach_tells() {
    for event in far_reaching() {
        for invitees in [1, 5, 60] {
            let mut ledger = with_invitees(invitees);
            let mut reach = 0;
            let telling = steps(|| reach = ledger.state.reach(&event, u64::MAX));
            assert!(telling.entries == 0 && telling.rows <= 4 * reach, "{}: {telling:?} to tell {reach}", event.id);
            let position = ledger.entries.0.len() as Position + 1;
            ledger.entries.0.push(event.clone());
            let (state, context) = (&mut ledger.state, Context::alone(&ledger.entries));
            let applied = || state.apply_event(position, Timestamp::EVENT_MIN, &event, context);
            let read = steps(|| applied_once(applied));
            let taken = read.rows + read.entries;
            assert!(taken <= reach * STEPS_A_STEP, "{} takes {read:?}, told was {reach}", event.id);
        }
    }
}

fn applied_once<E: std::fmt::Debug>(apply: impl FnOnce() -> Result<(), E>) {
    apply().expect("memory can be read");
}

#[test]
fn what_is_a_little_late_for_a_busy_account_reaches_what_came_since_and_a_thousand_entries() {
    for late in [1, 100, 3_000] {
        let mut ledger = beside(0);
        ledger.take(registration(7, None));
        for _ in 0..20_000 {
            ledger.take(trade(7));
        }
        let time = Timestamp(Timestamp::EVENT_MIN.0 + (ledger.entries.0.len() as i64 - late) * 1_000_000);
        let rebate = Rebate { uid: Uid(7), spot_rebate_rate: Rate(late as u32), futures_rebate_rate: Rate::ZERO };
        let event = Event { source: "/test".into(), id: late.to_string().into(), time, body: Body::Rebate(rebate) };
        let reach = ledger.state.reach(&event, u64::MAX);
        assert!((late as u64..late as u64 + 1_100).contains(&reach), "{reach} steps for {late} trades");
        let read = ledger.take_event(event);
        assert!((late as u64..=reach).contains(&read.entries), "{read:?}, told was {reach}");
    }
}

#[test]
fn what_an_invitee_does_reaches_up_the_chain_of_who_earns_from_it() {
    let mut ledger = with_invitees(1);
    let trading = |ledger: &Ledger| ledger.state.reach(&early("next", trade(1_000)), u64::MAX);
    assert!(trading(&ledger) < 10);
    let chain = 1..2_000u64;
    for at in chain.clone() {
        let (uid, parent) = (if at == 1 { 1 } else { 200_000 + at }, 200_001 + at);
        ledger.take(registration(uid, Some(parent)));
    }
    ledger.take(registration(200_000 + chain.end, None));
    for body in [trade(1_000), deposit(1_000), registration(5_000, None), trade(5_000)] {
        let reach = ledger.state.reach(&early("next", body.clone()), u64::MAX);
        let read = ledger.take(body.clone());
        assert!(reach >= chain.end && read.rows <= reach * STEPS_A_STEP, "{body:?}: {read:?}, told was {reach}");
    }
}

#[test]
fn a_piece_ends_where_its_entries_together_reach_too_far() {
    let mut ledger = with_invitees(5);
    let rebates: Vec<Event<'static>> = (0..200)
        .map(|at| {
            let rebate =
                Rebate { uid: Uid(1_000 + at % 5), spot_rebate_rate: Rate::ZERO, futures_rebate_rate: Rate::ZERO };
            early(&format!("r{at}"), Body::Rebate(rebate))
        })
        .collect();
    let mut left = &rebates[..];
    let mut pieces = 0;
    while !left.is_empty() {
        let (applied, read) = ledger.piece(left);
        assert!(applied > 0 && applied < 100, "{applied} together reach as far as a piece may");
        assert!(read.rows + read.entries <= BOUNDS.steps * STEPS_A_STEP, "{read:?}");
        (left, pieces) = (&left[applied..], pieces + 1);
    }
    assert!(pieces > 2);
}

#[test]
fn what_a_question_about_a_referrer_reads_is_told_beforehand_for_as_little() {
    const LIMIT: u64 = 256;
    for invitees in [0, 1, 10, 40, 400] {
        let ledger = with_invitees(invitees);
        let links = Links::default();
        let now = Timestamp::EVENT_MIN.plus_days(30);
        let view = View { state: &ledger.state, reader: &ledger.entries, now, links: &links, is_past: false };
        let (uid, range, page) = (Uid(1), RangeRequest::default(), PageRequest::default());
        let questions: [(Weighs, &dyn Fn()); 10] = [
            (Weighs::Codes, &|| drop(view.account_standing(uid).expect("a standing"))),
            (Weighs::Codes, &|| drop(view.changes(uid, range, None, &page).expect("changes"))),
            (Weighs::Cells, &|| drop(view.series_with_before(uid, range, None, Interval::Week).expect("a series"))),
            (Weighs::Cells, &|| drop(view.overview(uid, range, None).expect("an overview"))),
            (Weighs::Cells, &|| drop(view.series(uid, range, None, Interval::Day).expect("a series"))),
            (Weighs::Cells, &|| drop(view.countries(uid, range, &page).expect("countries"))),
            (Weighs::Invitees, &|| drop(view.codes(uid, &page).expect("codes"))),
            (Weighs::Invitees, &|| {
                let (filter, sort) = (ReferralFilter::default(), ReferralSort::VipLevel);
                drop(view.referrals(uid, &filter, sort, Order::Descending, &page).expect("a list"));
            }),
            (Weighs::Events, &|| drop(view.rewards(uid, RewardKind::Commission, range, &page).expect("rewards"))),
            (Weighs::Events, &|| drop(view.offers(uid, &page).expect("offers"))),
        ];
        for (number, (weighs, ask)) in questions.into_iter().enumerate() {
            let mut weight = 0;
            let weighing = steps(|| weight = ledger.state.weight_of(uid, weighs, LIMIT));
            assert!(weighing.entries == 0 && weighing.rows <= 4 * LIMIT, "{weighs:?}: {weighing:?}");
            let read = steps(ask);
            let taken = read.rows + read.entries;
            let is_short = weight < LIMIT;
            assert!(
                !is_short || taken <= (weight + 1) * STEPS_A_STEP,
                "question {number}: {read:?}, told was {weight}"
            );
        }
        let weight = |weighs| ledger.state.weight_of(uid, weighs, LIMIT);
        assert!(weight(Weighs::Codes) < 8, "one code");
        if invitees == 400 {
            assert_eq!((weight(Weighs::Invitees), weight(Weighs::Events)), (LIMIT, LIMIT), "too many to ask in place");
        }
    }
}

#[test]
fn no_more_entries_are_read_for_an_id_than_may_be() {
    let mut ledger = with_invitees(1);
    for _ in 0..ENTRIES_LOOKED_AT_MAX + 100 {
        ledger.take(deposit(1_000));
    }
    let links = Links::default();
    let now = Timestamp::EVENT_MIN.plus_days(30);
    let view = View { state: &ledger.state, reader: &ledger.entries, now, links: &links, is_past: false };
    for name in ["no such id", "1000 no such id"] {
        let mut found = None;
        let read = steps(|| found = view.search(name, None).expect("an answer").not_looked_upto);
        assert!(read.entries <= ENTRIES_LOOKED_AT_MAX as u64 + 1, "{name}: {read:?}");
        let rest = steps(|| drop(view.search(name, found).expect("an answer")));
        assert!(found.is_some() && (1..1_000).contains(&rest.entries), "{name}: {found:?} {rest:?}");
    }
}

#[test]
fn an_account_in_a_circle_of_parents_reaches_no_further_than_the_circle() {
    let mut ledger = beside(0);
    for (uid, parent) in [(11, 12), (12, 13), (13, 11), (14, 13)] {
        ledger.take(registration(uid, Some(parent)));
    }
    for uid in [11, 14] {
        for body in [trade(uid), registration(uid, Some(12)), affiliate(uid)] {
            let reach = ledger.state.reach(&early("again", body), u64::MAX);
            assert!(reach <= 40, "{reach} steps of four accounts");
        }
    }
}

#[test]
fn a_code_reaches_all_its_invitees_unless_it_is_later_than_its_first_event_and_all_of_them() {
    const INVITEES: i64 = 200;
    for is_code_first in [true, false] {
        let mut ledger = Ledger::default();
        if is_code_first {
            ledger.take(code("ALPHA"));
        }
        for uid in 1_000..1_000 + INVITEES as u64 {
            ledger.take(registration(uid, None));
        }
        if !is_code_first {
            ledger.take(code("ALPHA"));
        }
        let last = INVITEES + 1;
        let reach = |position: i64| {
            let time = Timestamp(Timestamp::EVENT_MIN.0 + position * 1_000_000);
            ledger.state.reach(&Event { time, ..early("again", code("ALPHA")) }, u64::MAX)
        };
        for position in [0, 1, 2, INVITEES / 2, INVITEES, last] {
            assert!(reach(position) >= INVITEES as u64, "{} steps at {position} of {last}", reach(position));
        }
        assert!(reach(last + 1) < 4, "{} steps behind all", reach(last + 1));
    }
}

#[test]
fn rules_of_the_platform_look_at_nothing_but_the_rows_of_who_is_nobodys_invitee() {
    let mut ledger = beside(0);
    for uid in 1_000..1_200 {
        let Body::Registration(of_nobody) = registration(uid, None) else { unreachable!("it is a registration") };
        ledger.take(Body::Registration(Registration { code: None, ..of_nobody }));
    }
    let reach = ledger.state.reach(&early("program", Body::Program(Program::BUILT_IN)), u64::MAX);
    assert!((200..210).contains(&reach), "{reach} steps");
}
