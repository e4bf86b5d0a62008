//! An export holds what the API answers, under the API's names.

mod given;

use std::collections::BTreeMap;

use api::views::Shown;
use exports::{Export, Filter, FilterError, Format, Kind};
use given::{Given, end};
use projections::query::{
    ForgoneBy, ForgoneFilter, ForgoneKind, Order, PageRequest, RangeRequest, ReferralFilter, ReferralSort,
};
use projections::views::RewardKind;
use schemas::{Body, Day, Uid, Usd};
use serde::Serialize;
use serde_json::{Map, Value, json};
use workload::Workload;

type Row = Map<String, Value>;

fn hostile(seed: u64) -> Given {
    Given::events(Workload::hostile(seed, 2_500, end()).events())
}

fn everything() -> PageRequest {
    PageRequest { limit: usize::MAX - 1, cursor: None }
}

fn all_time() -> RangeRequest {
    RangeRequest { from: Day::parse("2000-01-01"), to: Day::parse("2100-01-01") }
}

/// Nested fields joined by `_`; lists stay.
fn flat(prefix: &str, value: &Value, out: &mut Row) {
    if let Value::Object(fields) = value {
        for (name, value) in fields {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}_{name}") };
            flat(&name, value, out);
        }
    } else if !value.is_null() {
        // What is null in whole has no names of its parts.
        out.insert(prefix.to_owned(), value.clone());
    }
}

fn flattened(answer: impl Serialize) -> Row {
    let mut row = Row::new();
    flat("", &serde_json::to_value(answer).expect("answers serialize"), &mut row);
    row
}

fn without_nulls(row: &Row) -> Row {
    row.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn usd(value: &Value) -> Usd {
    let text = value.as_str().expect("money is a text");
    // Sums may be beyond what an event may hold.
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{}{fraction:0<8}", whole);
    Usd(digits.parse().expect("a decimal"))
}

#[test]
fn trades_are_explained_as_the_api_explains_them() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let rows = given.rows(Kind::Trades, Filter::default());
        let trades = (1..=given.state.position())
            .map(|position| ledger::EventReader::event(&given.reader, position).expect("memory can be read"))
            .filter(|event| matches!(event.body, Body::Trade(_)));
        let mut count = 0;
        for (event, row) in trades.zip(&rows) {
            let Body::Trade(trade) = &event.body else { continue };
            let mut explained = given.view().explain(trade.uid, &event.source, &event.id).expect("a trade");
            explained.as_of = None;
            let mut expected = flattened(explained.shown());
            // An empty list of postings is one too.
            expected.entry("postings").or_insert(json!([]));
            assert_eq!(without_nulls(row), expected, "seed {seed}");
            count += 1;
        }
        assert_eq!(count, rows.len(), "seed {seed}");
        assert!(count > 500, "seed {seed}: {count} trades");
    }
}

#[test]
fn entries_and_postings_are_those_of_the_feed() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let feed = given.view().feed(0, usize::MAX).expect("memory can be read");
        let entries = given.rows(Kind::Entries, Filter::default());
        let mut postings = given.rows(Kind::Postings, Filter::default()).into_iter();
        assert_eq!(entries.len(), feed.len());
        for (row, entry) in entries.iter().zip(feed.shown()) {
            for posting in &entry.postings {
                let row = postings.next().expect("a posting more");
                for (name, value) in flattened(posting) {
                    assert_eq!(row[&name], value, "seed {seed}: {name} of {row:?}");
                }
                assert_eq!(row["position"], json!(entry.position), "seed {seed}");
                assert_eq!(row["event_id"], entry.event["id"], "seed {seed}");
            }
            let mut expected = flattened(&entry);
            expected.remove("postings");
            assert_eq!(without_nulls(row), expected, "seed {seed}");
        }
        assert_eq!(postings.next(), None, "seed {seed}");
    }
}

#[test]
fn events_are_cloud_events_as_they_can_be_imported() {
    let given = hostile(5);
    let (bytes, _) = given.export(Kind::Events, Format::Ndjson, Filter::default());
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len() as u64, given.state.position());
    for (position, line) in (1..).zip(lines) {
        let event = ledger::EventReader::event(&given.reader, position).expect("memory can be read");
        assert_eq!(schemas::json::read_event(line, end().plus_days(2)), Ok(event));
    }
}

