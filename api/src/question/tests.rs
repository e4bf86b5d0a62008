use ledger::{Position, ReadError};
use projections::WhyNothing;
use projections::query::DateRange;
use projections::views::{
    self, AgreedRates, AsOf, ChangeKind, ChangeRow, ChangedTerms, EventRef, InviteeRange, PostingLine, RateInForce,
    ReversalLine, RewardKind, RewardRow, Side, Standing, StandingEvent,
};
use schemas::{Country, Day, Event, Product, Program, Rate, Relationship, Timestamp, Uid, Usd, Visibility};

use super::*;
use crate::caller::Caller;
use crate::query::WhoDid;
use crate::query::actors::Actors;
use crate::views::Shown;

/// Keeps nothing of who did what.
struct Nobody;

impl WhoDid for Nobody {
    fn who_did(&self, _: Position) -> Result<Option<ledger::Actor>, ReadError> {
        Ok(None)
    }
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn as_of() -> AsOf {
    AsOf { position: 812, event_time: Some(time("2026-03-01T09:30:00.123456Z")) }
}

fn list<T>(rows: Vec<T>) -> List<T> {
    List { rows, total: 9, next_cursor: Some("c\"\u{e9}".to_owned()), as_of: as_of() }
}

fn event_ref(event_type: &'static str, position: u64) -> EventRef {
    let (source, id) = ("/s \"q\"".to_owned(), format!("e-{position}"));
    EventRef { source, id, event_type, time: time("2026-02-01T00:00:00Z"), position }
}

fn trade() -> Event<'static> {
    let text = r#"{"specversion":"1.0","id":"t-1","source":"/matching","type":"referral.trade.v1","time":"2026-03-01T09:30:00.5Z",
        "data":{"uid":8,"product":"futures","symbol":"BTC-USDT","volume_usd":"1000.00000001","fee_usd":"-0.5","fee_asset":"USDT",
        "fee_amount":"-0.5","vip_level":2}}"#;
    schemas::json::read_event(text.as_bytes(), time("2026-03-02T00:00:00Z")).expect("an event").into_owned()
}

fn explained_trade(as_of: Option<AsOf>) -> Explained {
    let in_force = |event| Some(RateInForce { rate: Rate(150_000), event });
    let line = |side, amount| PostingLine { position: 5, account: "payable:7".to_owned(), side, amount: Usd(amount) };
    Explained {
        event: trade(),
        position: 5,
        account_uid: Uid(8),
        invitee_uid: Some(Uid(9_007_199_254_740_991)),
        parent_uid: None,
        referrer_uid: Some(Uid(7)),
        code: Some("A/B".to_owned()),
        base_rate: in_force(Some(event_ref("referral.affiliate.v1", 3))),
        rebate_rate: in_force(None),
        eligible: true,
        reason: None,
        total: Usd(i128::pow(10, 37)),
        commission: Usd(-1),
        rebate: Usd(0),
        postings: vec![line(Side::Debit, 1), line(Side::Credit, 150_000_000)],
        reversal: Some(ReversalLine {
            source: "/r".to_owned(),
            id: "r".to_owned(),
            time: time("2026-03-02T00:00:00Z"),
            reason: "wash".to_owned(),
            position: 6,
        }),
        as_of,
    }
}

/// What was written is read as it was.
fn comes_back<T: Shown + Clone + PartialEq + std::fmt::Debug>(question: &Question<'_, T>, answer: &T) {
    let written = serde_json::to_vec(&answer.clone().shown()).expect("JSON");
    assert_eq!(question.read(&written).as_ref(), Ok(answer), "{}", question.path());
}

#[test]
fn an_account_comes_back_but_for_where_its_events_stand() {
    let event = |status, window, position| StandingEvent {
        time: time("2026-02-01T00:00:00Z"),
        status,
        spot_rate: Rate(1),
        futures_rate: Rate(1_000_000),
        futures_window_days: window,
        position,
    };
    for (status, window, code) in
        [(Standing::Approved, Some(30), Some("ALPHA")), (Standing::Suspended, None, None), (Standing::None, None, None)]
    {
        let answer = views::Account {
            uid: Uid(7),
            status,
            spot_rate: Rate(400_000),
            futures_rate: Rate(0),
            futures_window_days: window,
            history: vec![event(status, window, 1), event(Standing::Approved, None, 2)],
            default_code: code.map(str::to_owned),
            as_of: as_of(),
        };
        comes_back(&account(), &answer);
    }
}

#[test]
fn the_codes_of_an_account_come_back() {
    let split = |code: &str| CodeSplit {
        code: code.to_owned(),
        spot_rate: Rate(350_000),
        futures_rate: Rate(1),
        spot_rebate_rate: Rate(50_000),
        futures_rebate_rate: Rate(0),
        link: "https://exchange.example/r/A%2FB".to_owned(),
    };
    let splits = vec![split("A/B"), split("ALPHA")];
    let written = crate::views::AccountCodes { uid: Uid(7), rows: splits.clone().shown(), as_of: as_of().shown() };
    assert_eq!(code_splits().read(&serde_json::to_vec(&written).expect("JSON")), Ok(splits));
}

