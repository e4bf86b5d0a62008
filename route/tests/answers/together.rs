//! The answers that a serving node makes of all shards', held against one ledger's: down to the hint, the total and each cursor.

use projections::query::{
    CohortFilter, DaySums, Interval, Order, PageRequest, RangeRequest, ReferralFilter, ReferralSort, ReferrerSort,
    code_together, codes_together, cohorts_together, countries_together, cursor_of_one, days_in_doubt, offers_together,
    overview_together, positions_of_cursor, referrals_together, referrers_together, rewards_together, series_together,
};
use projections::views::{List, RewardKind, Rewards};
use projections::{QueryError, View};
use schemas::Uid;

/// The pages of a list: first of few rows, so that there are some, then of all.
const LIMITS: [usize; 2] = [2, 500];

/// What of a list is the same whoever gives it.
type Told<T> = (Vec<T>, u64, bool);

fn told<T>(list: List<T>) -> Told<T> {
    (list.rows, list.total, list.next_cursor.is_some())
}

/// Holds all pages of rewards against one ledger's.
pub fn rewards(one: &View<'_>, shards: &[View<'_>], (uid, kind, range): (Uid, RewardKind, RangeRequest)) {
    for limit in LIMITS {
        pages(one, shards, |one, shards, cursors| {
            let ask = |view: &View<'_>, cursor: Option<String>| {
                view.rewards(uid, kind, range, &PageRequest { limit, cursor })
            };
            let parts = each(shards, cursors, ask);
            let by_day = earned(shards, uid, &parts);
            let together = rewards_together(parts, limit, &by_day, shards[0].is_past).expect("answers of one moment");
            let whole = ask(one, cursors.0.clone()).expect("an answer");
            let Rewards { uid, kind, from, to, hint, list } = together;
            let expected = (whole.uid, whole.kind, whole.from, whole.to, whole.hint);
            assert_eq!((uid, kind, from, to, hint), expected, "{cursors:?}");
            assert_eq!(list.as_of.event_time, whole.list.as_of.event_time);
            let next = (whole.list.next_cursor.clone(), list.next_cursor.clone());
            assert_eq!(told(list), told(whole.list), "{uid} {kind:?} {range:?}");
            next
        });
    }
}

/// The same of offers.
pub fn offers(one: &View<'_>, shards: &[View<'_>], uid: Uid) {
    for limit in [1, 500] {
        pages(one, shards, |one, shards, cursors| {
            let ask = |view: &View<'_>, cursor: Option<String>| view.offers(uid, &PageRequest { limit, cursor });
            let together = offers_together(uid, each(shards, cursors, ask), shards[0].is_past);
            let list = together.expect("answers of one moment");
            let whole = ask(one, cursors.0.clone()).expect("an answer");
            let next = (whole.next_cursor.clone(), list.next_cursor.clone());
            assert_eq!(told(list), told(whole), "offers of {uid}");
            next
        });
    }
}

/// The same of invitees, by every column.
pub fn referrals(one: &View<'_>, shards: &[View<'_>], uid: Uid) {
    let filters = [ReferralFilter::default(), ReferralFilter { traded: Some(true), ..ReferralFilter::default() }];
    for (at, column) in ReferralSort::NAMES.iter().enumerate() {
        let sort = ReferralSort::parse(column).expect("a column");
        let (filter, limit) = (&filters[at % 3 / 2], 1 + at % 2 * 2);
        for order in [Order::Ascending, Order::Descending] {
            pages(one, shards, |one, shards, cursors| {
                let ask = |view: &View<'_>, cursor: Option<String>| {
                    view.referrals(uid, filter, sort, order, &PageRequest { limit, cursor })
                };
                let (parts, page) = (each(shards, cursors, ask), (limit, shards[0].is_past));
                let list =
                    referrals_together(parts, (uid, filter), (sort, order), page).expect("answers of one moment");
                let whole = ask(one, cursors.0.clone()).expect("an answer");
                let next = (whole.next_cursor.clone(), list.next_cursor.clone());
                assert_eq!(told(list), told(whole), "referrals of {uid} by {column} {order:?}");
                next
            });
        }
    }
}

