//! Every question of SPEC 4, asked of both.

use api::views::Shown;
use projections::query::{
    CohortFilter, Interval, Order, PageRequest, RangeRequest, ReferralFilter, ReferralSort, ReferrerSort,
};
use projections::views::RewardKind;
use projections::{QueryError, View};
use schemas::{Body, Country, Day, Relationship, Timestamp, Uid, Visibility};
use serde_json::json;

use super::{Projected, check_forgone};
use crate::generate::{CODES, UIDS};
use crate::oracle::{self, Answer, Filter, Known, Oracle, Refusal, without_link_texts};

/// The real answer in the form of the oracle's.
pub(super) fn shown<T: Shown>(answer: Result<T, QueryError>) -> Answer {
    match answer {
        Ok(answer) => Ok(without_link_texts(serde_json::to_value(answer.shown()).expect("answers serialize"))),
        Err(QueryError::NotFound { .. }) => Err(Refusal::NotFound),
        Err(QueryError::Invalid { field: "from", .. }) => Err(Refusal::FromAfterTo),
        Err(error) => panic!("unexpected refusal: {error}"),
    }
}

pub(super) fn same(question: &str, real: Answer, expected: Answer) {
    let expected = expected.map(without_link_texts);
    if real != expected {
        let pretty = |answer: &Answer| match answer {
            Ok(answer) => serde_json::to_string_pretty(answer).expect("JSON"),
            Err(refusal) => format!("{refusal:?}"),
        };
        panic!("{question}\n--- projections\n{}\n--- oracle\n{}", pretty(&real), pretty(&expected));
    }
}

pub(super) fn everything() -> PageRequest {
    PageRequest { limit: usize::MAX - 1, cursor: None }
}

/// Compares every answer about every account at a moment.
pub fn check_everything(oracle: &Oracle, projected: &Projected, now: Timestamp) {
    let known = oracle.at(oracle.end(), now);
    let view = projected.at(now);
    let mut uids = UIDS.to_vec();
    let mentioned = oracle.entries().iter().filter_map(|entry| {
        if let schemas::StreamKey::Account(uid) = entry.event.stream() {
            Some(uid)
        } else if let Body::Code(data) = &entry.event.body {
            Some(data.owner_uid)
        } else {
            None
        }
    });
    uids.extend(mentioned);
    uids.push(Uid(123_456));
    uids.sort_unstable();
    uids.dedup();
    for uid in uids.iter().copied() {
        check_ranges(&known, &view, uid, &ranges(now));
        check_lists(&known, &view, uid);
        check_referrals(&known, &view, uid);
        for invitee in uids.iter().copied() {
            let question = format!("referral {invitee} of {uid} at {now}");
            same(&question, shown(view.referral(uid, invitee)), known.referral(uid, invitee));
        }
    }
    check_everybody(&known, &view, &ranges(now));
    check_forgone(&known, &view, &uids);
    for uid in uids.into_iter().map(Some).chain([None]) {
        check_cohorts(&known, &view, uid);
    }
    for entry in oracle.entries() {
        let Body::Trade(trade) = &entry.event.body else { continue };
        let (source, id) = (&entry.event.source, &entry.event.id);
        let question = format!("explain {} {source} {id}", trade.uid);
        same(&question, shown(view.explain(trade.uid, source, id)), known.explain(trade.uid, source, id));
    }
    same(&format!("applications at {now}"), applications(&view), known.applications());
    let feed = view.feed(0, usize::MAX).expect("memory can be read");
    same("feed", shown(Ok(feed)), Ok(json!(known.feed(0))));
}

/// Who waits is shown on a page alone, and has no shape in the API.
fn applications(view: &View<'_>) -> Answer {
    let list = view.applications(&everything()).expect("memory can be read");
    let rows = list.rows.into_iter().map(|row| {
        json!({
            "uid": row.uid, "waiting_since": row.waiting_since, "times": row.times, "message": row.message,
            "position": row.position,
        })
    });
    let rows: Vec<_> = rows.collect();
    Ok(json!({ "rows": rows, "total": list.total, "next_cursor": list.next_cursor, "as_of": list.as_of.shown() }))
}

/// Ranges worth asking for: the default, a day, a week across a month's end, everything, half-open, reversed.
fn ranges(now: Timestamp) -> Vec<(Option<Day>, Option<Day>)> {
    let today = now.day();
    vec![
        (None, None),
        (Some(today), Some(today)),
        (Some(today.plus(-6)), Some(today.plus(-3))),
        (Some(today.plus(-400)), Some(today.plus(400))),
        (Some(today.plus(-4)), None),
        (None, Some(today.plus(-2))),
        (Some(today), Some(today.plus(-1))),
    ]
}

