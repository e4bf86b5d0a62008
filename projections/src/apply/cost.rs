//! Laws of cost: how many rows of accounts and entries of the ledger an event reads does not grow with what it does not
//! touch. Steps are counted, and no time is taken.

mod asked_in_place;
mod batched;
mod bounded;
mod cohorts;
mod forgone;
mod published;
mod sharing;

use std::cell::Cell;

use ledger::{EventReader, Position, ReadError};
use schemas::{
    AccountType, Affiliate, AffiliateStatus, Body, Code, Deposit, Event, Kyc, KycStatus, Product, Program, Rate,
    Registration, Relationship, Reversal, Timestamp, Trade, Uid, Usd, Vip,
};

use crate::context::Context;
use crate::parents::Follower;
use crate::query::{Interval, Links, Order, PageRequest, RangeRequest, ReferrerSort, View};
use crate::state::State;

thread_local! {
    static ROWS_READ: Cell<u64> = const { Cell::new(0) };
    static ENTRIES_READ: Cell<u64> = const { Cell::new(0) };
}

/// Counts that the row of an account was read, by this test's thread.
pub(crate) fn count_row() {
    ROWS_READ.set(ROWS_READ.get() + 1);
}

#[derive(Default)]
struct Entries(Vec<Event<'static>>);

impl EventReader for Entries {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        ENTRIES_READ.set(ENTRIES_READ.get() + 1);
        let last = self.0.len() as Position;
        self.0.get(position as usize - 1).cloned().ok_or(ReadError::NoSuchPosition { position, last })
    }

    fn recorded_at(&self, _position: Position) -> Result<Timestamp, ReadError> {
        Ok(Timestamp::EVENT_MIN)
    }
}

#[derive(Default)]
struct Ledger {
    entries: Entries,
    state: State,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Steps {
    rows: u64,
    entries: u64,
}

/// What `work` read.
fn steps<T>(work: impl FnOnce() -> T) -> Steps {
    let (rows, entries) = (ROWS_READ.get(), ENTRIES_READ.get());
    work();
    Steps { rows: ROWS_READ.get() - rows, entries: ENTRIES_READ.get() - entries }
}

impl Ledger {
    /// Applies an event of a later time than all before it; says what that read.
    fn take(&mut self, body: Body<'static>) -> Steps {
        let position = self.entries.0.len() as Position + 1;
        let time = Timestamp(Timestamp::EVENT_MIN.0 + position as i64 * 1_000_000);
        self.take_event(Event { source: "/test".into(), id: position.to_string().into(), time, body })
    }

    fn take_event(&mut self, event: Event<'static>) -> Steps {
        let position = self.entries.0.len() as Position + 1;
        self.entries.0.push(event.clone());
        let time = event.time;
        steps(|| {
            self.state.apply_event(position, time, &event, Context::alone(&self.entries)).expect("memory can be read")
        })
    }

    /// All that a busy account does, each event with what it read.
    fn activity(&mut self, uid: u64) -> Vec<Steps> {
        let trade_id = (self.entries.0.len() + 2).to_string();
        let reversal =
            Reversal { uid: Uid(uid), trade_source: "/test".into(), trade_id: trade_id.into(), reason: "bust".into() };
        let events = [kyc(uid), trade(uid), Body::Reversal(reversal), deposit(uid), vip(uid), trade(uid)];
        events.map(|body| self.take(body)).to_vec()
    }
}

fn vip(uid: u64) -> Body<'static> {
    Body::Vip(Vip { uid: Uid(uid), vip_level: 1 })
}

fn kyc(uid: u64) -> Body<'static> {
    Body::Kyc(Kyc { uid: Uid(uid), status: KycStatus::Verified })
}

fn deposit(uid: u64) -> Body<'static> {
    Body::Deposit(Deposit {
        uid: Uid(uid),
        channel: "p2p".into(),
        asset: "USDT".into(),
        amount: Default::default(),
        amount_usd: Usd(1),
    })
}

fn trade(uid: u64) -> Body<'static> {
    Body::Trade(Trade {
        uid: Uid(uid),
        product: Product::Spot,
        symbol: "BTCUSDT".into(),
        volume_usd: Usd(100 * Usd::UNITS),
        fee_usd: Usd(Usd::UNITS),
        fee_asset: "USDT".into(),
        fee_amount: Default::default(),
        vip_level: 0,
    })
}

fn registration(uid: u64, parent: Option<u64>) -> Body<'static> {
    Body::Registration(Registration {
        uid: Uid(uid),
        account_type: if parent.is_some() { AccountType::Sub } else { AccountType::Major },
        country: None,
        code: parent.is_none().then_some("ALPHA".into()),
        relationship: Relationship::Both,
        parent_uid: parent.map(Uid),
    })
}

fn code() -> Body<'static> {
    Body::Code(Code {
        code: "ALPHA".into(),
        owner_uid: Uid(1),
        spot_rebate_rate: Rate(0),
        futures_rebate_rate: Rate(0),
        note: "".into(),
        is_default: false,
    })
}

/// A ledger in which `others` accounts stand that have nothing to do with anything, and the code `ALPHA` of 1.
fn beside(others: u64) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.take(code());
    for uid in 1_000_000..1_000_000 + others {
        ledger.take(vip(uid));
    }
    ledger
}

/// A ledger in which 7, an invitee, has `siblings` sub-accounts, each of which deposited, was verified and traded.
fn with_siblings(siblings: u64) -> Ledger {
    let mut ledger = beside(0);
    ledger.take(registration(7, None));
    for uid in 1_000..1_000 + siblings {
        ledger.take(registration(uid, Some(7)));
        ledger.activity(uid);
    }
    ledger
}

