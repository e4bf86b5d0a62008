//! A state that batches brought forward is the one that grew event by event: in every answer, in what each entry posted,
//! and in what becomes of it later.

mod generate;
mod kept;

#[path = "batches/apart.rs"]
mod apart;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::{Batch, Frame, FrameCursor, Ledger, LedgerError, LedgerOptions, LedgerReader, MemoryStorage};
use projections::query::Links;
use projections::{Context, FrameEvents, State, View, Workers};
use proptest::prelude::*;
use schemas::{
    AccountType, Affiliate, AffiliateStatus, Body, Code, Country, Event, Kyc, KycStatus, Program, Rate, Rebate,
    Registration, Relationship, Timestamp, Trade, Uid, Usd,
};

/// So many threads, whichever is free taking the next part.
struct Threads(usize);

impl Workers for Threads {
    fn count(&self) -> usize {
        self.0
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(|| {
                    while let Some(part) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|part| *part < parts) {
                        work(part);
                    }
                });
            }
        });
    }
}

/// A ledger of arrivals, so many a frame, and the state that grew with it.
fn ledger_of(arrivals: &[Event<'static>], frame_events: usize) -> (LedgerReader, State) {
    let frames: Vec<usize> = arrivals.chunks(frame_events).map(<[Event<'_>]>::len).collect();
    ledger_of_frames(arrivals, &frames)
}

/// The same where each frame has as many as is said of it.
fn ledger_of_frames(arrivals: &[Event<'static>], frames: &[usize]) -> (LedgerReader, State) {
    let options = LedgerOptions { segment_bytes: 1 << 18, ..LedgerOptions::default() };
    let (mut ledger, _) = Ledger::open(Arc::new(MemoryStorage::default()), options).expect("memory opens");
    let mut state = State::new();
    let recorded = generate::recorded(arrivals);
    let reader = ledger.reader();
    let mut from = 0;
    for count in frames {
        let of_frame = from..from + count;
        from = of_frame.end;
        let now = recorded[of_frame.end - 1];
        let mut batch = Batch::new(ledger.dictionary(), now);
        arrivals[of_frame].iter().for_each(|event| batch.push_event(event, b"raw", || "test".to_owned()));
        let commit = ledger.commit(state.index(), &[batch], now).expect("memory takes it");
        if let Some(frame) = &commit.frame {
            state.apply_frame(frame, &ledger.dictionary(), Context::alone(&reader)).expect("memory can be read");
        }
    }
    (reader, state)
}

fn apply_together(state: &mut State, frames: &[Frame], reader: &LedgerReader, workers: &dyn Workers) {
    let dictionary = reader.dictionary();
    let decoded: Result<Vec<_>, LedgerError> =
        frames.iter().map(|frame| FrameEvents::of_frame(frame, &dictionary, workers)).collect();
    let events: Vec<FrameEvents<'_>> = decoded.expect("memory can be read").into_iter().flatten().collect();
    let events: Vec<&FrameEvents<'_>> = events.iter().collect();
    state.apply_batch(&events, Context::new(reader, workers)).expect("memory can be read");
    frames.iter().for_each(|frame| state.count_frame(frame));
}

/// The state of the same ledger, brought forward in turn so many frames together, and then one event by event if the
/// number says so.
fn batched(reader: &LedgerReader, turns: &[(usize, bool)], workers: &dyn Workers) -> State {
    let mut state = State::new();
    let mut frames = reader.frames(&FrameCursor::START).map(|frame| frame.expect("memory can be read")).peekable();
    for (together, one_by_one) in turns.iter().cycle() {
        if frames.peek().is_none() {
            break;
        }
        let together: Vec<Frame> = frames.by_ref().take(*together).collect();
        apply_together(&mut state, &together, reader, workers);
        if let Some(frame) = frames.next_if(|_| *one_by_one) {
            state.apply_frame(&frame, &reader.dictionary(), Context::alone(reader)).expect("memory can be read");
        }
    }
    state
}

/// All that the state says of itself, and what each entry posted.
fn said(state: &State, reader: &LedgerReader) -> Vec<String> {
    let mut lines = Vec::new();
    state.canonical_lines(reader, &mut |line| lines.push(line.to_owned())).expect("memory can be read");
    let links = Links::default();
    let view = View { state, reader, now: generate::NOW, links: &links, is_past: false };
    lines.push(format!("{:?} {:?}", state.position(), state.recorded_at()));
    lines.push(format!("{:?}", view.status()));
    lines.push(format!("{:?}", view.feed(0, usize::MAX).expect("memory can be read")));
    lines
}

proptest! {
    #![proptest_config(generate::cases(96))]

    #[test]
    fn batches_of_any_size_on_any_number_of_workers_come_to_the_state_of_one_by_one(
        arrivals in prop_oneof![generate::histories(200), generate::histories_of_amounts(200)],
        frame_events in 1usize..12,
        turns in proptest::collection::vec((1usize..12, any::<bool>()), 1..4),
        threads in 1usize..=4,
    ) {
        let (reader, grown) = ledger_of(&arrivals, frame_events);
        let state = batched(&reader, &turns, &Threads(threads));
        prop_assert_eq!(said(&state, &reader), said(&grown, &reader));
        let digest = |state: &State| state.digest(&reader).expect("memory can be read");
        prop_assert_eq!(digest(&state), digest(&grown));
    }
}

/// A history of about so many entries, in the order of their times or in none. Identities come again within a hundred events and
/// not behind them, so that it grows all along. Once it has begun, nearly all are of what a batch takes together.
fn long_history(seed: u64, entries: usize, is_in_order: bool) -> Vec<Event<'static>> {
    // A sum beyond 64 bits is kept in two numbers, and in which of them an amount is hangs on the order of adding.
    let is_narrow = |event: &Event<'_>| {
        let Body::Trade(trade) = &event.body else { return true };
        trade.fee_usd.max(trade.volume_usd) < Usd(1 << 48)
    };
    let is_of_an_account_alone = |event: &Event<'_>| match &event.body {
        Body::Kyc(_) | Body::Deposit(_) | Body::Trade(_) | Body::Vip(_) | Body::Reversal(_) => true,
        Body::Registration(_)
        | Body::Affiliate(_)
        | Body::Code(_)
        | Body::Rebate(_)
        | Body::Note(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => false,
    };
    let drawn = generate::history(seed, entries * 5).into_iter().filter(is_narrow).enumerate();
    let kept = drawn.filter(|(number, event)| *number < 300 || number % 60 == 0 || is_of_an_account_alone(event));
    let mut events: Vec<Event<'static>> = kept.map(|(_, event)| event).collect();
    if is_in_order {
        events.sort_by_key(|event| event.time);
    }
    for (number, event) in events.iter_mut().enumerate() {
        let again = format!("{}-{}", event.id, number / 100);
        event.id = again.into();
        if let Body::Reversal(reversal) = &mut event.body {
            let named = format!("{}-{}", reversal.trade_id, number / 100);
            reversal.trade_id = named.into();
        }
    }
    events
}

/// A history in which accounts and codes are there before the trades, so that batches take these together: one after the other in
/// time, and now and then one of an hour before. In their midst comes what changes whose an account is and what it gets, and each hundredth event is
/// any.
fn settled_history(seed: u64, trades: usize) -> Vec<Event<'static>> {
    let is_narrow = |trade: &Trade<'_>| trade.fee_usd.max(trade.volume_usd) < Usd(1 << 48);
    let (mut drawn, mut others) = (Vec::new(), Vec::new());
    for event in generate::history(seed, trades * 6) {
        let Body::Trade(trade) = event.body else {
            others.push(event);
            continue;
        };
        if is_narrow(&trade) {
            drawn.push(trade);
        }
    }
    assert!(drawn.len() >= trades, "{} trades are drawn", drawn.len());
    let at = |number: usize| Timestamp(generate::NOW.0 - 86_400_000_000 + number as i64 * 20_000_000);
    // The latest time moves with each trade.
    others.retain(|event| event.time < at(0));
    let mut events = Vec::new();
    let mut add = |time: Timestamp, body: Body<'static>| {
        let id = format!("{}", events.len());
        events.push(Event { source: "/settled".into(), id: id.into(), time, body });
    };
    add(at(0), code("SETTLED", OWNER));
    add(at(0), registered(ABOVE, None, None));
    (0..INVITEES).for_each(|invitee| add(at(0), registered(FIRST_INVITEE + invitee, Some("SETTLED"), None)));
    for number in 0..MANY_CODES {
        let name: &'static str = format!("MANY_{number}").leak();
        add(at(0), code(name, OWNER));
        add(at(0), registered(OF_MANY_CODES + number, Some(name), None));
    }
    let turns = turns();
    for (number, trade) in drawn.into_iter().take(trades).enumerate() {
        let back = if number % 37 == 36 { number.min(180) } else { 0 };
        // A few trade before anything is known of them.
        let uid = match number % 25 {
            11 => LATE,
            12 => OF_LATER_CODE,
            13 => SUB_ACCOUNT,
            14 if number > 1_300 => QUIET,
            15 => OF_MANY_CODES + number as u64 % MANY_CODES,
            16 if (1_430..1_452).contains(&number) => NEW,
            2..6 if (1_476..1_481).contains(&number) => OF_CHANGED_RATE,
            3..8 if (2_326..2_335).contains(&number) => OF_RATE_CHANGED_THEN,
            _ => FIRST_INVITEE + (number as u64 * 7) % INVITEES,
        };
        add(at(number - back), Body::Trade(Trade { uid: Uid(uid), ..trade }));
        for (_, back, body) in turns.iter().filter(|(turn, ..)| *turn == number) {
            add(at(number.saturating_add_signed(-back)), body.clone());
        }
        if number % 100 == 99 {
            let Event { time, body, .. } = others.swap_remove(number % others.len());
            add(time, body);
        }
    }
    events
}