/// The same of codes, and of each alone.
pub fn codes(one: &View<'_>, shards: &[View<'_>], uid: Uid) {
    for limit in [1, 500] {
        pages(one, shards, |one, shards, cursors| {
            let ask = |view: &View<'_>, cursor: Option<String>| view.codes(uid, &PageRequest { limit, cursor });
            let list = codes_together(uid, each(shards, cursors, ask), shards[0].is_past);
            let list = list.expect("answers of one moment");
            let whole = ask(one, cursors.0.clone()).expect("an answer");
            for row in &whole.rows {
                let alone: Vec<_> = shards.iter().map(|shard| shard.code(uid, &row.code).expect("a code")).collect();
                assert_eq!(&code_together(&alone).expect("answers of one moment").row, row);
            }
            let next = (whole.next_cursor.clone(), list.next_cursor.clone());
            assert_eq!(told(list), told(whole), "codes of {uid}");
            next
        });
    }
}

/// The same of an overview and of series, with the range before.
pub fn figures(one: &View<'_>, shards: &[View<'_>], uid: Option<Uid>, (range, code): (RangeRequest, Option<&str>)) {
    let Ok(whole) = one.overview(uid, range, code) else { return };
    let parts: Vec<_> = shards.iter().map(|shard| shard.overview(uid, range, code).expect("an overview")).collect();
    let mut overview = overview_together(&parts).expect("answers of one moment");
    assert_eq!(overview.as_of.event_time, whole.as_of.event_time);
    overview.as_of = whole.as_of;
    assert_eq!(overview, whole);
    for interval in [Interval::Day, Interval::Week, Interval::Month] {
        let ask = |view: &View<'_>| view.series_with_before(uid, range, code, interval).expect("a series");
        let (whole, parts) = (ask(one), shards.iter().map(ask).collect::<Vec<_>>());
        let mut series = series_together(&parts).expect("answers of one moment");
        series.as_of = whole.as_of;
        assert_eq!(series, whole);
    }
}

/// The same of countries.
pub fn countries(one: &View<'_>, shards: &[View<'_>], uid: Option<Uid>, range: RangeRequest) {
    let all = PageRequest { limit: 500, cursor: None };
    for limit in LIMITS {
        pages(one, shards, |one, shards, cursors| {
            let parts = shards.iter().map(|shard| shard.countries(uid, range, &all).expect("countries")).collect();
            let request = PageRequest { limit, cursor: cursors.1.clone() };
            let together = countries_together(parts, &request, shards[0].is_past).expect("answers of one moment");
            let request = PageRequest { limit, cursor: cursors.0.clone() };
            let whole = one.countries(uid, range, &request).expect("countries");
            assert_eq!((together.from, together.to, together.hint), (whole.from, whole.to, whole.hint));
            let next = (whole.list.next_cursor.clone(), together.list.next_cursor.clone());
            assert_eq!(told(together.list), told(whole.list), "countries of {uid:?}");
            next
        });
    }
}

/// The same of cohorts.
pub fn cohorts(one: &View<'_>, shards: &[View<'_>], uid: Option<Uid>, (range, code): (RangeRequest, Option<&str>)) {
    let filter = CohortFilter { code: code.map(str::to_owned), country: None };
    let all = PageRequest { limit: 500, cursor: None };
    if one.cohorts(uid, &filter, range, &all).is_err() {
        return;
    }
    for limit in LIMITS {
        pages(one, shards, |one, shards, cursors| {
            let ask = |view: &View<'_>, request| view.cohorts(uid, &filter, range, request).expect("cohorts");
            let parts = shards.iter().map(|shard| ask(shard, &all)).collect();
            let request = PageRequest { limit, cursor: cursors.1.clone() };
            let together =
                cohorts_together(parts, &filter, &request, shards[0].is_past).expect("answers of one moment");
            let whole = ask(one, &PageRequest { limit, cursor: cursors.0.clone() });
            assert_eq!((together.from, together.to, together.code), (whole.from, whole.to, whole.code));
            let next = (whole.list.next_cursor.clone(), together.list.next_cursor.clone());
            assert_eq!(told(together.list), told(whole.list), "cohorts of {uid:?}");
            next
        });
    }
}