#[test]
fn an_event_of_accounts_in_a_circle_reads_as_much_however_many_others_there_are() {
    let read = |others| {
        let mut ledger = beside(others);
        let mut steps: Vec<Steps> =
            [(11, 12), (12, 13), (13, 11)].map(|(uid, parent)| ledger.take(registration(uid, Some(parent)))).to_vec();
        steps.extend(ledger.activity(11));
        steps
    };
    assert_eq!(read(10), read(3_000));
}

#[test]
fn an_event_of_a_sub_account_reads_as_much_however_many_siblings_it_has() {
    let read = |siblings| {
        let mut ledger = with_siblings(siblings);
        let mut steps = vec![ledger.take(registration(71, Some(7)))];
        steps.extend(ledger.activity(71));
        // The head's own firsts come after those of its sub-accounts.
        steps.extend(ledger.activity(7));
        steps
    };
    assert_eq!(read(3), read(1_000));
}

#[test]
fn a_sub_account_that_is_registered_late_reads_what_it_did_and_no_siblings() {
    let read = |siblings| {
        let mut ledger = with_siblings(siblings);
        ledger.activity(711);
        ledger.take(registration(711, Some(71)));
        ledger.activity(71);
        ledger.take(registration(71, Some(7)))
    };
    assert_eq!(read(3), read(1_000));
}

#[test]
fn a_walk_down_meets_each_account_once() {
    for siblings in [10, 1_000] {
        let ledger = with_siblings(siblings);
        let head = ledger.state.find_account(Uid(7)).expect("it registered");
        let mut followers: Vec<Follower> = Vec::new();
        let steps = steps(|| followers = ledger.state.followers(head, Position::MAX));
        assert_eq!(followers.len() as u64, siblings + 1);
        assert_eq!(steps.rows, siblings + 1);
    }
}

/// The rules of the platform, effective before everything.
fn early_program(default_spot_rate: u32, spot_vip_max: u8) -> Event<'static> {
    let program = Program { default_spot_rate: Rate(default_spot_rate), spot_vip_max, ..Program::BUILT_IN };
    Event { source: "/test".into(), id: "rules".into(), time: Timestamp::EVENT_MIN, body: Body::Program(program) }
}

#[test]
fn a_late_rate_reads_each_trade_once_and_none_that_comes_to_the_same() {
    let Program { default_spot_rate: Rate(rate), spot_vip_max, .. } = Program::BUILT_IN;
    let read = |event: Event<'static>| {
        let mut ledger = with_siblings(3);
        ledger.take_event(event).entries
    };
    let own = with_siblings(3).entries.0.len() as u64;
    assert_eq!(read(early_program(rate, spot_vip_max)), 0, "what is said once more turns nothing");
    let turned = read(early_program(rate + 1, spot_vip_max));
    assert!((3 * 2..own).contains(&turned), "{turned} of {own}");

    // A referrer with a standing of its own has no part in the platform's rates, but in its limits.
    let with_standing = |event: Event<'static>| {
        let mut ledger = beside(0);
        let standing = Affiliate {
            uid: Uid(1),
            spot_rate: Rate(1),
            futures_rate: Rate(1),
            futures_window_days: None,
            status: AffiliateStatus::Approved,
        };
        ledger.take(Body::Affiliate(standing));
        ledger.take(registration(7, None));
        ledger.activity(7);
        ledger.take_event(event).entries
    };
    assert_eq!(with_standing(early_program(rate + 1, spot_vip_max)), 0);
    assert!(with_standing(early_program(rate, spot_vip_max + 1)) > 0);
}

#[test]
fn a_code_that_comes_late_has_each_event_read_once() {
    let events = |trades: usize| {
        let mut ledger = Ledger::default();
        ledger.take(registration(7, None));
        for _ in 0..trades {
            ledger.take(trade(7));
        }
        ledger.take(code()).entries
    };
    assert_eq!((events(10), events(500)), (11, 501));
}

#[test]
fn a_trade_reads_no_reversal_that_waits_for_another_one() {
    let mut ledger = with_siblings(0);
    for number in 0..50 {
        let trade_id = format!("not there yet {number}");
        let reversal =
            Reversal { uid: Uid(7), trade_source: "/test".into(), trade_id: trade_id.into(), reason: "bust".into() };
        ledger.take(Body::Reversal(reversal));
    }
    assert_eq!(ledger.take(trade(7)).entries, 0);
}

#[test]
fn everybodys_numbers_read_codes_and_days_and_no_invitees() {
    let read = |siblings: u64, invitees: u64| {
        let mut ledger = with_siblings(siblings);
        for uid in 100..100 + invitees {
            ledger.take(registration(uid, None));
            ledger.activity(uid);
        }
        let view = View {
            state: &ledger.state,
            reader: &ledger.entries,
            now: Timestamp::EVENT_MIN,
            links: &Links::default(),
            is_past: false,
        };
        let all = || {
            let (range, sort) = (RangeRequest::default(), ReferrerSort::default());
            view.referrer_list(range, sort, Order::Descending, &PageRequest::default()).expect("a list");
            view.overview(None, range, None).expect("an overview");
            view.series(None, range, None, Interval::Day).expect("a series");
            view.countries(None, range, &PageRequest::default()).expect("countries");
        };
        steps(all)
    };
    assert_eq!(read(3, 3), read(300, 300));
}
