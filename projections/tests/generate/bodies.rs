//! What the events of accounts, codes and the program hold.

use rand::Rng;
use schemas::{
    AccountType, Affiliate, AffiliateStatus, Application, Code, Country, Deposit, Kyc, KycStatus, Note, Product,
    Program, Rebate, Registration, Relationship, Reversal, Trade, Uid, Vip,
};

use super::event::trade_id;
use super::pools::{self, CODES, COUNTRIES, INVITEES, MISSING, OWNERS, SOURCES, SUB_ACCOUNTS, UIDS, pick};

/// Any account of the pool.
fn uid(rng: &mut impl Rng) -> Uid {
    pick(rng, &UIDS)
}

/// An account that trades: the invitees and their sub-accounts more often.
fn trader(rng: &mut impl Rng) -> Uid {
    match rng.random_range(0..6) {
        0 => uid(rng),
        1..=3 => pick(rng, &INVITEES),
        _ => pick(rng, &SUB_ACCOUNTS),
    }
}

/// A registration: mostly as the account's role has it, else anything, so that parents go missing or in circles.
pub(super) fn registration(rng: &mut impl Rng) -> Registration<'static> {
    let uid = match uid(rng) {
        // The owner of `D_4` seldom registers.
        Uid(9) if rng.random_ratio(3, 4) => INVITEES[0],
        uid => uid,
    };
    let typical = match uid {
        Uid(71) => (AccountType::Sub, Some(Uid(7))),
        Uid(80) => (AccountType::Sub, Some(Uid(700))),
        Uid(81) => (AccountType::Other, Some(Uid(80))),
        Uid(82) => (AccountType::Sub, Some(pick(rng, &[Uid(81), Uid(701), MISSING]))),
        Uid(_) => (AccountType::Major, None),
    };
    let (account_type, parent) =
        if rng.random_ratio(4, 5) { typical } else { (pick(rng, AccountType::ALL), Some(parent(rng))) };
    let code = match rng.random_range(0..12) {
        0 => None,
        1 => Some(pick(rng, &["alpha", "OMEGA"])),
        2..=9 => Some("ALPHA"),
        _ => Some(pick(rng, &CODES)),
    };
    let country = if rng.random_ratio(1, 4) { None } else { Country::parse(pick(rng, &COUNTRIES)) };
    Registration {
        uid,
        account_type,
        country,
        code: code.map(Into::into),
        relationship: pick(rng, &[Relationship::Both, Relationship::Both, Relationship::Spot, Relationship::Futures]),
        parent_uid: if account_type == AccountType::Major { None } else { parent },
    }
}

/// Any parent: an owner, an invitee, a sub-account, so that circles close, or one that never registers.
fn parent(rng: &mut impl Rng) -> Uid {
    match rng.random_range(0..4) {
        0 => pick(rng, &OWNERS),
        1 => pick(rng, &INVITEES),
        2 => pick(rng, &SUB_ACCOUNTS),
        _ => MISSING,
    }
}

pub(super) fn kyc(rng: &mut impl Rng) -> Kyc {
    Kyc { uid: trader(rng), status: pick(rng, KycStatus::ALL) }
}

pub(super) fn deposit(rng: &mut impl Rng) -> Deposit<'static> {
    Deposit {
        uid: trader(rng),
        channel: pick(rng, &["p2p", "crypto", "fiat", "cash", "card", "P2P"]).into(),
        asset: pick(rng, &["USDT", "BTC"]).into(),
        amount: pools::asset_amount(rng),
        amount_usd: pools::volume(rng),
    }
}

pub(super) fn trade(rng: &mut impl Rng) -> Trade<'static> {
    let product = pick(rng, Product::ALL);
    Trade {
        uid: trader(rng),
        product,
        symbol: pick(rng, &["BTCUSDT", "ETHUSDT"]).into(),
        volume_usd: pools::volume(rng),
        fee_usd: pools::fee(rng),
        fee_asset: pick(rng, &["BNB", "USDT"]).into(),
        fee_amount: pools::asset_amount(rng),
        vip_level: pools::vip_level(rng),
    }
}

/// A reversal of any trade of the pools, whether or not there is one: early, late, twice or of nothing.
pub(super) fn reversal(rng: &mut impl Rng) -> Reversal<'static> {
    Reversal {
        uid: trader(rng),
        trade_source: pick(rng, &SOURCES).into(),
        trade_id: trade_id(rng).into(),
        reason: pick(rng, &["bust", "wash trade"]).into(),
    }
}

pub(super) fn vip(rng: &mut impl Rng) -> Vip {
    Vip { uid: trader(rng), vip_level: pools::vip_level(rng) }
}

/// A referrer's standing; one in four is suspended, and rates lie below rebates as often as not.
pub(super) fn affiliate(rng: &mut impl Rng) -> Affiliate {
    let status = if rng.random_ratio(1, 4) { AffiliateStatus::Suspended } else { AffiliateStatus::Approved };
    Affiliate {
        uid: if rng.random_ratio(1, 2) { OWNERS[0] } else { pick(rng, &UIDS[..5]) },
        status,
        spot_rate: pools::rate(rng),
        futures_rate: pools::rate(rng),
        futures_window_days: pools::window_days(rng),
    }
}

/// A code's state, mostly by its owner: `GAMMA` belongs to a sub-account. One in ten is by anyone.
pub(super) fn code(rng: &mut impl Rng) -> Code<'static> {
    // `ALPHA`, which most sign up with, changes most.
    let at = pick(rng, &[0, 0, 0, 1, 2, 3]);
    let (code, owner) = (CODES[at], OWNERS[at]);
    Code {
        code: code.into(),
        owner_uid: if rng.random_ratio(1, 10) { uid(rng) } else { owner },
        spot_rebate_rate: pools::rebate_rate(rng),
        futures_rebate_rate: pools::rebate_rate(rng),
        note: pools::note(rng).into(),
        is_default: rng.random_ratio(1, 2),
    }
}

pub(super) fn rebate(rng: &mut impl Rng) -> Rebate {
    Rebate { uid: trader(rng), spot_rebate_rate: pools::rebate_rate(rng), futures_rebate_rate: pools::rebate_rate(rng) }
}

pub(super) fn note(rng: &mut impl Rng) -> Note<'static> {
    Note { uid: trader(rng), note: pools::note(rng).into() }
}

pub(super) fn program(rng: &mut impl Rng) -> Program {
    Program {
        default_spot_rate: pools::rate(rng),
        default_futures_rate: pools::rate(rng),
        default_futures_window_days: pools::window_days(rng),
        spot_vip_max: pick(rng, &[0, 1, 2, 3, 20]),
        futures_vip_max: pick(rng, &[0, 1, 2, 20]),
    }
}

pub(super) fn application(rng: &mut impl Rng) -> Application<'static> {
    Application { uid: uid(rng), message: pick(rng, &["please", ""]).into() }
}
