//! Referrers' standing and codes: how they begin, and how they change.

use std::borrow::Cow;

use schemas::{Affiliate, AffiliateStatus, Body, Code, Event, Rate, Timestamp, Uid};

use crate::dice::Dice;
use crate::platform::CAMPAIGNS;
use crate::population::Population;
use crate::population::account::{Account, CodeUse};
use crate::population::referrer::{DEMO_UID, ReferralCode, draw_rebates};
use crate::scribe::Scribe;
use crate::texts;
use crate::workload::Workload;

/// The first standing and codes of every referrer, and the demo referrer's own story; each with its arrival.
pub(crate) fn opening(
    workload: &Workload,
    population: &Population,
    scribe: &mut Scribe,
) -> Vec<(Timestamp, Event<'static>)> {
    let mut all = Vec::new();
    for referrer in &population.referrers[1..] {
        if referrer.affiliate {
            let time = referrer.registered.plus_days(1).min(workload.end);
            let applied = Timestamp(referrer.registered.0.midpoint(time.0));
            all.push((applied, scribe.application(referrer.uid, applied)));
            let data = draw_affiliate(referrer.uid, &mut scribe.dice);
            all.push((time, affiliate_event(scribe, data, time)));
        }
    }
    for code in &population.codes {
        all.push((code.created, scribe.code(state_of(code), code.created)));
    }
    demo_story(workload, population, scribe, &mut all);
    all
}

fn demo_story(
    workload: &Workload,
    population: &Population,
    scribe: &mut Scribe,
    all: &mut Vec<(Timestamp, Event<'static>)>,
) {
    let registered = population.referrers[0].registered;
    let start = workload.start();
    let day = |share: i64| start.plus_days(i64::from(workload.days.max(1)) * share / 90);
    let approved = |spot: u32, futures: u32, window: Option<u16>| Affiliate {
        uid: DEMO_UID,
        status: AffiliateStatus::Approved,
        spot_rate: Rate(spot),
        futures_rate: Rate(futures),
        futures_window_days: window,
    };
    // Effective time, arrival, standing: approved, promoted, downgraded for a while (known two days late), restored.
    let standings = [
        (registered.plus_days(2), registered.plus_days(2), approved(300_000, 200_000, None)),
        (day(5), day(5), approved(400_000, 300_000, Some(365))),
        (day(60), day(62), approved(250_000, 150_000, Some(180))),
        (day(70), day(70), approved(400_000, 300_000, Some(365))),
    ];
    all.push((registered.plus_days(1), scribe.application(DEMO_UID, registered.plus_days(1))));
    for (time, arrival, data) in standings {
        let event = affiliate_event(scribe, data, time);
        all.push((arrival, event));
    }
    for campaign in [CAMPAIGNS[0], CAMPAIGNS[2]] {
        all.push((day(88), scribe.join(DEMO_UID, campaign, day(88))));
    }
    let demo_codes = population.referrers[0].codes.len() as u32;
    let invited = population
        .accounts
        .iter()
        .filter(|account| matches!(account.code, CodeUse::Known(code) if code < demo_codes) && account.seen);
    for (account, number) in invited.step_by(3).take(60).zip(0u32..) {
        let time = account.registered.plus_days(i64::from(number % 7)).min(workload.end);
        let event = if number.is_multiple_of(3) {
            let rates = draw_rebates(&mut scribe.dice);
            scribe.rebate(account.uid, rates, time)
        } else {
            scribe.note(account.uid, time)
        };
        all.push((time, event));
    }
}

fn affiliate_event(scribe: &mut Scribe, data: Affiliate, time: Timestamp) -> Event<'static> {
    scribe.event("/affiliates", "af-", time, Body::Affiliate(data))
}

fn state_of(code: &ReferralCode) -> Code<'static> {
    Code {
        code: Cow::Owned(code.code.clone()),
        owner_uid: code.owner,
        spot_rebate_rate: code.spot_rebate_rate,
        futures_rebate_rate: code.futures_rebate_rate,
        note: Cow::Borrowed(code.note),
        is_default: code.is_default,
    }
}

fn draw_affiliate(uid: Uid, dice: &mut Dice) -> Affiliate {
    Affiliate {
        uid,
        status: AffiliateStatus::Approved,
        spot_rate: Rate(10_000 * (20 + dice.below(31))),
        futures_rate: Rate(10_000 * (10 + dice.below(21))),
        futures_window_days: *dice.pick(&[None, None, Some(365), Some(90), Some(30)]),
    }
}

/// A change of a random referrer's standing, and if it is a suspension the end of it: each with the days from
/// now. The demo referrer's standing is its own story.
pub(crate) fn change_standing(
    population: &Population,
    scribe: &mut Scribe,
    time: Timestamp,
) -> Vec<(i64, Event<'static>)> {
    let others = &population.referrers[1..];
    if others.is_empty() {
        return Vec::new();
    }
    let uid = scribe.dice.pick(others).uid;
    let data = draw_affiliate(uid, &mut scribe.dice);
    if scribe.dice.below(3) > 0 {
        return vec![(0, affiliate_event(scribe, data, time))];
    }
    let days = 2 + i64::from(scribe.dice.below(8));
    let suspended = Affiliate { status: AffiliateStatus::Suspended, ..data.clone() };
    let mut changes = vec![(0, affiliate_event(scribe, suspended, time))];
    if scribe.dice.below(5) > 0 {
        changes.push((days, affiliate_event(scribe, data, time.plus_days(days))));
    }
    changes
}

/// A change of a random code: other rebates, another note, another default; now and then by who does not own it.
pub(crate) fn change_code(
    population: &Population,
    contradicting: bool,
    scribe: &mut Scribe,
    time: Timestamp,
) -> Option<Event<'static>> {
    // The demo referrer's first code stays its default, so that what the demo says of it holds.
    let code = scribe.dice.pick(population.codes.get(1..).filter(|others| !others.is_empty())?);
    let mut data = state_of(code);
    (data.spot_rebate_rate, data.futures_rebate_rate) = draw_rebates(&mut scribe.dice);
    data.note = Cow::Borrowed(*scribe.dice.pick(&texts::NOTES));
    data.is_default = code.owner != DEMO_UID && scribe.dice.below(4) == 0;
    if contradicting {
        data.owner_uid = scribe.dice.pick(&population.referrers).uid;
    }
    Some(scribe.code(data, time))
}

/// The code that an account's registration names.
pub(crate) fn code_text(account: &Account, population: &Population) -> Option<String> {
    match account.code {
        CodeUse::None => None,
        CodeUse::Known(code) => population.codes.get(code as usize).map(|code| code.code.clone()),
        CodeUse::Unknown(which) => Some(crate::population::account::UNKNOWN_CODES[usize::from(which)].to_owned()),
    }
}
