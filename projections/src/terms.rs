//! The terms of a family (SPEC 2): what rates any of its trades at a moment, by the facts up to a position. They hold
//! until the next fact, so that whoever rates many trades looks them up once.

use ledger::{AccountId, Position};
use schemas::{AffiliateStatus, ProductGroup, Program, Rate, Timestamp};

use crate::accounts::NEVER;
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::history::{History, PRESENT};
use crate::state::State;

/// A rate, and the entry that set it; none for a built-in default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateInForce {
    pub(crate) rate: Rate,
    pub(crate) set_by: Option<Position>,
}

/// What rates any trade of a family in products of one group at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The referrer's base rate.
    pub(crate) base: RateInForce,
    /// The rebate rate agreed with the invitee, capped at the base rate.
    pub(crate) rebate: RateInForce,
    /// For how many days from the registration on futures trades count, if that is bounded.
    pub(crate) window_days: Option<u16>,
    /// The highest VIP level at which a trade counts.
    pub(crate) vip_max: u8,
    /// Whether the referrer is suspended.
    pub(crate) is_suspended: bool,
}

impl Terms {
    fn of(base: BaseTerms, agreed: RateInForce, vip_max: u8) -> Terms {
        Terms {
            base: base.base,
            rebate: RateInForce {
                rate: if mutants::mutant!("rebate-not-capped") { agreed.rate } else { agreed.rate.min(base.base.rate) },
                set_by: agreed.set_by,
            },
            window_days: base.window_days,
            vip_max,
            is_suspended: base.suspended,
        }
    }

    /// Whether every trade comes to the same by both, whoever set them.
    fn rate_as(&self, other: &Terms) -> bool {
        let (rates, limits) = ((self.base.rate, self.rebate.rate), (self.window_days, self.vip_max, self.is_suspended));
        (rates, limits)
            == ((other.base.rate, other.rebate.rate), (other.window_days, other.vip_max, other.is_suspended))
    }
}

/// The base rates of a referrer at a moment.
#[derive(Clone, Copy, Debug)]
struct BaseTerms {
    base: RateInForce,
    window_days: Option<u16>,
    suspended: bool,
}

/// The terms before an entry, and as of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) before: Terms,
    pub(crate) after: Terms,
}

/// A span of time in which an entry turns the terms of a family, for products of either group or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TurnedSpan {
    pub(crate) from: Timestamp,
    /// It ends before this moment.
    pub(crate) until: Timestamp,
    spot: Option<Turn>,
    futures: Option<Turn>,
}

impl TurnedSpan {
    /// How the terms turn for products of a group; none where trades come to the same.
    pub(crate) fn turn(&self, group: ProductGroup) -> Option<&Turn> {
        match group {
            ProductGroup::Spot => self.spot.as_ref(),
            ProductGroup::Futures => self.futures.as_ref(),
        }
    }
}

/// The highest VIP level at which a trade counts.
fn vip_max(program: Option<(&Program, Position)>, group: ProductGroup) -> u8 {
    let program = program.map_or(&Program::BUILT_IN, |(rules, _)| rules);
    match group {
        ProductGroup::Spot => program.spot_vip_max,
        ProductGroup::Futures => program.futures_vip_max,
    }
}

/// The base rates of a referrer, and what the platform says, as they hold for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BaseInForce {
    while_held: Span,
    spot: (BaseTerms, u8),
    futures: (BaseTerms, u8),
}

impl BaseInForce {
    pub(crate) fn holds_at(&self, time: Timestamp) -> bool {
        self.while_held.contains(time)
    }
}

/// The terms of a family as they hold for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TermsInForce {
    while_held: Span,
    spot: Terms,
    futures: Terms,
}

impl TermsInForce {
    pub(crate) fn holds_at(&self, time: Timestamp) -> bool {
        self.while_held.contains(time)
    }

    pub(crate) fn of(&self, group: ProductGroup) -> Terms {
        match group {
            ProductGroup::Spot => self.spot,
            ProductGroup::Futures => self.futures,
        }
    }
}

/// From a fact on until the next one that counts.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

impl Span {
    const ALWAYS: Span = Span { from: Timestamp(i64::MIN), until: NEVER };

    fn contains(self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    /// The part of it in which no fact of a history follows the one that holds at a moment.
    fn within<T>(self, history: Option<&History<T>>, time: Timestamp, upto: Position) -> Span {
        let Some(history) = history else { return self };
        let from = history.at(time, upto).map_or(self.from, |fact| self.from.max(fact.time));
        let until = history.next_after(time, upto).map_or(self.until, |next| self.until.min(next));
        Span { from, until }
    }
}

impl State {
    /// The base rates of a referrer at a moment, and for how long they hold.
    pub(crate) fn base_in_force(&self, referrer: AccountId, time: Timestamp, upto: Position) -> BaseInForce {
        let program = self.program_at(time, upto);
        let of = |group| (self.base_terms(referrer, program, group, time, upto), vip_max(program, group));
        let standing = self.affiliates.get(&referrer);
        BaseInForce {
            while_held: Span::ALWAYS.within(Some(&self.program), time, upto).within(standing, time, upto),
            spot: of(ProductGroup::Spot),
            futures: of(ProductGroup::Futures),
        }
    }

    /// The terms of a family at a moment at which these base rates hold, and for how long they hold.
    pub(crate) fn terms_in_force(
        &self,
        base: &BaseInForce,
        attribution: &Attribution,
        code: CodeId,
        time: Timestamp,
        upto: Position,
    ) -> TermsInForce {
        let own = self.rebates.get(&attribution.head);
        let agreed = |group| self.agreed_rebate(attribution, code, group, time, upto);
        TermsInForce {
            while_held: base.while_held.within(own, time, upto),
            spot: Terms::of(base.spot.0, agreed(ProductGroup::Spot), base.spot.1),
            futures: Terms::of(base.futures.0, agreed(ProductGroup::Futures), base.futures.1),
        }
    }