/// Compares every answer about the days of a range.
pub fn check_ranges(known: &Known<'_>, view: &View<'_>, uid: Uid, ranges: &[(Option<Day>, Option<Day>)]) {
    let codes = CODES.iter().map(|code| Some(*code)).chain([None, Some("NOBODYS")]);
    for code in codes {
        for (from, to) in ranges.iter().copied() {
            let range = RangeRequest { from, to };
            let asked = format!("uid={uid} code={code:?} range={range:?} now={}", view.now);
            same(
                &format!("overview {asked}"),
                shown(view.overview(uid, range, code)),
                known.overview(uid, from, to, code),
            );
            let intervals = [
                (Interval::Day, oracle::Interval::Day),
                (Interval::Week, oracle::Interval::Week),
                (Interval::Month, oracle::Interval::Month),
            ];
            // The widest range has hundreds of days that hold nothing; one interval of it is enough.
            let wide = from.zip(to).is_some_and(|(from, to)| to.0 - from.0 > 100);
            for (interval, expected) in intervals.into_iter().skip(if wide { 2 } else { 0 }) {
                same(
                    &format!("series {interval:?} {asked}"),
                    shown(view.series(uid, range, code, interval)),
                    known.series(uid, from, to, code, expected),
                );
                same(
                    &format!("series {interval:?} with the range before {asked}"),
                    shown(view.series_with_before(uid, range, code, interval)),
                    known.series_with_before(uid, (from, to), code, expected),
                );
            }
        }
    }
    let all = everything();
    for (from, to) in ranges.iter().copied() {
        let range = RangeRequest { from, to };
        for uid in [Some(uid), None] {
            for code in CODES.iter().map(|code| Some(*code)).chain([None, Some("NOBODYS")]) {
                same(
                    &format!("changes uid={uid:?} code={code:?} range={range:?} now={}", view.now),
                    shown(view.changes(uid, range, code, &all)),
                    known.changes(uid, from, to, code),
                );
            }
        }
        let asked = format!("uid={uid} range={range:?} now={}", view.now);
        same(&format!("countries {asked}"), shown(view.countries(uid, range, &all)), known.countries(uid, from, to));
        for (kind, expected) in
            [(RewardKind::Commission, oracle::Kind::Commission), (RewardKind::Shared, oracle::Kind::Shared)]
        {
            same(
                &format!("rewards {kind:?} {asked}"),
                shown(view.rewards(uid, kind, range, &all)),
                known.rewards(uid, expected, from, to),
            );
        }
    }
}

/// Compares the answers about all referrers together, and the list of them by every column either way.
fn check_everybody(known: &Known<'_>, view: &View<'_>, ranges: &[(Option<Day>, Option<Day>)]) {
    let all = everything();
    for (from, to) in ranges.iter().copied() {
        let range = RangeRequest { from, to };
        let asked = format!("of everybody, range={range:?} now={}", view.now);
        for code in CODES.iter().map(|code| Some(*code)).chain([None, Some("NOBODYS")]) {
            let asked = format!("code={code:?} {asked}");
            same(
                &format!("overview {asked}"),
                shown(view.overview(None, range, code)),
                known.everybodys_overview(from, to, code),
            );
            same(
                &format!("series {asked}"),
                shown(view.series(None, range, code, Interval::Month)),
                known.everybodys_series(from, to, code, oracle::Interval::Month),
            );
        }
        same(
            &format!("countries {asked}"),
            shown(view.countries(None, range, &all)),
            known.everybodys_countries(from, to),
        );
        let by = |sort: &str, descending: bool| {
            let order = if descending { Order::Descending } else { Order::Ascending };
            let column = ReferrerSort::parse(sort).expect("a column");
            same(
                &format!("referrers by {sort} {order:?} {asked}"),
                shown(view.referrer_list(range, column, order, &all)),
                known.referrers(from, to, sort, descending),
            );
        };
        by("total_rewards", true);
        // Of the widest range, which holds the most rows.
        if from.zip(to).is_some_and(|(from, to)| to.0 - from.0 > 100) {
            ReferrerSort::NAMES.iter().for_each(|sort| [true, false].into_iter().for_each(|way| by(sort, way)));
            check_pages_of_referrers(view, range);
        }
    }
}

/// Compares the cohorts of a referrer, or of everybody, and their pages.
fn check_cohorts(known: &Known<'_>, view: &View<'_>, uid: Option<Uid>) {
    let today = view.now.day();
    let ranges = [
        (None, None),
        (Some(today.plus(-400)), Some(today.plus(400))),
        (Some(today.plus(-6)), None),
        (None, Some(today.plus(-8))),
        (Some(today), Some(today.plus(-1))),
    ];
    let filters =
        [(None, None), (Some(CODES[0]), None), (Some("NOBODYS"), None), (None, Some("ZZ")), (None, Some("DE"))];
    for (from, to) in ranges {
        for (code, country) in filters {
            let countries = country.map(|country| vec![Country::parse(country)]);
            let filter = CohortFilter { code: code.map(str::to_owned), country: countries };
            let range = RangeRequest { from, to };
            let ask = |request: &PageRequest| view.cohorts(uid, &filter, range, request);
            let question = format!("cohorts uid={uid:?} {filter:?} {range:?} now={}", view.now);
            let whole = ask(&everything());
            if let Ok(whole) = &whole {
                let first = ask(&PageRequest { limit: 1, cursor: None }).expect("a page").list;
                let rest = first.next_cursor.map(|cursor| PageRequest { cursor: Some(cursor), ..everything() });
                let rest = rest.map(|rest| ask(&rest).expect("a page").list.rows).unwrap_or_default();
                assert_eq!([first.rows, rest].concat(), whole.list.rows, "pages of {question}");
            }
            same(&question, shown(whole), known.cohorts(uid, code, country, (from, to)));
        }
    }
}