#[test]
fn referrals_and_codes_are_the_lists_of_every_referrer() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let view = given.view();
        let mut referrals = BTreeMap::new();
        let mut codes = BTreeMap::new();
        for uid in view.referrers() {
            let (filter, sort) = (ReferralFilter::default(), ReferralSort::Uid);
            let list = view.referrals(uid, &filter, sort, Order::Ascending, &everything()).expect("a list");
            referrals.insert(uid.0, list.rows.shown().iter().map(flattened).collect::<Vec<_>>());
            let list = view.codes(uid, &everything()).expect("a list");
            codes.insert(uid.0, list.rows.shown().iter().map(flattened).collect());
        }
        let by_referrer = |kind| {
            let mut by_referrer: BTreeMap<u64, Vec<Row>> = view.referrers().iter().map(|uid| (uid.0, vec![])).collect();
            for row in given.rows(kind, Filter::default()) {
                let mut row = without_nulls(&row);
                let uid = row.remove("referrer_uid").and_then(|uid| uid.as_u64()).expect("a referrer");
                if let Some(invitee) = row.remove("invitee_uid") {
                    assert_eq!(invitee, row["uid"]);
                }
                by_referrer.entry(uid).or_default().push(row);
            }
            by_referrer
        };
        assert_eq!(by_referrer(Kind::Referrals), referrals, "seed {seed}");
        assert_eq!(by_referrer(Kind::Codes), codes, "seed {seed}");
    }
}

#[test]
fn rewards_are_the_records_of_every_user() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let view = given.view();
        let rows = given.rows(Kind::Rewards, Filter::default());
        assert!(!rows.is_empty());
        for (kind, user, counterparty) in [
            (RewardKind::Commission, "referrer_uid", "invitee_uid"),
            (RewardKind::Shared, "invitee_uid", "referrer_uid"),
        ] {
            let mut users: Vec<u64> = rows.iter().filter_map(|row| row[user].as_u64()).collect();
            users.sort_unstable();
            users.dedup();
            for uid in users {
                let list = view.rewards(Uid(uid), kind, all_time(), &everything()).expect("a list").list.rows.shown();
                let mut expected: Vec<Row> = list.iter().map(flattened).collect();
                let of_user = rows.iter().filter(|row| row[user] == json!(uid) && row["kind"] == json!(kind.as_str()));
                let mut rows: Vec<Row> = of_user.cloned().collect();
                rows.iter_mut().for_each(|row| drop(row.remove(user)));
                let key = |row: &Row| (row["date"].to_string(), row[counterparty].as_u64(), row["product"].to_string());
                rows.sort_by_key(key);
                expected.sort_by_key(key);
                assert_eq!(rows, expected, "seed {seed}: {kind:?} of {uid}");
            }
        }
    }
}

#[test]
fn what_was_withheld_and_taken_back_is_trade_by_trade_the_apis_and_adds_up_to_its_sums() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let view = given.view();
        for (kind, asked) in
            [(Kind::Withheld, ForgoneKind::Withheld(None)), (Kind::Clawbacks, ForgoneKind::Clawbacks(None))]
        {
            // In the order that is promised; a trade stands once, and so does what takes it back.
            let place = |row: &Row| {
                let number = |name: &str| row.get(name).and_then(Value::as_u64);
                let people = (kind == Kind::Withheld).then(|| (number("referrer_uid"), number("invitee_uid")));
                (people, number("position"), number("reversal_position"))
            };
            let rows: Vec<Row> = given.rows(kind, Filter::default()).iter().map(without_nulls).collect();
            assert!(rows.len() > 3, "seed {seed}: {kind:?} has {} rows", rows.len());
            assert!(rows.is_sorted_by(|one, other| place(one) < place(other)), "seed {seed}: {kind:?}");
            let filter = ForgoneFilter::default();
            let answer = view.forgone_trades(&asked, &filter, all_time(), &everything()).expect("a list");
            let mut expected: Vec<Row> = answer.list.rows.shown().iter().map(flattened).collect();
            expected.sort_by_key(place);
            assert_eq!(rows, expected, "seed {seed}: {kind:?}");
            let sums = view.forgone(&asked, &filter, all_time(), ForgoneBy::Referrer, &everything()).expect("a list");
            for of_referrer in sums.list.rows {
                let uid: Option<u64> = of_referrer.key.parse().ok();
                let of = rows.iter().filter(|row| row["referrer_uid"].as_u64() == uid);
                let total: Usd = of.map(|row| usd(&row["total"])).sum();
                assert_eq!(total, of_referrer.sum.total(), "seed {seed}: {kind:?} of {}", of_referrer.key);
            }
        }
    }
}