const OWNER: u64 = 5_000;
const ABOVE: u64 = 5_001;
const INVITEES: u64 = 40;
const FIRST_INVITEE: u64 = 6_000;
const LATE: u64 = 6_100;
const OF_LATER_CODE: u64 = 6_101;
const SUB_ACCOUNT: u64 = 6_200;
/// Registers with a code that nobody owns yet, and trades long after.
const QUIET: u64 = 6_102;
/// Trades for the first time a moment before it registers.
const NEW: u64 = 6_103;
/// Registers, and trades before its code gets a rate from before then.
const OF_CHANGED_RATE: u64 = 6_104;
/// The same, from that very moment on.
const OF_RATE_CHANGED_THEN: u64 = 6_105;
const OF_MANY_CODES: u64 = 7_000;
const MANY_CODES: u64 = 150;

fn code(name: &'static str, owner: u64) -> Body<'static> {
    code_of_rate(name, owner, Rate::ZERO)
}

fn code_of_rate(code: &'static str, owner: u64, rate: Rate) -> Body<'static> {
    Body::Code(Code {
        code: code.into(),
        owner_uid: Uid(owner),
        spot_rebate_rate: rate,
        futures_rebate_rate: rate,
        note: "".into(),
        is_default: true,
    })
}

fn registered(uid: u64, code: Option<&'static str>, parent: Option<u64>) -> Body<'static> {
    Body::Registration(Registration {
        uid: Uid(uid),
        account_type: if parent.is_some() { AccountType::Sub } else { AccountType::Major },
        country: Country::parse(["DE", "XK", "BR"][uid as usize % 3]),
        code: code.map(Into::into),
        relationship: Relationship::Both,
        parent_uid: parent.map(Uid),
    })
}

/// What comes behind which trade, how many trades its time lies back, and what it is.
fn turns() -> Vec<(usize, isize, Body<'static>)> {
    let standing = |uid: u64| {
        Body::Affiliate(Affiliate {
            uid: Uid(uid),
            status: AffiliateStatus::Approved,
            spot_rate: Rate::ONE,
            futures_rate: Rate::ONE,
            futures_window_days: None,
        })
    };
    let rebate = |uid: u64| {
        let uid = Uid(uid);
        Body::Rebate(Rebate { uid, spot_rebate_rate: Rate::ONE, futures_rebate_rate: Rate::ZERO })
    };
    let verified = |uid: u64| Body::Kyc(Kyc { uid: Uid(uid), status: KycStatus::Verified });
    vec![
        (150, 0, verified(FIRST_INVITEE + 5)),
        (160, 40, verified(FIRST_INVITEE + 5)),
        (300, 0, standing(OWNER)),
        (420, 100, registered(LATE, Some("SETTLED"), None)),
        (640, 60, standing(OWNER)),
        (660, -400, standing(ABOVE)),
        (700, 0, registered(QUIET, Some("LATER"), None)),
        (730, 0, registered(OF_LATER_CODE, Some("LATER"), None)),
        (905, 0, registered(OWNER, None, Some(ABOVE))),
        (1_010, 30, code("LATER", ABOVE)),
        (1_200, 50, rebate(FIRST_INVITEE + 3)),
        (1_333, 0, rebate(FIRST_INVITEE + 4)),
        (1_452, 30, registered(NEW, Some("SETTLED"), None)),
        (1_470, 0, registered(OF_CHANGED_RATE, Some("SETTLED"), None)),
        (1_484, 20, code_of_rate("SETTLED", OWNER, Rate::ONE)),
        (1_500, 20, registered(SUB_ACCOUNT, None, Some(FIRST_INVITEE + 4))),
        (1_560, 300, verified(SUB_ACCOUNT)),
        (1_700, 10, standing(ABOVE)),
        (1_801, 0, code("SETTLED", OWNER)),
        (1_900, 900, code("SETTLED", OWNER)),
        (2_320, 0, registered(OF_RATE_CHANGED_THEN, Some("SETTLED"), None)),
        (2_340, 20, code_of_rate("SETTLED", OWNER, Rate::ONE)),
        (2_100, 80, Body::Program(Program::BUILT_IN)),
    ]
}

/// What is told along the way of a history, such as the latest event time after every thousand entries, no short one shows.
#[test]
fn what_is_kept_of_a_long_history_is_the_same_in_batches() {
    for (seed, is_in_order, frame_events, turns, threads) in [
        (1, false, 7, vec![(40, false)], 1),
        (2, true, 64, vec![(3, true), (11, false)], 2),
        (3, false, 350, vec![(9, false)], 4),
        (4, true, 500, vec![(9, false)], 1),
        (5, true, 10_000, vec![(1, false)], 3),
    ] {
        let (reader, grown) = ledger_of(&long_history(seed, 3_500, is_in_order), frame_events);
        assert!(grown.position() > 2_048, "seed {seed} has {} entries", grown.position());
        let state = batched(&reader, &turns, &Threads(threads));
        assert!(kept::parts_of(&state) == kept::parts_of(&grown), "seed {seed}");
        assert!(said(&state, &reader) == said(&grown, &reader), "seed {seed}");
    }
}

/// The same where nearly all of a batch is taken together.
#[test]
fn what_is_kept_of_settled_accounts_is_the_same_in_batches() {
    for (seed, frame_events, turns, threads) in [
        (1, 41, vec![(1, false), (3, true), (20, false)], 2),
        (2, 41, vec![(2, false)], 1),
        (3, 300, vec![(3, false)], 4),
    ] {
        let (reader, grown) = ledger_of(&settled_history(seed, 2_600), frame_events);
        let state = batched(&reader, &turns, &Threads(threads));
        assert!(kept::parts_of(&state) == kept::parts_of(&grown), "seed {seed}");
        assert!(said(&state, &reader) == said(&grown, &reader), "seed {seed}");
    }
}

#[test]
fn a_frame_is_decoded_in_parts_that_hold_all_of_it_in_its_order() {
    for (size, threads) in [(300, 3), (3_500, 1), (3_500, 2), (3_500, 4)] {
        let (reader, _) = ledger_of(&long_history(6, size, false), usize::MAX);
        let frame =
            reader.frames(&FrameCursor::START).next().expect("all is in one frame").expect("memory can be read");
        let dictionary = reader.dictionary();
        let decoded = FrameEvents::of_frame(&frame, &dictionary, &Threads(threads)).expect("memory can be read");
        let parts = (frame.event_count() as usize / 1_024).clamp(1, threads);
        assert_eq!(decoded.len(), parts, "{} events on {threads} threads", frame.event_count());
        assert_eq!(decoded.iter().map(FrameEvents::len).sum::<usize>(), frame.event_count() as usize);
        assert!(decoded.iter().all(|part| !part.is_empty()));
        let mut events: Vec<Event<'_>> = Vec::new();
        for entry in frame.entries(&dictionary) {
            events.push(entry.expect("memory can be read").1);
        }
        for part in &decoded {
            let of_part: Vec<Event<'_>> = events.drain(..part.len()).collect();
            assert_eq!(part.latest_time(), of_part.iter().map(|event| event.time).max());
        }
    }
    let nothing =
        FrameEvents::of::<LedgerError>(generate::NOW, 0, std::iter::empty()).expect("there is nothing to decode");
    assert!(nothing.is_empty() && nothing.latest_time().is_none());
}
