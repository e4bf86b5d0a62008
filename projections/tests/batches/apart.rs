//! What has an account of a batch go apart, each by itself: a few entries that are known, and one batch of a few more.

use std::borrow::Cow;

use projections::{Context, State};
use schemas::{Body, Event, Kyc, KycStatus, Product, Rate, Timestamp, Trade, Uid, Usd};

use crate::{Threads, apply_together, code, code_of_rate, generate, kept, ledger_of_frames, registered, said};

const OWNER: u64 = 1;
const INVITEE: u64 = 2;
const SUB_ACCOUNT: u64 = 3;

/// So many minutes after a moment, something happens.
type Told = (i64, Body<'static>);

fn trade(minute: i64, uid: u64) -> Told {
    let (volume_usd, fee_usd) = (Usd(1_000 * Usd::UNITS), Usd(10 * Usd::UNITS));
    let body = Body::Trade(Trade {
        uid: Uid(uid),
        product: Product::Spot,
        symbol: "BTCUSDT".into(),
        volume_usd,
        fee_usd,
        fee_asset: "USDT".into(),
        fee_amount: Default::default(),
        vip_level: 0,
    });
    (minute, body)
}

fn verified(minute: i64, uid: u64) -> Told {
    (minute, Body::Kyc(Kyc { uid: Uid(uid), status: KycStatus::Verified }))
}

/// Whether the second of two frames, taken as a batch, leaves the state that it leaves entry by entry.
fn is_the_same(what: &str, known: Vec<Told>, batch: Vec<Told>) {
    let frames = [known.len(), batch.len()];
    let event = |(number, (minute, body)): (usize, Told)| Event {
        source: "/apart".into(),
        id: Cow::Owned(number.to_string()),
        time: Timestamp(generate::NOW.0 + minute * 60_000_000),
        body,
    };
    let arrivals: Vec<Event<'static>> = known.into_iter().chain(batch).enumerate().map(event).collect();
    let (reader, grown) = ledger_of_frames(&arrivals, &frames);
    assert_eq!(grown.position() as usize, arrivals.len(), "{what}: all are accepted");
    let frames: Vec<_> =
        reader.frames(&ledger::FrameCursor::START).map(|frame| frame.expect("memory can be read")).collect();
    let mut state = State::new();
    state.apply_frame(&frames[0], &reader.dictionary(), Context::alone(&reader)).expect("memory can be read");
    apply_together(&mut state, &frames[1..], &reader, &Threads(2));
    assert_eq!(said(&state, &reader), said(&grown, &reader), "{what}");
    assert!(kept::parts_of(&state) == kept::parts_of(&grown), "{what}");
}

#[test]
fn who_registers_in_a_batch_comes_to_what_it_comes_to_one_by_one() {
    let known = || vec![(0, code("CODE", OWNER))];
    is_the_same(
        "it traded before, in the batch: the registration posts that trade",
        known(),
        vec![trade(10, INVITEE), (5, registered(INVITEE, Some("CODE"), None)), trade(11, INVITEE)],
    );
    is_the_same(
        "it traded before, and not in the batch",
        [known(), vec![trade(10, INVITEE), verified(11, INVITEE)]].concat(),
        vec![(5, registered(INVITEE, Some("CODE"), None)), trade(12, INVITEE), verified(4, INVITEE)],
    );
    is_the_same(
        "a sub-account of it was verified before it: the family is verified once",
        [known(), vec![(1, registered(SUB_ACCOUNT, None, Some(INVITEE))), verified(2, SUB_ACCOUNT)]].concat(),
        vec![(3, registered(INVITEE, Some("CODE"), None)), verified(4, INVITEE)],
    );
    is_the_same(
        "it is a sub-account: what it does then counts for its parent",
        [known(), vec![(1, registered(INVITEE, Some("CODE"), None))]].concat(),
        vec![(2, registered(SUB_ACCOUNT, None, Some(INVITEE))), trade(3, SUB_ACCOUNT), verified(4, SUB_ACCOUNT)],
    );
}

#[test]
fn rates_that_a_code_gets_from_the_very_moment_of_a_registration_reach_the_trades_before_them() {
    let known = vec![(0, code("CODE", OWNER)), (5, registered(INVITEE, Some("CODE"), None))];
    let batch = vec![trade(10, INVITEE), (5, code_of_rate("CODE", OWNER, Rate::ONE)), trade(11, INVITEE)];
    is_the_same("from the same moment on", known, batch);
}

/// Codes are divided among the workers by chunks of a column, of which none is divided.
#[test]
fn a_code_that_a_part_begins_with_is_written_by_that_part() {
    let chunk = ledger::column::CHUNK_ROWS;
    let mut known: Vec<Told> = Vec::new();
    for number in 0..=chunk {
        let (name, uid): (&'static str, u64) = (format!("CODE-{number}").leak(), INVITEE + number as u64);
        known.push((0, code(name, OWNER)));
        known.push((1, registered(uid, Some(name), None)));
    }
    let batch = [chunk - 1, chunk].map(|number| trade(2, INVITEE + number as u64));
    is_the_same("the last code of a part and the first of the next", known, batch.to_vec());
}