#[test]
fn campaigns_come_back() {
    let campaign = |visibility, joined: bool| CampaignRow {
        id: "c/1".to_owned(),
        visibility,
        title: "\u{e9} \"t\"".to_owned(),
        description: String::new(),
        url: "/u".to_owned(),
        starts: day("2026-01-01"),
        ends: day("2026-12-31"),
        joined,
        share_link: joined.then(|| "https://exchange.example/c".to_owned()),
    };
    comes_back(&campaigns(), &list(vec![campaign(Visibility::Public, true), campaign(Visibility::Exclusive, false)]));
}

#[test]
fn changes_of_every_kind_come_back() {
    let whole = ChangedTerms {
        status: Some(Standing::Suspended),
        spot_rate: Some(Rate(1)),
        futures_rate: Some(Rate(2)),
        futures_window_days: Some(90),
        spot_vip_max: Some(4),
        futures_vip_max: Some(1),
    };
    let nothing = ChangedTerms {
        status: None,
        spot_rate: None,
        futures_rate: None,
        futures_window_days: None,
        spot_vip_max: None,
        futures_vip_max: None,
    };
    let row = |kind, before, after: Option<ChangedTerms>| ChangeRow {
        date: day("2026-03-01"),
        kind,
        code: (kind == ChangeKind::Code).then(|| "ALPHA".to_owned()),
        campaign_id: after.is_none().then(|| "c".to_owned()),
        title: after.is_none().then(String::new),
        before,
        after,
        event: event_ref("referral.program.v1", 4),
    };
    let rows = vec![
        row(ChangeKind::Standing, Some(nothing), Some(whole)),
        row(ChangeKind::Code, None, Some(nothing)),
        row(ChangeKind::Program, Some(whole), Some(whole)),
        row(ChangeKind::CampaignStarts, None, None),
        row(ChangeKind::CampaignEnds, None, None),
    ];
    for (uid, code) in [(Some(Uid(7)), Some("ALPHA")), (None, None)] {
        let (from, to, code) = (day("2026-03-01"), day("2026-03-31"), code.map(str::to_owned));
        comes_back(&changes(), &Changes { uid, from, to, code, list: list(rows.clone()) });
    }
}

#[test]
fn an_invitee_comes_back_with_its_trades() {
    let referral_row = ReferralRow {
        uid: Uid(8),
        registered_at: time("2026-03-01T09:30:00.5Z"),
        code: "A/B".to_owned(),
        country: Country::parse("DE"),
        verified_at: None,
        first_deposit_at: None,
        first_trade_at: Some(time("2026-03-01T09:30:00.5Z")),
        commission: Usd(-150_000_000),
        rebate: Usd(0),
        volume: Usd(1),
        vip_level: 20,
        commission_type: Relationship::Both,
        spot_rebate_rate: Rate(1),
        futures_rebate_rate: Rate(0),
        note: "\n".to_owned(),
    };
    let mut plain = explained_trade(None);
    (plain.reason, plain.reversal, plain.base_rate, plain.rebate_rate) = (Some(WhyNothing::VipLevel), None, None, None);
    let trades = vec![explained_trade(None), plain];
    let question = referral("8");
    assert_eq!(question.path(), "/v1/referrals/8");
    comes_back(&question, &ReferralDetail { referral: referral_row, trades, as_of: as_of() });
}

#[test]
fn a_trade_comes_back_with_who_its_events_are_of() {
    let actor = |who: &str| Actor {
        who: Some(who.to_owned()),
        role: "operator".to_owned(),
        address: None,
        request_id: Some("r".to_owned()),
    };
    let answer = explained_trade(Some(as_of()));
    let mut written = answer.clone().shown();
    written.actor = Some(actor("trades"));
    if let Some(event) = written.base_rate.as_mut().and_then(|rate| rate.event.as_mut()) {
        event.actor = Some(actor("rates"));
    }
    if let Some(reversal) = &mut written.reversal {
        reversal.actor = Some(actor("reversals"));
    }
    let body = serde_json::to_vec(&written).expect("JSON");
    let actors = vec![(5, actor("trades")), (3, actor("rates")), (6, actor("reversals"))];
    assert_eq!(explained().read(&body), Ok((answer.clone(), actors)));
    for reason in WhyNothing::WITHHOLDING.into_iter().chain([WhyNothing::NotRegistered, WhyNothing::NotAttributed]) {
        let answer = Explained { reason: Some(reason), ..answer.clone() };
        let body = serde_json::to_vec(&answer.clone().shown()).expect("JSON");
        assert_eq!(explained().read(&body), Ok((answer, Vec::new())));
    }
}

