//! What was not earned: *withheld*, because of the one reason why a trade gave no commission, or taken back by a reversal, a
//! *clawback*. Sums under keys of one kind, and the trades themselves, each with the way to its explanation.
//!
//! No cell holds either, so nothing is kept for it and applying costs nothing more. Clawbacks cost a look at each trade of the
//! ledger that was ever taken back, and two entries read for each that was within the range. What is withheld costs a row for
//! each account that registered with one of the codes in question, sub-accounts with them, and each trade that they made from
//! the first day of the range on: of one referrer as its rewards, of all of them every attributed trade since that day. Held
//! are the sums under the keys, of trades those of the page.

mod found;
mod one_by_one;

use std::collections::HashMap;

use ledger::{AccountId, Position};
use schemas::{Body, Country, Day, Uid};

use self::found::{Found, Reason};
use super::page::{Order, PageRequest, Paging, SortValue, Sorting};
use super::{DateRange, QueryError, RangeRequest, View};
use crate::codes::CodeId;
use crate::rating::WhyNothing;
use crate::views::{Forgone, ForgoneRow, ForgoneSums, ForgoneTrade, ForgoneTrades, TradeKey};

/// The days of a range where nothing is said: as of rewards, which are read from the same trades.
const RANGE_DAYS: i32 = 7;

/// Which of both is asked for, and for which reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForgoneKind {
    /// What trades did not give, for any of these reasons, or for whichever.
    Withheld(Option<Vec<WhyNothing>>),
    /// What reversals took back, whose reason is this text, or whichever.
    Clawbacks(Option<String>),
}

impl ForgoneKind {
    fn reasons(&self) -> Option<Vec<String>> {
        match self {
            ForgoneKind::Withheld(reasons) => {
                reasons.as_ref().map(|reasons| reasons.iter().map(|reason| reason.as_str().to_owned()).collect())
            }
            ForgoneKind::Clawbacks(reason) => reason.clone().map(|reason| vec![reason]),
        }
    }
}

/// Whose trades: everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgoneFilter {
    /// Of invitees of this referrer.
    pub uid: Option<Uid>,
    /// Of who registered with this code.
    pub code: Option<String>,
    /// Whose country is one of these; `None` in the list is the unknown.
    pub country: Option<Vec<Option<Country>>>,
}

impl ForgoneFilter {
    fn countries(&self) -> Option<Vec<String>> {
        let countries = self.country.as_ref()?.iter();
        Some(countries.map(|country| country_text(*country)).collect())
    }

    fn takes_country(&self, country: Option<Country>) -> bool {
        self.country.as_ref().is_none_or(|wanted| wanted.contains(&country))
    }
}

fn country_text(country: Option<Country>) -> String {
    country.map_or_else(|| Country::UNKNOWN_TEXT.to_owned(), |country| country.to_string())
}

/// What the sums are by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForgoneBy {
    /// By who would have earned, or had earned.
    #[default]
    Referrer,
    /// By the reason.
    Reason,
    /// By the code of the invitee's registration.
    Code,
    /// By the invitee's country.
    Country,
    /// By UTC day: the trade's, or the reversal's.
    Day,
}

impl ForgoneBy {
    /// All of them.
    pub const ALL: [ForgoneBy; 5] =
        [ForgoneBy::Referrer, ForgoneBy::Reason, ForgoneBy::Code, ForgoneBy::Country, ForgoneBy::Day];
    /// Their names, as `by` takes them.
    pub const NAMES: &'static [&'static str] = &["referrer", "reason", "code", "country", "day"];

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<ForgoneBy> {
        ForgoneBy::ALL.into_iter().find(|by| by.as_str() == text)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ForgoneBy::Referrer => "referrer",
            ForgoneBy::Reason => "reason",
            ForgoneBy::Code => "code",
            ForgoneBy::Country => "country",
            ForgoneBy::Day => "day",
        }
    }
}

/// What figures stand under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Referrer(AccountId),
    Why(WhyNothing),
    Said(Box<str>),
    Code(CodeId),
    Country(Option<Country>),
    Day(Day),
}

impl Key {
    fn of(by: ForgoneBy, found: &Found<'_>) -> Key {
        match (by, &found.reason) {
            (ForgoneBy::Referrer, _) => Key::Referrer(found.referrer),
            (ForgoneBy::Reason, Reason::Why(why)) => Key::Why(*why),
            (ForgoneBy::Reason, Reason::Said(said)) => Key::Said((*said).into()),
            (ForgoneBy::Code, _) => Key::Code(found.code),
            (ForgoneBy::Country, _) => Key::Country(found.attribution.country),
            (ForgoneBy::Day, _) => Key::Day(found.day),
        }
    }
}

/// A trade of a page, before it is read again.
struct Listed {
    trade: Position,
    day: Day,
    referrer: AccountId,
    invitee: AccountId,
    code: CodeId,
    country: Option<Country>,
    reason: Option<WhyNothing>,
    sum: Forgone,
    reversal: Option<Position>,
}

impl Listed {
    fn of(found: &Found<'_>) -> Listed {
        Listed {
            trade: found.position,
            day: found.day,
            referrer: found.referrer,
            invitee: found.attribution.head,
            code: found.code,
            country: found.attribution.country,
            reason: match found.reason {
                Reason::Why(why) => Some(why),
                Reason::Said(_) => None,
            },
            sum: found.sum,
            reversal: found.reversal,
        }
    }
}

