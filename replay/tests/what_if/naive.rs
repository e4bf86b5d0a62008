//! The same answer made of nothing but each trade explained.

use std::collections::BTreeMap;

use ledger::EventReader;
use projections::View;
use projections::query::{AmountKey, AmountsAsked, By, Links};
use projections::views::{AmountChanges, Earned, Explained, WhatIfRow};
use schemas::{Body, Country, Day, Product, Uid, Usd};

use crate::given::{Book, NOW};

/// Rows, and the sum of all keys.
pub struct Naive {
    pub rows: Vec<WhatIfRow>,
    pub sum: AmountChanges,
}

type Keys = BTreeMap<AmountKey, Earned>;

/// What explaining every trade of both sets comes to.
pub fn naive(before: &Book, after: &Book, asked: AmountsAsked, all: bool) -> Naive {
    let (before, after) = (keys(before, asked), keys(after, asked));
    let mut names: Vec<&AmountKey> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let of = |keys: &Keys, key: &AmountKey| keys.get(key).copied().unwrap_or_default();
    let changes = |key: &&AmountKey| AmountChanges::between(of(&before, key), of(&after, key));
    let rows = names.iter().map(|key| WhatIfRow { key: (*key).clone(), changes: changes(key) });
    let rows = rows.filter(|row| all || row.changes.total_before != row.changes.total_after || !same(&row.changes));
    Naive { rows: rows.collect(), sum: AmountChanges::between(sum(&before), sum(&after)) }
}

fn same(changes: &AmountChanges) -> bool {
    changes.commission_before == changes.commission_after && changes.rebate_before == changes.rebate_after
}

fn sum(keys: &Keys) -> Earned {
    let add = |sum: Usd, more: Usd| sum + more;
    Earned {
        commission: keys.values().map(|earned| earned.commission).fold(Usd::ZERO, add),
        rebate: keys.values().map(|earned| earned.rebate).fold(Usd::ZERO, add),
    }
}

fn keys(book: &Book, asked: AmountsAsked) -> Keys {
    let reader = book.reader();
    let links = Links::default();
    let view = View { state: &book.state, reader: &reader, now: NOW, links: &links, is_past: false };
    let mut keys = Keys::new();
    let entries = || (1..=reader.durable_position()).map(|position| reader.event(position).expect("an entry"));
    let countries: BTreeMap<Uid, Option<Country>> = entries()
        .filter_map(
            |event| if let Body::Registration(data) = &event.body { Some((data.uid, data.country)) } else { None },
        )
        .collect();
    for position in 1..=reader.durable_position() {
        let event = reader.event(position).expect("an entry");
        let Body::Trade(trade) = &event.body else { continue };
        let explained = view.explain(trade.uid, &event.source, &event.id).expect("a trade");
        let Some((referrer, code)) = explained.referrer_uid.zip(explained.code.clone()) else { continue };
        let mut dated = vec![(event.time.day(), explained.commission, explained.rebate)];
        if let Some(reversal) = &explained.reversal {
            dated.push((reversal.time.day(), -explained.commission, -explained.rebate));
        }
        let country = explained.invitee_uid.and_then(|invitee| countries.get(&invitee).copied().flatten());
        let of = Of { referrer, code: &code, country, product: trade.product };
        for (day, commission, rebate) in dated {
            take(&mut keys, asked, &explained, &of, day, Earned { commission, rebate });
        }
    }
    keys
}

/// Whose and what a trade is.
struct Of<'o> {
    referrer: Uid,
    code: &'o str,
    country: Option<Country>,
    product: Product,
}

fn take(keys: &mut Keys, asked: AmountsAsked, explained: &Explained, of: &Of<'_>, day: Day, earned: Earned) {
    let is_dated = asked.days.from.is_none_or(|from| from <= day) && asked.days.to.is_none_or(|to| day <= to);
    if !is_dated || explained.total == Usd::ZERO {
        return;
    }
    let key = match asked.by {
        By::Total => AmountKey::Total,
        By::Referrer => AmountKey::Referrer(of.referrer),
        By::Code => AmountKey::Code(of.code.into()),
        By::Day => AmountKey::Day(day),
        By::Month => AmountKey::Month(Day::parse(&format!("{}-01", &day.to_string()[..7])).expect("a day")),
        By::Country => AmountKey::Country(of.country.map_or("ZZ".to_owned(), |country| country.to_string()).into()),
        By::Product => AmountKey::Product(of.product.as_str()),
    };
    let held = keys.entry(key).or_default();
    held.commission += earned.commission;
    held.rebate += earned.rebate;
}