#[test]
fn the_days_add_up_to_the_overviews() {
    for seed in 1..=4 {
        let given = hostile(seed);
        let view = given.view();
        let rows = given.rows(Kind::Daily, Filter::default());
        assert!(!rows.is_empty());
        for uid in view.referrers() {
            for code in view.codes(uid, &everything()).expect("a list").rows {
                let of_code = || rows.iter().filter(|row| row["code"] == json!(code.code));
                assert!(of_code().all(|row| row["referrer_uid"] == json!(uid.0)));
                let sum = |column: &str| of_code().map(|row| usd(&row[column])).sum::<Usd>();
                let overview = view.overview(uid, all_time(), Some(&code.code)).expect("an overview").metrics;
                assert_eq!(sum("commission"), overview.total_rewards, "seed {seed}: {}", code.code);
                assert_eq!(sum("rebate"), overview.shared_commission, "seed {seed}: {}", code.code);
                assert_eq!(sum("volume"), overview.total_volume, "seed {seed}: {}", code.code);
            }
        }
        // Each code, country, day and product once, in the order that is promised.
        let key = |row: &Row| {
            let country = row["country"].as_str().map(ToOwned::to_owned);
            let text = |column: &str| row[column].as_str().map(ToOwned::to_owned);
            (row["referrer_uid"].as_u64(), text("code"), country.is_none(), country, text("date"), text("product"))
        };
        assert!(rows.is_sorted_by(|one, other| key(one) < key(other)), "seed {seed}");
    }
}

#[test]
fn a_referrer_a_range_and_a_position_leave_out_the_rest_and_nothing_else() {
    let given = hostile(6);
    let uid = given.view().referrers()[0];
    let middle = Day::parse("2026-03-10");
    for kind in Kind::ALL.iter().copied() {
        let all = given.rows(kind, Filter::default());
        if kind.has_referrer() {
            let of_referrer = given.rows(kind, Filter { uid: Some(uid), ..Filter::default() });
            let expected: Vec<Row> = all.iter().filter(|row| row["referrer_uid"] == json!(uid.0)).cloned().collect();
            assert!(!expected.is_empty(), "{kind:?}");
            assert_eq!(of_referrer, expected, "{kind:?}");
        }
        let column = match kind {
            Kind::Events => "time",
            Kind::Entries | Kind::Postings | Kind::Trades => "event_time",
            Kind::Referrals => "registered_at",
            Kind::Codes => "created_at",
            Kind::Rewards | Kind::Daily | Kind::Withheld | Kind::Clawbacks => "date",
            Kind::Audit => "recorded_at",
        };
        let day = |row: &Row| Day::parse(&row[column].as_str().expect("a time")[..10]);
        for (from, to) in [(None, middle), (middle, None), (middle, middle)] {
            let ranged = given.rows(kind, Filter { range: RangeRequest { from, to }, ..Filter::default() });
            let within = |row: &&Row| day(row) >= from && to.is_none_or(|to| day(row) <= Some(to));
            let expected: Vec<Row> = all.iter().filter(within).cloned().collect();
            assert_eq!(ranged, expected, "{kind:?} from {from:?} to {to:?}");
        }
        if kind.has_position() {
            for after in [0, 1, 777, given.state.position()] {
                let later = given.rows(kind, Filter { after: Some(after), ..Filter::default() });
                let expected: Vec<Row> =
                    all.iter().filter(|row| row["position"].as_u64() > Some(after)).cloned().collect();
                assert_eq!(later, expected, "{kind:?} after {after}");
            }
        }
    }
}

#[test]
fn what_a_kind_cannot_give_is_refused() {
    let reversed = RangeRequest { from: Day::parse("2026-03-02"), to: Day::parse("2026-03-01") };
    for kind in Kind::ALL.iter().copied() {
        let check = |filter: Filter| filter.check(kind, Some(10));
        assert_eq!(check(Filter::default()), Ok(()));
        assert!(matches!(check(Filter { range: reversed, ..Filter::default() }), Err(FilterError::Range(_))));
        let of_referrer = check(Filter { uid: Some(Uid(7)), ..Filter::default() });
        assert_eq!(of_referrer.is_ok(), !matches!(kind, Kind::Events | Kind::Entries | Kind::Audit), "{kind:?}");
        let has_position = matches!(kind, Kind::Entries | Kind::Postings | Kind::Trades);
        for (after, is_taken) in [(0, has_position), (10, has_position), (11, false)] {
            assert_eq!(check(Filter { after: Some(after), ..Filter::default() }).is_ok(), is_taken, "{kind:?} {after}");
        }
    }
}

#[test]
fn an_export_that_is_not_taken_or_broken_off_ends_with_an_error() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0 == 0 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let given = Given::events(Workload::sized(7, 12_000, end()).events());
    for format in Format::ALL.iter().copied() {
        let export = Export { kind: Kind::Entries, format, filter: Filter::default(), csv_bom: false };
        for room in [0, 1, 1_000, 50_000] {
            let mut go_on = |_| std::ops::ControlFlow::Continue(());
            let full = export.write(&given.view(), &given.reader, &mut Full(room), &mut go_on);
            assert!(full.is_err(), "{format:?} with room for {room}");
        }
        let mut stop = |_| std::ops::ControlFlow::Break(());
        let stopped = export.write(&given.view(), &given.reader, &mut Vec::new(), &mut stop);
        assert!(matches!(stopped, Err(exports::ExportError::Interrupted)), "{format:?}: {stopped:?}");
    }
}
