//! What was earned in a range of days, under keys of one kind: what a what-if compares (SPEC 6).

use std::collections::BTreeMap;

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{Body, Country, Day, Event, Product, Uid};

use super::{DateRange, RangeRequest};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::state::State;
use crate::views::Earned;

/// What amounts are added up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// All in one.
    #[default]
    Total,
    /// By who earns.
    Referrer,
    /// By the code that the invitee registered with.
    Code,
    /// By UTC day.
    Day,
    /// By UTC month.
    Month,
    /// By the country of the invitee's registration.
    Country,
    /// By product.
    Product,
}

impl By {
    /// The names, as `by` takes them.
    pub const NAMES: &'static [&'static str] = &["total", "referrer", "code", "day", "month", "country", "product"];

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<By> {
        match text {
            "total" => Some(By::Total),
            "referrer" => Some(By::Referrer),
            "code" => Some(By::Code),
            "day" => Some(By::Day),
            "month" => Some(By::Month),
            "country" => Some(By::Country),
            "product" => Some(By::Product),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            By::Total => "total",
            By::Referrer => "referrer",
            By::Code => "code",
            By::Day => "day",
            By::Month => "month",
            By::Country => "country",
            By::Product => "product",
        }
    }
}

/// What an amount stands under. Keys of one kind ascend: uids as numbers, texts by code point, days by date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AmountKey {
    /// All in one.
    Total,
    /// Who earns.
    Referrer(Uid),
    /// The code that the invitee registered with.
    Code(Box<str>),
    /// The day of the trade, or of the reversal.
    Day(Day),
    /// The first day of the month of either.
    Month(Day),
    /// The invitee's country, as it is written; the unknown is the last.
    Country(Box<str>),
    /// The product.
    Product(&'static str),
}

impl AmountKey {
    fn of_country(country: Option<Country>) -> AmountKey {
        AmountKey::Country(country.as_ref().map_or(Country::UNKNOWN_TEXT, Country::as_str).into())
    }
}

impl Earned {
    fn add(&mut self, more: Earned) {
        self.commission += more.commission;
        self.rebate += more.rebate;
    }

    pub(crate) fn is_nothing(self) -> bool {
        self.commission.is_zero() && self.rebate.is_zero()
    }
}

/// Amounts of a state, added up. A key is there if any trade or reversal under it, dated in the range, has an amount
/// other than 0, though they may add up to 0; those that cancel within one day, code and country only once
/// [`State::add_reversed_keys`] has looked for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// The sums, ascending by key.
    pub by_key: BTreeMap<AmountKey, Earned>,
}

impl Amounts {
    fn add(&mut self, key: AmountKey, more: Earned) {
        self.by_key.entry(key).or_default().add(more);
    }

    /// The sum of all keys.
    #[must_use]
    pub fn sum(&self) -> Earned {
        let mut sum = Earned::default();
        self.by_key.values().for_each(|earned| sum.add(*earned));
        sum
    }
}

/// What is added up: by what, and of which days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AmountsAsked {
    /// By what.
    pub by: By,
    /// Of which days, both included; an end left out is open.
    pub days: RangeRequest,
}

impl AmountsAsked {
    fn range(self) -> DateRange {
        DateRange { from: self.days.from.unwrap_or(Day::FIRST), to: self.days.to.unwrap_or(Day::LAST) }
    }
}

impl State {
    /// Adds up what was earned, from the cells. No cell is of a product: by product there is nothing here, and
    /// [`State::add_trade`] adds it trade by trade.
    #[must_use]
    pub fn amounts(&self, asked: AmountsAsked) -> Amounts {
        let range = asked.range();
        let mut amounts = Amounts::default();
        if asked.by == By::Product {
            return amounts;
        }
        let mut by_day: BTreeMap<Day, Earned> = BTreeMap::new();
        for (code, row) in self.codes.iter() {
            for (country, slice) in &row.slices {
                let mut of_slice: Option<Earned> = None;
                for (day, earned) in slice.earned(range.from, range.to) {
                    match asked.by {
                        By::Day => by_day.entry(day).or_default().add(earned),
                        By::Month => by_day.entry(day.month_start()).or_default().add(earned),
                        By::Total | By::Referrer | By::Code | By::Country | By::Product => {
                            of_slice.get_or_insert_default().add(earned);
                        }
                    }
                }
                let Some(earned) = of_slice else { continue };
                let key = match asked.by {
                    By::Total | By::Day | By::Month | By::Product => AmountKey::Total,
                    By::Code => AmountKey::Code(row.text.clone()),
                    By::Country => AmountKey::of_country(*country),
                    By::Referrer => match self.code_owner(code, PRESENT) {
                        Some(referrer) => AmountKey::Referrer(self.uid(referrer)),
                        // A code that belongs to nobody earns nothing.
                        None => continue,
                    },
                };
                amounts.add(key, earned);
            }
        }
        let dated = |day| if asked.by == By::Month { AmountKey::Month(day) } else { AmountKey::Day(day) };
        amounts.by_key.extend(by_day.into_iter().map(|(day, earned)| (dated(day), earned)));
        amounts
    }

