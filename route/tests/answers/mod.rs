//! The answers of shards added up, and held against those of one ledger, digit for digit.

pub mod sums;
mod together;

use api::views::Shown;
use projections::query::{
    CohortFilter, ForgoneBy, ForgoneFilter, ForgoneKind, Interval, Order, PageRequest, RangeRequest, ReferralFilter,
    ReferralSort, ReferrerSort,
};
use projections::views::RewardKind;
use projections::{QueryError, View};
use schemas::{Body, Day, Event, Timestamp, Uid};
use serde_json::Value;
use sums::{plain, sum};

/// An answer, or that there is none.
type Answer = Result<Value, String>;

fn shown<T: Shown>(answer: Result<T, QueryError>) -> Answer {
    let value = answer.map(|answer| serde_json::to_value(answer.shown()).expect("an answer is JSON"));
    value.map(plain).map_err(|error| error.to_string())
}

/// Holds the sum of the shards' answers against the one ledger's.
fn added(question: &str, one: Answer, shards: Vec<Answer>) {
    let texts: Vec<String> = shards.iter().map(|shard| format!("{shard:?}")).collect();
    let sum = shards.into_iter().reduce(|known, shard| match (known, shard) {
        (Ok(known), Ok(shard)) => Ok(sum(question, known, shard).unwrap_or_else(|why| panic!("{question}: {why}"))),
        (Err(known), Err(shard)) if known == shard => Err(known),
        (known, shard) => panic!("{question}: {known:?} and {shard:?}"),
    });
    assert_eq!(sum.expect("a shard"), one, "{question}\n{texts:#?}");
}

/// Holds each shard's answer against the one ledger's.
fn same(question: &str, one: &Answer, shards: Vec<Answer>) {
    for (number, shard) in shards.into_iter().enumerate() {
        assert_eq!(&shard, one, "{question}: shard {number}");
    }
}

/// Holds against the one ledger's the answer of the one shard that has any.
fn one_has_it(question: &str, one: Answer, shards: Vec<Answer>) {
    let mut found: Vec<Value> = shards.into_iter().filter_map(Result::ok).collect();
    assert!(found.len() <= 1, "{question}: {found:#?}");
    assert_eq!(found.pop(), one.ok(), "{question}");
}

fn everything() -> PageRequest {
    PageRequest { limit: usize::MAX - 1, cursor: None }
}

/// Asks all of them everything that the accounts and codes named can be asked.
pub fn check(one: &View<'_>, shards: &[View<'_>], uids: &[Uid], codes: &[&str], events: &[Event<'static>]) {
    let ask =
        |ask: &dyn Fn(&View<'_>) -> Answer| -> (Answer, Vec<Answer>) { (ask(one), shards.iter().map(ask).collect()) };
    let now = one.now;
    for (from, to) in ranges(now) {
        let range = RangeRequest { from: Some(from), to: Some(to) };
        for uid in uids.iter().copied().map(Some).chain([None]) {
            for code in codes.iter().copied().map(Some).chain([None]) {
                let question = format!("uid={uid:?} code={code:?} {from:?} to {to:?}");
                let (whole, parts) = ask(&|view| shown(view.overview(uid, range, code)));
                added(&format!("overview {question}"), whole, parts);
                let (whole, parts) = ask(&|view| shown(view.series(uid, range, code, Interval::Week)));
                added(&format!("series {question}"), whole, parts);
                let filter = CohortFilter { code: code.map(str::to_owned), country: None };
                let (whole, parts) = ask(&|view| shown(view.cohorts(uid, &filter, range, &everything())));
                added(&format!("cohorts {question}"), whole, parts);
                together::figures(one, shards, uid, (range, code));
                together::cohorts(one, shards, uid, (range, code));
            }
            together::countries(one, shards, uid, range);
            let (whole, parts) = ask(&|view| shown(view.countries(uid, range, &everything())));
            added(&format!("countries uid={uid:?}"), whole, parts);
        }
        for uid in uids.iter().copied() {
            for kind in [RewardKind::Commission, RewardKind::Shared] {
                let (whole, parts) = ask(&|view| shown(view.rewards(uid, kind, range, &everything())));
                added(&format!("rewards {kind:?} {uid}"), whole, parts);
                together::rewards(one, shards, (uid, kind, range));
            }
        }
        let anybody = ForgoneFilter::default();
        for kind in [ForgoneKind::Withheld(None), ForgoneKind::Clawbacks(None)] {
            for by in ForgoneBy::ALL {
                let (whole, parts) = ask(&|view| shown(view.forgone(&kind, &anybody, range, by, &everything())));
                added(&format!("{kind:?} by {by:?}"), whole, parts);
            }
        }
        let sort = ReferrerSort::parse("total_rewards").expect("a column");
        let (whole, parts) = ask(&|view| shown(view.referrer_list(range, sort, Order::Descending, &everything())));
        added("referrers", whole, parts);
        together::referrers(one, shards, range);
    }
    let by_default = RangeRequest::default();
    for uid in uids.iter().copied().map(Some).chain([None]) {
        together::figures(one, shards, uid, (by_default, None));
        together::cohorts(one, shards, uid, (by_default, None));
        together::countries(one, shards, uid, by_default);
    }
    together::referrers(one, shards, by_default);
    for uid in uids.iter().copied() {
        for kind in [RewardKind::Commission, RewardKind::Shared] {
            together::rewards(one, shards, (uid, kind, RangeRequest::default()));
        }
        together::offers(one, shards, uid);
        together::referrals(one, shards, uid);
        together::codes(one, shards, uid);
        let (whole, parts) = ask(&|view| shown(view.codes(uid, &everything())));
        added(&format!("codes of {uid}"), whole, parts);
        let (whole, parts) = ask(&|view| shown(view.account_standing(uid)));
        same(&format!("account {uid}"), &whole, parts);
        let (whole, parts) = ask(&|view| shown(view.campaigns(uid, None, &everything())));
        same(&format!("campaigns of {uid}"), &whole, parts);
        let sort = ReferralSort::parse("uid").expect("a column");
        let all = ReferralFilter::default();
        let (whole, parts) = ask(&|view| shown(view.referrals(uid, &all, sort, Order::Ascending, &everything())));
        added(&format!("referrals of {uid}"), whole, parts);
        for invitee in uids.iter().copied() {
            let (whole, parts) = ask(&|view| shown(view.referral(uid, invitee)));
            one_has_it(&format!("referral {invitee} of {uid}"), whole, parts);
        }
    }
    for event in events {
        let Body::Trade(trade) = &event.body else { continue };
        let question = format!("explain {} {} {}", trade.uid, event.source, event.id);
        let (whole, parts) = ask(&|view| shown(view.explain(trade.uid, &event.source, &event.id)));
        // A shard that only passed it on knows no invitee.
        let is_attributed = |answer: &Answer| answer.as_ref().is_ok_and(|answer| !answer["referrer_uid"].is_null());
        let parts: Vec<Answer> = parts.into_iter().filter(is_attributed).collect();
        if is_attributed(&whole) {
            one_has_it(&question, whole, parts);
        } else {
            assert!(parts.is_empty(), "{question}: {parts:?}");
        }
    }
}

fn ranges(now: Timestamp) -> [(Day, Day); 3] {
    let today = now.day();
    [(today.plus(-400), today.plus(400)), (today.plus(-5), today.plus(-2)), (today.plus(-1), today.plus(-1))]
}
