//! What a run reads: events from small pools, so that identities collide, times tie, parents go in circles and facts
//! come late by themselves; duplicates, impostors and what is no event among them.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use schemas::json::write_event;
use schemas::{
    AccountType, Affiliate, AffiliateStatus, Application, AssetAmount, Body, Campaign, Code, Country, Deposit, Event,
    Join, Kyc, KycStatus, Note, Product, Program, Rate, Rebate, Registration, Relationship, Reversal, Timestamp, Trade,
    Uid, Usd, Vip, Visibility,
};

use crate::clock::BEGIN;
use crate::plan::{Plan, pick};

const HOUR: i64 = 3_600_000_000;
const SOURCES: [&str; 3] = ["/spot", "/futures", "/é"];
/// The codes there may be; the first is the one that most invitees bear.
pub(crate) const CODES: [&str; 5] = ["ALPHA", "BETA", "GAMMA_3", "D_4", "OMEGA"];
/// Who may own codes. The last one is a sub-account where there are some.
pub(crate) const OWNERS: [Uid; 4] = [Uid(1), Uid(2), Uid(3), Uid(20_000)];
/// The campaigns there may be.
pub(crate) const CAMPAIGNS: [&str; 2] = ["spring", "ALPHA"];
const FIRST_INVITEE: u64 = 100;
const FIRST_SUB_ACCOUNT: u64 = 20_000;