/// The same of referrers, by every column.
pub fn referrers(one: &View<'_>, shards: &[View<'_>], range: RangeRequest) {
    let all = PageRequest { limit: 500, cursor: None };
    for (at, column) in ReferrerSort::NAMES.iter().enumerate() {
        let sort = ReferrerSort::parse(column).expect("a column");
        let (limit, order) = (1 + at % 3, if at % 2 == 0 { Order::Ascending } else { Order::Descending });
        pages(one, shards, |one, shards, cursors| {
            let ask = |view: &View<'_>, sort, request| view.referrer_list(range, sort, order, request).expect("a list");
            let parts = shards.iter().map(|shard| ask(shard, sort, &all)).collect();
            let request = PageRequest { limit, cursor: cursors.1.clone() };
            let together =
                referrers_together(parts, (sort, order), &request, shards[0].is_past).expect("answers of one moment");
            let whole = ask(one, sort, &PageRequest { limit, cursor: cursors.0.clone() });
            assert_eq!((together.from, together.to, together.hint), (whole.from, whole.to, whole.hint));
            let next = (whole.list.next_cursor.clone(), together.list.next_cursor.clone());
            assert_eq!(told(together.list), told(whole.list), "referrers by {column}");
            next
        });
    }
}

/// Where a page begins: in one ledger, and in the list of all.
type Cursors = (Option<String>, Option<String>);

/// Page after page, of the present and as of where all stand.
fn pages(one: &View<'_>, shards: &[View<'_>], page: impl Fn(&View<'_>, &[View<'_>], &Cursors) -> Cursors) {
    for is_past in [false, true] {
        let one = View { is_past, ..*one };
        let shards: Vec<View<'_>> = shards.iter().map(|shard| View { is_past, ..*shard }).collect();
        let mut cursors = (None, None);
        // Some pages of each.
        for _ in 0..4 {
            cursors = page(&one, &shards, &cursors);
            match &cursors {
                (Some(_), Some(of_all)) if is_past => {
                    assert_eq!(positions_of_cursor(of_all).map(|kept| kept.len()), Some(shards.len()));
                    // Who has one ledger takes none of several.
                    let refused = one.offers(Uid(7), &PageRequest { limit: 1, cursor: Some(of_all.clone()) });
                    assert!(matches!(refused, Err(QueryError::Invalid { field: "cursor", .. })));
                }
                (Some(of_one), Some(of_all)) => assert_eq!(of_one, of_all, "it is the same list"),
                (None, None) => break,
                (None, Some(_)) | (Some(_), None) => panic!("{cursors:?}"),
            }
        }
    }
}

fn each<T>(
    shards: &[View<'_>],
    (_, cursor): &Cursors,
    ask: impl Fn(&View<'_>, Option<String>) -> Result<T, QueryError>,
) -> Vec<T> {
    let own = |number: usize| {
        let cursor = cursor.as_deref()?;
        Some(cursor_of_one(cursor, number).unwrap_or_else(|| cursor.to_owned()))
    };
    let answers = shards.iter().enumerate().map(|(number, shard)| ask(shard, own(number)).expect("an answer"));
    answers.collect()
}

/// What a referrer earned by day in each shard, where it has to be known.
fn earned(shards: &[View<'_>], uid: Uid, parts: &[Rewards]) -> Vec<DaySums> {
    let Some(days) = days_in_doubt(parts) else { return Vec::new() };
    let range = RangeRequest { from: Some(days.from), to: Some(days.to) };
    let of_one = |shard: &View<'_>| {
        let series = shard.series(Some(uid), range, None, Interval::Day).expect("a series");
        series.points.into_iter().map(|point| (point.date, point.metrics.total_rewards)).collect()
    };
    shards.iter().map(of_one).collect()
}