    /// The trades that any reversal names, in no promised order.
    #[must_use]
    pub fn reversed_trades(&self) -> Vec<Position> {
        self.reversals.keys().copied().collect()
    }

    /// Adds the keys under which a reversal of one of these trades stands, dated in the range and with an amount
    /// other than 0, as of a position that the state may have left behind. No sum changes: only where there is a
    /// reversal can amounts cancel.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn add_reversed_keys(
        &self,
        asked: AmountsAsked,
        trades: &[Position],
        upto: Position,
        reader: &dyn EventReader,
        amounts: &mut Amounts,
    ) -> Result<(), ReadError> {
        let range = asked.range();
        for position in trades.iter().copied().filter(|position| *position <= upto) {
            let Some(day) = self.reversal_of(position, upto).map(|reversal| reversal.time.day()) else { continue };
            if !range.contains(day) {
                continue;
            }
            let event = reader.event(position)?;
            if let Some(of_trade) = self.earned_by(position, &event, upto) {
                amounts.add(self.key_of(asked.by, &of_trade, day), Earned::default());
            }
        }
        Ok(())
    }

    /// Adds what a trade earned, and what its reversal took back, if they are dated in the range, as of a position that the
    /// state may have left behind. What is no trade adds nothing.
    pub fn add_trade(
        &self,
        asked: AmountsAsked,
        position: Position,
        event: &Event<'_>,
        upto: Position,
        amounts: &mut Amounts,
    ) {
        let Some(of_trade) = self.earned_by(position, event, upto) else { return };
        let Earned { commission, rebate } = of_trade.earned;
        let taken_back = self.reversal_of(position, upto).map(|reversal| reversal.time.day());
        let taken_back = taken_back.map(|day| (day, Earned { commission: -commission, rebate: -rebate }));
        for (day, earned) in [Some((event.time.day(), of_trade.earned)), taken_back].into_iter().flatten() {
            if asked.range().contains(day) {
                amounts.add(self.key_of(asked.by, &of_trade, day), earned);
            }
        }
    }

    /// A trade with an amount other than 0.
    fn earned_by(&self, position: Position, event: &Event<'_>, upto: Position) -> Option<EarningTrade> {
        let Body::Trade(trade) = &event.body else { return None };
        debug_assert!(position <= upto, "a trade behind the end");
        let attribution = self.find_account(trade.uid).and_then(|account| self.attribution(account, upto))?;
        let rated = self.rate(Some(&attribution), trade, event.time, upto);
        let (referrer, code) = rated.referrer.filter(|_| !rated.total().is_zero())?;
        let earned = Earned { commission: rated.commission, rebate: rated.rebate };
        Some(EarningTrade { referrer, code, head: attribution.head, product: trade.product, earned })
    }

    fn key_of(&self, by: By, trade: &EarningTrade, day: Day) -> AmountKey {
        match by {
            By::Total => AmountKey::Total,
            By::Referrer => AmountKey::Referrer(self.uid(trade.referrer)),
            By::Code => AmountKey::Code(self.codes.get(trade.code).text.clone()),
            By::Day => AmountKey::Day(day),
            By::Month => AmountKey::Month(day.month_start()),
            By::Country => {
                AmountKey::of_country(self.account(trade.head).registered.and_then(|registered| registered.country))
            }
            By::Product => AmountKey::Product(trade.product.as_str()),
        }
    }

    /// The position of the registration of a uid.
    #[must_use]
    pub fn registration_position(&self, uid: Uid) -> Option<Position> {
        let registered = self.account(self.find_account(uid)?).registered?;
        Some(registered.position.get())
    }
}

/// A trade that earned something.
struct EarningTrade {
    referrer: AccountId,
    code: CodeId,
    head: AccountId,
    product: Product,
    earned: Earned,
}
