//! What was withheld and taken back, asked of both.

use projections::query::{ForgoneBy, ForgoneFilter, ForgoneKind, PageRequest, RangeRequest};
use projections::{View, WhyNothing};
use schemas::{Country, Uid};

use super::questions::{everything, same, shown};
use crate::generate::CODES;
use crate::oracle::{Forgone, ForgoneAsked, Known};

/// Compares every sum and every list of trades, of everybody and of each of these, and their pages.
pub fn check_forgone(known: &Known<'_>, view: &View<'_>, uids: &[Uid]) {
    let today = view.now.day();
    let ever = (Some(today.plus(-400)), Some(today.plus(400)));
    let of_everybody = ForgoneAsked::default();
    let mut asked = vec![of_everybody, ForgoneAsked { from: Some(today), to: Some(today.plus(-1)), ..of_everybody }];
    for (from, to) in [ever, (Some(today.plus(-6)), Some(today.plus(-3))), (None, Some(today.plus(-2)))] {
        asked.push(ForgoneAsked { from, to, ..of_everybody });
    }
    let narrowed = ForgoneAsked { from: ever.0, to: ever.1, ..of_everybody };
    asked.extend(uids.iter().map(|uid| ForgoneAsked { uid: Some(*uid), ..narrowed }));
    asked.extend(CODES.into_iter().chain(["NOBODYS"]).map(|code| ForgoneAsked { code: Some(code), ..narrowed }));
    asked.push(ForgoneAsked { uid: Some(uids[0]), code: Some(CODES[0]), ..narrowed });
    asked.extend(["DE", "ZZ"].map(|country| ForgoneAsked { country: Some(country), ..narrowed }));
    asked.extend(WhyNothing::WITHHOLDING.map(|why| ForgoneAsked { reason: Some(why.as_str()), ..narrowed }));
    asked.push(ForgoneAsked { reason: Some("bust"), ..narrowed });
    for asked in &asked {
        for what in [Forgone::Withheld, Forgone::Clawbacks] {
            check(known, view, what, asked);
        }
    }
}

fn check(known: &Known<'_>, view: &View<'_>, what: Forgone, asked: &ForgoneAsked<'_>) {
    let reason = asked.reason;
    let kind = match what {
        Forgone::Withheld => {
            let why = |name: &str| WhyNothing::WITHHOLDING.into_iter().find(|why| why.as_str() == name);
            // What is no reason of a trade is asked of reversals alone.
            if reason.is_some_and(|name| why(name).is_none()) {
                return;
            }
            ForgoneKind::Withheld(reason.map(|name| why(name).into_iter().collect()))
        }
        Forgone::Clawbacks => ForgoneKind::Clawbacks(reason.map(str::to_owned)),
    };
    let country = asked.country.map(|country| vec![Country::parse(country)]);
    let filter = ForgoneFilter { uid: asked.uid, code: asked.code.map(str::to_owned), country };
    let range = RangeRequest { from: asked.from, to: asked.to };
    let question = format!("{kind:?} {filter:?} {range:?} now={}", view.now);
    for by in ForgoneBy::ALL {
        let ask = |request: &PageRequest| view.forgone(&kind, &filter, range, by, request);
        let whole = ask(&everything());
        if let Ok(whole) = &whole {
            let pages = pages(|request| ask(request).map(|answer| answer.list));
            assert_eq!(pages, whole.list.rows, "pages of {question} by {by:?}");
        }
        same(&format!("{question} by {by:?}"), shown(whole), known.forgone(what, asked, by.as_str()));
    }
    let ask = |request: &PageRequest| view.forgone_trades(&kind, &filter, range, request);
    let whole = ask(&everything());
    if let Ok(whole) = &whole {
        let pages = pages(|request| ask(request).map(|answer| answer.list));
        assert_eq!(pages, whole.list.rows, "pages of the trades of {question}");
    }
    same(&format!("trades of {question}"), shown(whole), known.forgone_trades(what, asked));
}

/// All rows of a list, two at a time.
fn pages<T>(ask: impl Fn(&PageRequest) -> Result<projections::views::List<T>, projections::QueryError>) -> Vec<T> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = ask(&PageRequest { limit: 2, cursor }).expect("a page of a list that is there");
        rows.extend(page.rows);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return rows;
        }
    }
}