#[test]
fn an_invitees_history_comes_back() {
    let rates = |event_type, position| AgreedRates {
        since: time("2026-02-01T00:00:00Z"),
        spot: Rate(50_000),
        futures: Rate(0),
        event: event_ref(event_type, position),
    };
    let record = RewardRow {
        date: day("2026-03-01"),
        kind: RewardKind::Commission,
        invitee_uid: Some(Uid(8)),
        referrer_uid: None,
        product: Product::Margin,
        trades: 3,
        fee_usd: Usd(-1),
        amount: Usd(i128::pow(10, 37)),
    };
    let range = InviteeRange {
        range: DateRange { from: day("2026-03-01"), to: day("2026-03-31") },
        records: vec![record.clone(), record],
        trades: vec![explained_trade(None)],
        trades_total: 41,
    };
    let agreed = vec![rates("referral.code.v1", 2), rates("referral.rebate.v1", 9)];
    let caller = Caller::operator();
    let written = Actors { who: &Nobody, caller: &caller }
        .referral_history(Uid(8), (range.clone(), agreed.clone()), as_of())
        .expect("an answer");
    let body = serde_json::to_vec(&written).expect("JSON");
    assert_eq!(referral_history("8").read(&body), Ok(InviteeHistory { range, agreed, as_of: as_of() }));
}

#[test]
fn what_a_trade_was_measured_by_comes_back() {
    let caller = Caller::operator();
    let whole = TradeRules {
        program: Program { default_futures_window_days: Some(30), ..Program::BUILT_IN },
        program_event: Some(event_ref("referral.program.v1", 4)),
        counts_from: Some(time("2026-02-01T00:00:00Z")),
        invitee_registered_at: Some(time("2026-01-01T00:00:00Z")),
        futures_window_days: Some(90),
        is_suspended: true,
    };
    let none = TradeRules {
        program: Program { default_futures_window_days: None, ..Program::BUILT_IN },
        program_event: None,
        counts_from: None,
        invitee_registered_at: None,
        futures_window_days: None,
        is_suspended: false,
    };
    for rules in [whole, none] {
        let actors = Actors { who: &Nobody, caller: &caller };
        let written = actors.trade_rules(explained_trade(None), rules.clone(), as_of()).expect("an answer");
        let body = serde_json::to_vec(&written).expect("JSON");
        assert_eq!(trade_rules().read(&body), Ok(rules));
    }
}

#[test]
fn the_trades_of_a_record_and_an_application_come_back() {
    let trade = |is_reversal, amount| RewardTrade {
        trade: views::TradeKey { uid: Uid(8), source: "/s \"q\"".to_owned(), id: "t".to_owned() },
        time: time("2026-03-01T09:30:00.5Z"),
        is_reversal,
        fee_usd: Usd(150_000_000),
        amount: Usd(amount),
    };
    let trades = vec![trade(false, 1), trade(true, -1)];
    let (rows, at) = (trades.clone().shown(), as_of().shown());
    let written = serde_json::to_vec(&crate::views::RewardTrades { uid: Uid(7), rows, as_of: at }).expect("JSON");
    assert_eq!(reward_trades().read(&written), Ok((trades, as_of())));
    for waiting_since in [Some(time("2026-03-01T09:30:00Z")), None] {
        let written = crate::views::Application { uid: Uid(7), waiting_since, as_of: as_of().shown() };
        let body = serde_json::to_vec(&written).expect("JSON");
        assert_eq!(application().read(&body), Ok(waiting_since));
    }
}

#[test]
fn what_several_ledgers_answer_together_stands_at_none_of_their_positions() {
    let row = |position| CodeDetail {
        row: CodeRow {
            code: "A B".to_owned(),
            created_at: Timestamp(1),
            referrals: 12,
            commission: Usd(1),
            spot_rate: Rate(150_000),
            futures_rate: Rate(0),
            spot_rebate_rate: Rate(50_000),
            futures_rebate_rate: Rate(1),
            note: String::new(),
            is_default: true,
            link: "https://exchange.example/r/A".to_owned(),
        },
        as_of: AsOf { position, ..as_of() },
    };
    let question = code("A B");
    assert_eq!(question.path(), "/v1/codes/A%20B");
    comes_back(&question, &row(812));
    let written = serde_json::to_string(&row(812).shown()).expect("JSON");
    for (positions, position) in [("[812,700]", 0), ("[812]", 812)] {
        let together = written.replace("\"position\":812", &format!("\"positions\":{positions}"));
        assert_ne!(together, written);
        assert_eq!(question.read(together.as_bytes()), Ok(row(position)));
    }
    for none in ["", "[]", "{}", "{\"as_of\":{\"positions\":{}}}"] {
        assert_eq!(question.read(none.as_bytes()).map_err(|problem| problem.status()), Err(500), "{none}");
    }
}