/// Pages of one referrer come to the whole list.
fn check_pages_of_referrers(view: &View<'_>, range: RangeRequest) {
    let ask = |request: &PageRequest| {
        view.referrer_list(range, ReferrerSort::Codes, Order::Ascending, request).expect("a page").list
    };
    let whole = ask(&everything());
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = ask(&PageRequest { limit: 1, cursor });
        rows.extend(page.rows);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows, whole.rows, "pages of referrers");
}

fn check_lists(known: &Known<'_>, view: &View<'_>, uid: Uid) {
    let all = everything();
    let asked = format!("uid={uid} now={}", view.now);
    same(&format!("codes {asked}"), shown(view.codes(uid, &all)), known.codes(uid));
    for code in CODES {
        same(&format!("code {code} {asked}"), shown(view.code(uid, code)), known.code(uid, code));
    }
    same(&format!("account {asked}"), shown(view.account_standing(uid)), known.account(uid));
    same(&format!("offers {asked}"), shown(view.offers(uid, &all)), known.offers(uid));
    for visibility in [None, Some(Visibility::Public), Some(Visibility::Exclusive)] {
        same(
            &format!("campaigns {visibility:?} {asked}"),
            shown(view.campaigns(uid, visibility, &all)),
            known.campaigns(uid, visibility),
        );
    }
}

fn check_referrals(known: &Known<'_>, view: &View<'_>, uid: Uid) {
    for filter in filters(view.now) {
        let sort = ReferralSort::parse(filter.sort).expect("a column");
        let order = if filter.descending { Order::Descending } else { Order::Ascending };
        let country = filter.country.as_ref().map(|country| vec![Country::parse(country)]);
        let real = ReferralFilter {
            q: filter.q.clone(),
            registered_from: filter.registered_from,
            registered_to: filter.registered_to,
            vip: filter.vip.clone(),
            verified: filter.verified,
            deposited: filter.deposited,
            traded: filter.traded,
            code: filter.code.clone(),
            country,
            commission_type: filter.commission_type,
        };
        let question = format!("referrals uid={uid} {filter:?}");
        same(&question, shown(view.referrals(uid, &real, sort, order, &everything())), known.referrals(uid, &filter));
        check_pages(view, uid, &real, sort, order);
    }
}

/// Pages of two rows come to the whole list.
fn check_pages(view: &View<'_>, uid: Uid, filter: &ReferralFilter, sort: ReferralSort, order: Order) {
    let Ok(whole) = view.referrals(uid, filter, sort, order, &everything()) else { return };
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let request = PageRequest { limit: 2, cursor };
        let page = view.referrals(uid, filter, sort, order, &request).expect("a page of a list that is there");
        assert_eq!(page.total, whole.total);
        rows.extend(page.rows);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows, whole.rows, "pages of {sort:?} {order:?}");
}

fn filters(now: Timestamp) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for column in Filter::COLUMNS {
        for descending in [true, false] {
            filters.push(Filter { sort: column, descending, ..Filter::default() });
        }
    }
    let plain = Filter::default;
    filters.push(Filter { q: Some("8".into()), ..plain() });
    filters.push(Filter { q: Some("A".into()), ..plain() });
    filters.push(Filter {
        registered_from: Some(now.day().plus(-7)),
        registered_to: Some(now.day().plus(-5)),
        ..plain()
    });
    filters.push(Filter { vip: Some(vec![0, 2]), ..plain() });
    for flag in [true, false] {
        filters.push(Filter { verified: Some(flag), ..plain() });
        filters.push(Filter { deposited: Some(flag), ..plain() });
        filters.push(Filter { traded: Some(flag), ..plain() });
    }
    filters.push(Filter { code: Some(CODES[0].into()), ..plain() });
    filters.push(Filter { code: Some("NOBODYS".into()), ..plain() });
    filters.push(Filter { country: Some("ZZ".into()), ..plain() });
    filters.push(Filter { country: Some("DE".into()), traded: Some(true), ..plain() });
    for relationship in Relationship::ALL {
        filters.push(Filter { commission_type: Some(*relationship), ..plain() });
    }
    filters
}
