//! The small pools that a history is drawn from.

use rand::Rng;
use schemas::{AssetAmount, Rate, Timestamp, Uid, Usd};

/// All accounts; [`OWNERS`], [`INVITEES`] and [`SUB_ACCOUNTS`] are the roles that they mostly have.
pub const UIDS: [Uid; 11] =
    [Uid(7), Uid(70), Uid(71), Uid(9), Uid(700), Uid(701), Uid(702), Uid(8), Uid(80), Uid(81), Uid(82)];

/// The owners of [`CODES`], each of the one at its place: two major accounts, a sub-account of the first, and one
/// that seldom registers.
pub const OWNERS: [Uid; 4] = [Uid(7), Uid(70), Uid(71), Uid(9)];

/// Major accounts that own no code.
pub const INVITEES: [Uid; 4] = [Uid(700), Uid(701), Uid(702), Uid(8)];

/// Accounts of a parent: the first's is an invitee, the second's the first, the third's changes from draw to draw.
pub const SUB_ACCOUNTS: [Uid; 3] = [Uid(80), Uid(81), Uid(82)];

/// A parent that never registers.
pub const MISSING: Uid = Uid(99);

/// The codes that exist. `ALPHA` is the id of an offer too: they share one space of names.
pub const CODES: [&str; 4] = ["ALPHA", "BETA", "GAMMA", "D_4"];

/// The countries of registrations; the unknown besides.
pub const COUNTRIES: [&str; 3] = ["DE", "XK", "BR"];

/// Whose events come from where. Bytes order them `/B`, `/a`, `/é`.
pub const SOURCES: [&str; 3] = ["/a", "/B", "/é"];

/// 2026-03-26: the days after it cross the end of a week, a month and a quarter.
const FIRST_DAY_MICROS: i64 = 1_774_483_200_000_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// How many days a history spans.
pub const DAYS: i64 = 12;

/// A moment of the grid: day 0 is 2026-03-26.
pub const fn time(day: i64, second: i64) -> Timestamp {
    Timestamp(FIRST_DAY_MICROS + day * DAY_MICROS + second * 1_000_000)
}

/// One of a few.
pub fn pick<T: Clone>(rng: &mut impl Rng, pool: &[T]) -> T {
    pool[rng.random_range(0..pool.len())].clone()
}

/// A moment on the coarse grid of the days given: midnight or noon, now and then the last microsecond of a day.
pub fn moment(rng: &mut impl Rng, days: std::ops::Range<i64>) -> Timestamp {
    let day = rng.random_range(days);
    match rng.random_range(0..8) {
        0 => Timestamp(time(day + 1, 0).0 - 1),
        1..=4 => time(day, 43_200),
        _ => time(day, 0),
    }
}

/// Any moment of the grid, the last two days, which are mostly still to come, more often.
pub fn any_moment(rng: &mut impl Rng) -> Timestamp {
    let first = if rng.random_ratio(1, 5) { DAYS - 2 } else { 0 };
    moment(rng, first..DAYS)
}

/// A moment among the first days, now and then any.
pub fn early_moment(rng: &mut impl Rng) -> Timestamp {
    if rng.random_ratio(1, 5) { any_moment(rng) } else { moment(rng, 0..4) }
}

/// A moment after the first days, now and then any.
pub fn late_moment(rng: &mut impl Rng) -> Timestamp {
    if rng.random_ratio(1, 3) { any_moment(rng) } else { moment(rng, 3..DAYS) }
}

/// A rate: both ends, the least, some in between.
pub fn rate(rng: &mut impl Rng) -> Rate {
    Rate(pick(rng, &[0, 1, 50_000, 100_000, 100_000, 200_000, 333_333, 500_000, 1_000_000]))
}

/// A rebate rate: mostly below a base rate, sometimes above.
pub fn rebate_rate(rng: &mut impl Rng) -> Rate {
    if rng.random_ratio(1, 4) { rate(rng) } else { Rate(pick(rng, &[0, 0, 1, 50_000, 100_000, 33_333])) }
}

/// A fee: rebates to the maker, none, ones that cut to nothing, plain ones, the largest.
pub fn fee(rng: &mut impl Rng) -> Usd {
    let texts = [
        "-0.5",
        "-0.00000001",
        "0",
        "0.00000001",
        "0.00000009",
        "0.0001",
        "1",
        "1",
        "12",
        "12",
        "1.50025",
        "1.50025",
        "7.77777777",
        "30",
    ];
    if rng.random_ratio(1, 20) { pick(rng, &[largest(), Usd(-largest().0)]) } else { usd(pick(rng, &texts)) }
}

/// A volume.
pub fn volume(rng: &mut impl Rng) -> Usd {
    if rng.random_ratio(1, 20) {
        largest()
    } else {
        usd(pick(rng, &["0", "0.00000001", "100", "100", "1500.25", "99999.5"]))
    }
}

/// An amount of an asset, at the limits of digits and decimals too.
pub fn asset_amount(rng: &mut impl Rng) -> AssetAmount {
    let texts = ["0", "0.0025", "12", "1234567890.123456789012345678", "0.000000000000000001"];
    AssetAmount::parse(pick(rng, &texts)).expect("an asset amount")
}

/// A VIP level: around the limits of the built-in rules and of `futures_volume`, and the highest.
pub fn vip_level(rng: &mut impl Rng) -> u8 {
    pick(rng, &[0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 20])
}

/// A futures window in days; `None` is no window.
pub fn window_days(rng: &mut impl Rng) -> Option<u16> {
    pick(rng, &[None, None, Some(0), Some(1), Some(2), Some(4), Some(30), Some(36_500)])
}

/// A note: empty, in either case, with letters whose case is not ASCII's.
pub fn note(rng: &mut impl Rng) -> &'static str {
    pick(rng, &["", "VIP friend", "vip FRIEND", "Über 700", "ÜBER", "=1+1", "a\tb"])
}

/// A USD amount that is known to be one.
pub fn usd(text: &str) -> Usd {
    Usd::parse(text).expect("a USD amount")
}

/// The largest magnitude that an event's amount may have.
fn largest() -> Usd {
    Usd(Usd::EVENT_LIMIT - 1)
}