/// The most first, and among as much by the key.
const MOST_FIRST: Sorting = Sorting { value: Order::Descending, keys: Order::Ascending };

impl View<'_> {
    /// `GET /v1/withheld`, `GET /v1/clawbacks`: what was forgone under keys of one kind. Days are in their order, the newest
    /// first; of all else what comes to the most is first.
    ///
    /// # Errors
    /// If the code is not the referrer's, or not there, the range ends before it begins, the cursor is not this list's, or
    /// the ledger cannot be read.
    pub fn forgone(
        &self,
        kind: &ForgoneKind,
        filter: &ForgoneFilter,
        range: RangeRequest,
        by: ForgoneBy,
        request: &PageRequest,
    ) -> Result<ForgoneSums, QueryError> {
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let codes = self.codes_asked(filter.uid, filter.code.as_deref())?;
        let mut paging = Paging::begin(MOST_FIRST, request, &("forgone", kind, filter, range, by), self)?;
        let mut sum = Forgone::default();
        let mut by_key: HashMap<Key, Forgone> = HashMap::new();
        self.each_forgone(kind, filter, &codes, range, &mut |found| {
            sum.add(&found.sum);
            by_key.entry(Key::of(by, found)).or_default().add(&found.sum);
        })?;
        for (key, of_key) in by_key {
            let text = self.key_text(&key);
            let value = match key {
                Key::Day(day) => i128::from(day.0),
                Key::Referrer(_) | Key::Why(_) | Key::Said(_) | Key::Code(_) | Key::Country(_) => of_key.total().0,
            };
            let place = match key {
                Key::Referrer(referrer) => SortValue::Number(i128::from(self.state.uid(referrer).0)),
                Key::Why(_) | Key::Said(_) | Key::Code(_) | Key::Country(_) | Key::Day(_) => {
                    SortValue::Text(text.clone())
                }
            };
            let row = ForgoneRow { key: text, sum: of_key };
            paging.add(Some(SortValue::Number(value)), || vec![place], row);
        }
        let ForgoneFilter { uid, code, country: _ } = filter.clone();
        let (country, reason, DateRange { from, to }) = (filter.countries(), kind.reasons(), range);
        let list = paging.finish(self, Ok)?;
        Ok(ForgoneSums { uid, code, country, reason, from, to, by: by.as_str(), sum, list })
    }

    fn key_text(&self, key: &Key) -> String {
        match key {
            Key::Referrer(referrer) => self.state.uid(*referrer).to_string(),
            Key::Why(why) => why.as_str().to_owned(),
            Key::Said(said) => said.to_string(),
            Key::Code(code) => self.state.codes.get(*code).text.to_string(),
            Key::Country(country) => country_text(*country),
            Key::Day(day) => day.to_string(),
        }
    }

    /// `GET /v1/withheld/trades`, `GET /v1/clawbacks/trades`: the trades, the one that comes to the most first, among as much
    /// by the uid, source and id of the trade.
    ///
    /// # Errors
    /// As [`View::forgone`].
    pub fn forgone_trades(
        &self,
        kind: &ForgoneKind,
        filter: &ForgoneFilter,
        range: RangeRequest,
        request: &PageRequest,
    ) -> Result<ForgoneTrades, QueryError> {
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let codes = self.codes_asked(filter.uid, filter.code.as_deref())?;
        let mut paging = Paging::begin(MOST_FIRST, request, &("forgone trades", kind, filter, range), self)?;
        let mut sum = Forgone::default();
        self.each_forgone(kind, filter, &codes, range, &mut |found| {
            sum.add(&found.sum);
            let keys = || {
                let text = |text: &str| SortValue::Text(text.to_owned());
                let uid = SortValue::Number(i128::from(found.trade.uid.0));
                // A trade may stand here beside what takes it back.
                let is_reversal = SortValue::Number(i128::from(found.reversal.is_some()));
                vec![uid, text(&found.event.source), text(&found.event.id), is_reversal]
            };
            paging.add(Some(SortValue::Number(found.sum.total().0)), keys, Listed::of(found));
        })?;
        let ForgoneFilter { uid, code, country: _ } = filter.clone();
        let (country, reason, DateRange { from, to }) = (filter.countries(), kind.reasons(), range);
        let list = paging.finish(self, |listed| self.forgone_trade(listed))?;
        Ok(ForgoneTrades { uid, code, country, reason, from, to, sum, list })
    }

    fn forgone_trade(&self, listed: Listed) -> Result<ForgoneTrade, QueryError> {
        let event = self.reader.event(listed.trade)?;
        let Body::Trade(trade) = &event.body else {
            // What was found is a trade.
            return Err(QueryError::NotFound { what: "trade", name: event.id.to_string() });
        };
        Ok(ForgoneTrade {
            trade: TradeKey { uid: trade.uid, source: event.source.to_string(), id: event.id.to_string() },
            position: listed.trade,
            time: event.time,
            date: listed.day,
            product: trade.product,
            invitee_uid: self.state.uid(listed.invitee),
            referrer_uid: self.state.uid(listed.referrer),
            code: self.state.codes.get(listed.code).text.to_string(),
            country: listed.country,
            reason: listed.reason,
            sum: listed.sum,
            reversal: listed.reversal.map(|position| self.reversal_line(position)).transpose()?,
        })
    }
}
