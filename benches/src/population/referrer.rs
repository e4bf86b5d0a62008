//! Referrers and their codes. The first is the demo referrer: uid 7, with the default code `TRIBUTARY`.

use std::ops::Range;

use schemas::{Rate, Timestamp, Uid};

use crate::dice::Dice;

/// Who invites others.
pub(crate) struct Referrer {
    pub(crate) uid: Uid,
    pub(crate) registered: Timestamp,
    /// Its codes, by their place among the population's codes.
    pub(crate) codes: Range<usize>,
    /// Whether it is an affiliate with rates of its own.
    pub(crate) affiliate: bool,
}

/// A code as it is created.
pub(crate) struct ReferralCode {
    pub(crate) code: String,
    pub(crate) owner: Uid,
    pub(crate) created: Timestamp,
    pub(crate) spot_rebate_rate: Rate,
    pub(crate) futures_rebate_rate: Rate,
    pub(crate) note: &'static str,
    pub(crate) is_default: bool,
}

/// The uid of the demo referrer.
pub const DEMO_UID: Uid = Uid(7);

/// The default code of the demo referrer.
pub const DEMO_CODE: &str = "TRIBUTARY";

/// The demo referrer's codes: rebate rates in millionths, note.
const DEMO_CODES: [(&str, u32, u32, &str); 6] = [
    (DEMO_CODE, 50_000, 25_000, "Everyone"),
    ("TRIB_VIDEO", 100_000, 50_000, "Video channel"),
    ("TRIB_CHAT", 80_000, 40_000, "Chat group 💬"),
    ("TRIB_LATAM", 100_000, 100_000, "Campaña «LatAm»"),
    ("TRIB_FUTURES", 0, 150_000, "Futures desk"),
    ("TRIB_DESK", 0, 0, "Owned by the desk's sub-account, if there is one"),
];

const WORDS: [&str; 16] = [
    "RIVER", "DELTA", "SPRING", "BROOK", "CREEK", "FJORD", "LAGOON", "RAPIDS", "STREAM", "SOURCE", "BASIN", "CANAL",
    "OXBOW", "ESTUARY", "MEANDER", "CASCADE",
];

const CODE_NOTES: [&str; 8] = ["", "", "", "Newsletter", "Meet-up", "Статья", "قناة", "friends & family"];

const DAY: i64 = schemas::time::DAY_MICROS;

/// Draws so many referrers and their codes, each referrer's together and its first code first.
pub(crate) fn draw(
    count: u32,
    start: Timestamp,
    end: Timestamp,
    dice: &mut Dice,
) -> (Vec<Referrer>, Vec<ReferralCode>) {
    let mut referrers = vec![demo_referrer(start)];
    let mut codes = demo_codes(referrers[0].registered, end);
    let mut uid = 1_000;
    for number in 1..count {
        uid += 1 + u64::from(dice.below(40));
        // Three in four were there before the history begins, the others join in its first third.
        let registered = if dice.below(4) < 3 {
            Timestamp(start.0 - dice.micros(400 * DAY))
        } else {
            Timestamp(start.0 + dice.micros((end.0 - start.0) / 3))
        };
        let first = codes.len();
        // Small ones have one or two codes, few have all twenty.
        let code_count = 1 + dice.low(5).max(if dice.below(40) == 0 { dice.below(20) } else { 0 });
        for at in 0..code_count {
            let is_default = at == 0 && dice.below(10) < 9;
            let within = if at == 0 { 2 * DAY } else { 60 * DAY };
            let created = Timestamp((registered.0 + dice.micros(within)).min(end.0));
            codes.push(draw_code(number, at, Uid(uid), created, is_default, dice));
        }
        referrers.push(Referrer {
            uid: Uid(uid),
            registered,
            codes: first..codes.len(),
            affiliate: dice.below(100) < 60,
        });
    }
    (referrers, codes)
}

fn demo_referrer(start: Timestamp) -> Referrer {
    Referrer { uid: DEMO_UID, registered: start.plus_days(-250), codes: 0..DEMO_CODES.len(), affiliate: true }
}

fn demo_codes(registered: Timestamp, end: Timestamp) -> Vec<ReferralCode> {
    DEMO_CODES
        .iter()
        .zip(0..)
        .map(|((code, spot, futures, note), at)| ReferralCode {
            code: (*code).to_owned(),
            owner: DEMO_UID,
            // The last ones come while the history runs.
            created: registered.plus_days(at * 55).min(end),
            spot_rebate_rate: Rate(*spot),
            futures_rebate_rate: Rate(*futures),
            note,
            is_default: at == 0,
        })
        .collect()
}

fn draw_code(number: u32, at: u32, owner: Uid, created: Timestamp, is_default: bool, dice: &mut Dice) -> ReferralCode {
    let word = WORDS[number as usize % WORDS.len()];
    let code = if at == 0 { format!("{word}{number}") } else { format!("{word}{number}_{at}") };
    let (spot, futures) = draw_rebates(dice);
    ReferralCode {
        code,
        owner,
        created,
        spot_rebate_rate: spot,
        futures_rebate_rate: futures,
        note: dice.pick::<&'static str>(&CODE_NOTES),
        is_default,
    }
}

/// Rebate rates in steps of a per cent. Few lie above any base rate: the platform's events are taken as they are.
pub(crate) fn draw_rebates(dice: &mut Dice) -> (Rate, Rate) {
    if dice.below(100) == 0 {
        return (Rate(450_000), Rate(333_333));
    }
    (Rate(10_000 * dice.low(21)), Rate(10_000 * dice.low(11)))
}

/// Gives each referrer's last code to its sub-account, where it has both several codes and a sub-account.
pub(crate) fn hand_codes_to_sub_accounts(
    referrers: &[Referrer],
    codes: &mut [ReferralCode],
    sub_accounts: &[(usize, Uid)],
) {
    for (referrer, sub_account) in sub_accounts {
        let own = &referrers[*referrer].codes;
        if own.len() > 2 {
            codes[own.end - 1].owner = *sub_account;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_valid_unique_and_at_most_twenty_a_referrer() {
        let (start, end) = (Timestamp(1_700_000_000_000_000), Timestamp(1_708_000_000_000_000));
        let (referrers, codes) = draw(20_000, start, end, &mut Dice::new(3, 0));
        let valid = |code: &str| {
            (3..=20).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        assert!(codes.iter().all(|code| valid(&code.code)));
        let distinct: HashSet<&str> = codes.iter().map(|code| &*code.code).collect();
        assert_eq!(distinct.len(), codes.len());
        assert!(referrers.iter().all(|referrer| (1..=20).contains(&referrer.codes.len())));
        assert_eq!(referrers[0].uid, DEMO_UID);
        assert_eq!(codes[0].code, DEMO_CODE);
    }
}