/// The texts of a run in the order in which they are produced.
pub(crate) fn history(plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<Vec<u8>> {
    let mut writer = Writer { plan: *plan, trades: Vec::new(), lines: Vec::new(), held: Vec::new() };
    while writer.lines.len() < plan.events {
        writer.next(rng);
    }
    let mut held = std::mem::take(&mut writer.held);
    held.shuffle(rng);
    writer.lines.extend(held);
    writer.lines
}

/// An account that may be invited.
pub(crate) fn invitee(plan: &Plan, rng: &mut impl Rng) -> Uid {
    Uid(FIRST_INVITEE + rng.random_range(0..plan.invitees))
}

/// A rate: the ends, the least, some in between.
pub(crate) fn rate(rng: &mut impl Rng) -> Rate {
    Rate(pick(rng, &[0, 1, 50_000, 100_000, 200_000, 333_333, 1_000_000]))
}

struct Writer {
    plan: Plan,
    /// The trades so far, for reversals to name.
    trades: Vec<(Uid, &'static str, String)>,
    lines: Vec<Vec<u8>>,
    /// What comes after everything else.
    held: Vec<Vec<u8>>,
}

impl Writer {
    fn next(&mut self, rng: &mut ChaCha8Rng) {
        let features = self.plan.features;
        match rng.random_range(0..20) {
            0 if !self.lines.is_empty() => {
                let again = self.lines[rng.random_range(0..self.lines.len())].clone();
                self.lines.push(again);
            }
            1 if features.poison => self.lines.push(poison(rng)),
            _ => {
                let event = self.event(rng);
                let mut line = Vec::new();
                write_event(&event, &mut line);
                // Now and then what everything hangs on comes last.
                let is_held = rng.random_ratio(1, 40);
                if is_held { self.held.push(line) } else { self.lines.push(line) }
            }
        }
    }

    fn event(&mut self, rng: &mut ChaCha8Rng) -> Event<'static> {
        let body = self.body(rng);
        let source = pick(rng, &SOURCES);
        // The type is no part of an identity, so some collide with those of trades.
        let is_trade = matches!(body, Body::Trade(_));
        let kind = if is_trade || rng.random_ratio(1, 30) { 't' } else { 'e' };
        let id = format!("{kind}{}", rng.random_range(0..self.plan.events * 2));
        if let Body::Trade(trade) = &body {
            self.trades.push((trade.uid, source, id.clone()));
        }
        Event { source: source.into(), id: id.into(), time: moment(rng), body }
    }

    /// Whoever acts: an invitee, or one of its sub-accounts.
    fn actor(&self, rng: &mut ChaCha8Rng) -> Uid {
        if self.plan.features.sub_accounts && rng.random_ratio(1, 4) {
            sub_account(rng)
        } else {
            invitee(&self.plan, rng)
        }
    }

    fn body(&mut self, rng: &mut ChaCha8Rng) -> Body<'static> {
        let features = self.plan.features;
        let anyone = invitee(&self.plan, rng);
        match rng.random_range(0..100) {
            0..25 => Body::Registration(self.registration(rng)),
            25..35 => self.code(rng),
            35..40 => Body::Kyc(Kyc { uid: self.actor(rng), status: pick(rng, KycStatus::ALL) }),
            40..45 => Body::Deposit(Deposit {
                uid: self.actor(rng),
                channel: pick(rng, &["p2p", "crypto", "card"]).into(),
                asset: "USDT".into(),
                amount: AssetAmount::parse("12.5").expect("an asset amount"),
                amount_usd: self.amount(rng),
            }),
            45..48 => Body::Vip(Vip { uid: self.actor(rng), vip_level: rng.random_range(0..4) }),
            48..56 if features.reversals && !self.trades.is_empty() => {
                let (uid, trade_source, trade_id) = self.trades[rng.random_range(0..self.trades.len())].clone();
                Body::Reversal(Reversal {
                    uid,
                    trade_source: trade_source.into(),
                    trade_id: trade_id.into(),
                    reason: "bust".into(),
                })
            }
            48..52 if features.reversals => Body::Reversal(Reversal {
                uid: self.actor(rng),
                trade_source: "/spot".into(),
                trade_id: "t1".into(),
                reason: "not seen yet".into(),
            }),
            56..66 if features.rates => rates(rng, anyone),
            66..74 if features.promotions => promotion(rng, anyone),
            _ => Body::Trade(Trade {
                uid: self.actor(rng),
                product: pick(rng, Product::ALL),
                symbol: "BTCUSDT".into(),
                volume_usd: self.amount(rng),
                fee_usd: if rng.random_ratio(1, 6) { Usd(-self.amount(rng).0) } else { self.amount(rng) },
                fee_asset: "BNB".into(),
                fee_amount: AssetAmount::parse("0.000000000000000001").expect("an asset amount"),
                vip_level: pick(rng, &[0, 0, 0, 1, 2, 3]),
            }),
        }
    }

    fn registration(&self, rng: &mut ChaCha8Rng) -> Registration<'static> {
        let features = self.plan.features;
        let code = pick(rng, &["ALPHA", "ALPHA", "ALPHA", "ALPHA", "ALPHA", "BETA", "GAMMA_3", "D_4", "NOBODYS"]);
        let is_sub = features.sub_accounts && rng.random_ratio(1, 5);
        let uid = match rng.random_range(0..12) {
            0 => pick(rng, &OWNERS),
            _ if is_sub => sub_account(rng),
            _ => invitee(&self.plan, rng),
        };
        let parent = match rng.random_range(0..4) {
            0 if features.circles => sub_account(rng),
            1 if features.circles => uid,
            2 => pick(rng, &OWNERS),
            _ => invitee(&self.plan, rng),
        };
        let account_type = if is_sub { pick(rng, &[AccountType::Sub, AccountType::Other]) } else { AccountType::Major };
        Registration {
            uid,
            account_type,
            country: Country::parse(pick(rng, &["DE", "DE", "BR", "XK", "--"])),
            code: rng.random_ratio(9, 10).then(|| code.into()),
            relationship: pick(
                rng,
                &[Relationship::Both, Relationship::Both, Relationship::Spot, Relationship::Futures],
            ),
            parent_uid: is_sub.then_some(parent),
        }
    }

    fn code(&self, rng: &mut ChaCha8Rng) -> Body<'static> {
        let place = pick(rng, &[0, 0, 1, 2, 3, 4]);
        let owner = if self.plan.features.conflicts && rng.random_ratio(1, 4) {
            pick(rng, &OWNERS)
        } else {
            OWNERS[place % OWNERS.len()]
        };
        Body::Code(Code {
            code: CODES[place].into(),
            owner_uid: owner,
            spot_rebate_rate: pick(rng, &[Rate(0), Rate(50_000), Rate(100_000)]),
            futures_rebate_rate: pick(rng, &[Rate(0), Rate(20_000), Rate(400_000)]),
            note: pick(rng, &["", "a note", "=1+1"]).into(),
            is_default: rng.random_ratio(1, 3),
        })
    }

    fn amount(&self, rng: &mut ChaCha8Rng) -> Usd {
        if self.plan.features.large_amounts && rng.random_ratio(1, 12) {
            return Usd(Usd::EVENT_LIMIT - 1);
        }
        Usd(pick(rng, &[0, 1, 9, 10_000, 100_000_000, 150_025_000, 777_777_777, 3_000_000_000]))
    }
}