    /// The terms of a family at a moment.
    pub(crate) fn terms(
        &self,
        attribution: &Attribution,
        (referrer, code): (AccountId, CodeId),
        group: ProductGroup,
        time: Timestamp,
        upto: Position,
    ) -> Terms {
        let program = self.program_at(time, upto);
        let base = self.base_terms(referrer, program, group, time, upto);
        Terms::of(base, self.agreed_rebate(attribution, code, group, time, upto), vip_max(program, group))
    }

    /// The spans of time, ascending, from a moment up to another one, in which an entry turns the terms of a family.
    pub(crate) fn turned(
        &self,
        attribution: &Attribution,
        entry: Position,
        from: Timestamp,
        upto: Timestamp,
    ) -> Vec<TurnedSpan> {
        let mut spans = Vec::new();
        let Some(referrer) = attribution.referrer() else { return spans };
        // Nothing of the family counts before its registration.
        let mut at = from.max(attribution.registered_at);
        while at <= upto {
            let until = self.terms_hold_until(attribution, referrer.0, at, entry);
            let turn = |group: ProductGroup| {
                let of = |upto: Position| self.terms(attribution, referrer, group, at, upto);
                let (before, after) = (of(entry - 1), of(entry));
                (!before.rate_as(&after)).then_some(Turn { before, after })
            };
            let (spot, futures) = (turn(ProductGroup::Spot), turn(ProductGroup::Futures));
            if spot.is_some() || futures.is_some() {
                spans.push(TurnedSpan { from: at, until, spot, futures });
            }
            if until == NEVER {
                break;
            }
            at = until;
        }
        spans
    }

    /// The moment of the next fact that the terms of a family may hang on; [`NEVER`] if there is none.
    fn terms_hold_until(
        &self,
        attribution: &Attribution,
        referrer: AccountId,
        time: Timestamp,
        upto: Position,
    ) -> Timestamp {
        let program = self.program.next_after(time, upto);
        let standing = self.affiliates.get(&referrer).and_then(|history| history.next_after(time, upto));
        let own = self.rebates.get(&attribution.head).and_then(|history| history.next_after(time, upto));
        [program, standing, own].into_iter().flatten().min().unwrap_or(NEVER)
    }

    /// The platform-wide rules in force at a moment, and the entry that set them.
    pub(crate) fn program_at(&self, time: Timestamp, upto: Position) -> Option<(&Program, Position)> {
        self.program.at(time, upto).map(|fact| (&fact.value, fact.position))
    }

    fn base_terms(
        &self,
        referrer: AccountId,
        program: Option<(&Program, Position)>,
        group: ProductGroup,
        time: Timestamp,
        upto: Position,
    ) -> BaseTerms {
        let affiliate = self.affiliates.get(&referrer).and_then(|history| history.at(time, upto));
        let (spot, futures, window_days, set_by, suspended) = match affiliate {
            Some(fact) => (
                fact.value.spot_rate,
                fact.value.futures_rate,
                fact.value.futures_window_days,
                Some(fact.position),
                fact.value.status == AffiliateStatus::Suspended,
            ),
            None => {
                let (rules, set_by) = match program {
                    Some((rules, position)) => (rules, Some(position)),
                    None => (&Program::BUILT_IN, None),
                };
                let window = rules.default_futures_window_days;
                (rules.default_spot_rate, rules.default_futures_rate, window, set_by, false)
            }
        };
        let rate = match group {
            ProductGroup::Spot => spot,
            ProductGroup::Futures => futures,
        };
        BaseTerms { base: RateInForce { rate, set_by }, window_days, suspended }
    }

    /// The base rate of a referrer at a moment, and whether it is suspended.
    pub(crate) fn base_rate(&self, referrer: AccountId, group: ProductGroup, time: Timestamp) -> (Rate, bool) {
        let terms = self.base_terms(referrer, self.program_at(time, PRESENT), group, time, PRESENT);
        (terms.base.rate, terms.suspended)
    }

    /// The rebate rate agreed with an invitee at a moment, uncapped: its own, else its code's at its registration.
    pub(crate) fn agreed_rebate(
        &self,
        attribution: &Attribution,
        code: CodeId,
        group: ProductGroup,
        time: Timestamp,
        upto: Position,
    ) -> RateInForce {
        let own = self.rebates.get(&attribution.head).and_then(|history| history.at(time, upto));
        if let Some(fact) = own {
            let rate = match group {
                ProductGroup::Spot => fact.value.spot_rebate_rate,
                ProductGroup::Futures => fact.value.futures_rebate_rate,
            };
            return RateInForce { rate, set_by: Some(fact.position) };
        }
        let terms = &self.codes.get(code).terms;
        let at = if mutants::mutant!("rate-of-a-code-by-its-latest-event") {
            Timestamp(i64::MAX)
        } else {
            attribution.registered_at
        };
        match terms.at(at, upto).or_else(|| terms.first(upto)) {
            Some(fact) => {
                let rate = match group {
                    ProductGroup::Spot => fact.value.spot_rebate_rate,
                    ProductGroup::Futures => fact.value.futures_rebate_rate,
                };
                RateInForce { rate, set_by: Some(fact.position) }
            }
            None => RateInForce { rate: Rate::ZERO, set_by: None },
        }
    }
}
