//! What each entry posts: SPEC 2, postings; the feed; explain.

use schemas::{Event, Uid};
use serde_json::{Value, json};

use crate::given::{approved, at, code, explained, given, major, moment, reversal, sub, trade};
use crate::oracle::Oracle;

/// The postings of each entry, as `position account side amount`.
fn postings(oracle: &Oracle) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let feed = at(oracle, "04-01 00:00").feed(0);
    let lines = feed.iter().flat_map(|entry| {
        let postings = entry["postings"].as_array().expect("postings").iter();
        postings.map(|posting| {
            let [account, side, amount] = ["account", "side", "amount"].map(|name| text(&posting[name]));
            format!("{} {account} {side} {amount}", entry["position"])
        })
    });
    lines.collect()
}

/// Base 0.20, rebate 0.05, fee 10: total 2, commission 1.5, rebate 0.5.
fn alpha() -> Event<'static> {
    code("03-01 00:00", "ALPHA", 1, "0.05", "0")
}

fn invitee() -> Event<'static> {
    major("03-02 00:00", 7, Some("ALPHA"))
}

fn t() -> Event<'static> {
    trade("03-10 12:00", 7, "t", "10")
}

#[test]
fn an_eligible_trade_debits_the_expense_and_credits_both_parties() {
    assert_eq!(
        postings(&given([alpha(), invitee(), t()])),
        ["3 commission_expense debit 2", "3 payable:1 credit 1.5", "3 payable:7 credit 0.5"]
    );
}

#[test]
fn whatever_arrives_last_posts_what_it_completes() {
    let last = |events| {
        let lines: Vec<String> = postings(&given(events));
        assert!(lines.iter().all(|line| line.starts_with("3 ")), "{lines:?}");
        lines.len()
    };
    assert_eq!(last([t(), alpha(), invitee()]), 3);
    assert_eq!(last([t(), invitee(), alpha()]), 3);
}

#[test]
fn a_reversal_posts_the_opposite_and_nothing_changes_after_it() {
    assert_eq!(
        postings(&given([
            alpha(),
            invitee(),
            t(),
            reversal("03-12 00:00", 7, "t"),
            reversal("03-11 00:00", 7, "t"),
            approved("03-05 00:00", 1, "0.40", "0", None),
        ])),
        [
            "3 commission_expense debit 2",
            "3 payable:1 credit 1.5",
            "3 payable:7 credit 0.5",
            "4 commission_expense credit 2",
            "4 payable:1 debit 1.5",
            "4 payable:7 debit 0.5"
        ]
    );
    // Where the reversal is there first, the trade comes to nothing at once.
    let nothing: [&str; 0] = [];
    assert_eq!(postings(&given([alpha(), invitee(), reversal("03-12 00:00", 7, "t"), t()])), nothing);
}

#[test]
fn a_late_rate_posts_the_difference() {
    // The base was 0.30 all along: total 3, commission 2.5; the rebate is the same, so it posts nothing.
    assert_eq!(
        postings(&given([alpha(), invitee(), t(), approved("03-05 00:00", 1, "0.30", "0", None)]))[3..],
        ["4 commission_expense debit 1", "4 payable:1 credit 1"]
    );
    // It was 0.01: total and rebate 0.1, commission 0.
    assert_eq!(
        postings(&given([alpha(), invitee(), t(), approved("03-05 00:00", 1, "0.01", "0", None)]))[3..],
        ["4 commission_expense credit 1.9", "4 payable:1 debit 1.5", "4 payable:7 debit 0.4"]
    );
}

#[test]
fn a_late_owner_moves_what_was_posted_to_the_account_it_belongs_to() {
    // The owner turns out to be a sub-account: of nobody at first, so all is taken back; then its parent earns.
    assert_eq!(
        postings(&given([alpha(), invitee(), t(), sub("03-01 00:00", 1, 2), major("03-20 00:00", 2, None)]))[3..],
        [
            "4 commission_expense credit 2",
            "4 payable:1 debit 1.5",
            "4 payable:7 debit 0.5",
            "5 commission_expense debit 2",
            "5 payable:2 credit 1.5",
            "5 payable:7 credit 0.5"
        ]
    );
    // Of a parent that is there: one posting an account, the expense unchanged.
    assert_eq!(
        postings(&given([major("03-20 00:00", 2, None), alpha(), invitee(), t(), sub("03-01 00:00", 1, 2)]))[3..],
        ["5 payable:1 debit 1.5", "5 payable:2 credit 1.5"]
    );
}

#[test]
fn explain_shows_the_whole_story_of_a_trade() {
    let oracle = given([alpha(), invitee(), t(), approved("03-05 00:00", 1, "0.30", "0", None)]);
    assert_eq!(
        explained(&oracle, 7, "t"),
        json!({
            "event": {
                "specversion": "1.0", "type": "referral.trade.v1", "source": "/test", "id": "t",
                "time": "2026-03-10T12:00:00Z",
                "data": {
                    "uid": 7, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10",
                    "fee_asset": "USDT", "fee_amount": "0", "vip_level": 0,
                },
            },
            "position": 3,
            "account_uid": 7, "invitee_uid": 7, "parent_uid": null, "referrer_uid": 1, "code": "ALPHA",
            "base_rate": {"rate": "0.3", "event": {
                "source": "/test", "id": "referral.affiliate.v1 03-05 00:00", "type": "referral.affiliate.v1",
                "time": "2026-03-05T00:00:00Z", "position": 4,
            }},
            "rebate_rate": {"rate": "0.05", "event": {
                "source": "/test", "id": "referral.code.v1 03-01 00:00", "type": "referral.code.v1",
                "time": "2026-03-01T00:00:00Z", "position": 1,
            }},
            "eligible": true, "reason": null, "total": "3", "commission": "2.5", "rebate": "0.5",
            "postings": [
                {"position": 3, "account": "commission_expense", "side": "debit", "amount": "2"},
                {"position": 3, "account": "payable:1", "side": "credit", "amount": "1.5"},
                {"position": 3, "account": "payable:7", "side": "credit", "amount": "0.5"},
                {"position": 4, "account": "commission_expense", "side": "debit", "amount": "1"},
                {"position": 4, "account": "payable:1", "side": "credit", "amount": "1"},
            ],
            "reversal": null,
            "as_of": {"position": 4, "event_time": "2026-03-10T12:00:00Z"},
        })
    );
    // As of an earlier position it says what was known then.
    let before = oracle.at(3, moment("04-01 00:00")).explain(Uid(7), "/test", "t").expect("the trade is there");
    assert_eq!([&before["total"], &before["as_of"]["position"]], [&json!("2"), &json!(3)]);
    assert_eq!(before["base_rate"], json!({"rate": "0.2", "event": null}));
    // Nothing that is no trade is explained, and none before it is there.
    let known = |position| oracle.at(position, moment("04-01 00:00"));
    assert!(known(2).explain(Uid(7), "/test", "t").is_err());
    assert!(known(4).explain(Uid(7), "/test", "referral.registration.v1 03-02 00:00").is_err());
}