fn sub_account(rng: &mut impl Rng) -> Uid {
    Uid(FIRST_SUB_ACCOUNT + rng.random_range(0..5))
}

/// Standings, rules and rebates.
fn rates(rng: &mut ChaCha8Rng, invitee: Uid) -> Body<'static> {
    let window = pick(rng, &[None, None, Some(0), Some(3), Some(20)]);
    match rng.random_range(0..3) {
        0 => Body::Affiliate(Affiliate {
            uid: pick(rng, &OWNERS),
            status: pick(rng, AffiliateStatus::ALL),
            spot_rate: rate(rng),
            futures_rate: rate(rng),
            futures_window_days: window,
        }),
        1 => Body::Program(Program {
            default_spot_rate: rate(rng),
            default_futures_rate: rate(rng),
            default_futures_window_days: window,
            spot_vip_max: rng.random_range(0..4),
            futures_vip_max: rng.random_range(0..4),
        }),
        _ => Body::Rebate(Rebate { uid: invitee, spot_rebate_rate: rate(rng), futures_rebate_rate: rate(rng) }),
    }
}

fn promotion(rng: &mut ChaCha8Rng, invitee: Uid) -> Body<'static> {
    match rng.random_range(0..4) {
        0 => Body::Campaign(Campaign {
            id: pick(rng, &CAMPAIGNS).into(),
            visibility: pick(rng, Visibility::ALL),
            title: "Spring".into(),
            description: String::new().into(),
            url: "/spring".into(),
            starts: BEGIN.day().plus(-20),
            ends: BEGIN.day().plus(20),
        }),
        1 => Body::Join(Join { uid: pick(rng, &OWNERS), campaign_id: pick(rng, &CAMPAIGNS).into() }),
        2 => Body::Application(Application { uid: pick(rng, &OWNERS), message: "please".into() }),
        _ => Body::Note(Note { uid: invitee, note: pick(rng, &["", "friend", "@home"]).into() }),
    }
}

/// A moment on a coarse grid of a month, so that times tie; now and then one that is still to come.
fn moment(rng: &mut impl Rng) -> Timestamp {
    let hours = pick(rng, &[1, 6, 12, 24]);
    let back = rng.random_range(-1..30 * 24 / hours) * hours;
    Timestamp(BEGIN.0 - back * HOUR)
}

/// What is no event.
fn poison(rng: &mut impl Rng) -> Vec<u8> {
    let texts: [&[u8]; 6] = [
        b"{",
        b"\xff\xfe",
        b"[]",
        br#"{"specversion":"1.0","type":"referral.coin.v1","source":"/s","id":"1","time":"2026-05-01T00:00:00Z","data":{}}"#,
        br#"{"specversion":"1.0","type":"referral.vip.v1","source":"/s","id":"v","time":"2026-05-01T00:00:00Z","data":{"uid":0,"vip_level":1}}"#,
        // It lies ahead; tried again when the clock has moved on, it is accepted.
        br#"{"specversion":"1.0","type":"referral.vip.v1","source":"/s","id":"w","time":"2026-06-02T18:00:00Z","data":{"uid":100,"vip_level":1}}"#,
    ];
    texts[rng.random_range(0..texts.len())].to_vec()
}
