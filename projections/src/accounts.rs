//! What is held of each account, as one row of plain integers. The row's index is the account's dense id.

use std::num::{NonZeroU16, NonZeroU32};

use ledger::{AccountId, POSITION_MAX, Position};
use schemas::{AccountType, Country, Relationship, Timestamp, Uid};

use crate::codes::CodeId;

/// "Never": later than any event's time.
pub(crate) const NEVER: Timestamp = Timestamp(i64::MAX);

/// A position in six bytes, so that rows stay small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryRef {
    /// The upper bits of the position and one more, so that none of them is 0.
    high: NonZeroU16,
    low: [u16; 2],
}

impl EntryRef {
    /// A position that the ledger gave: 1 to `POSITION_MAX`, which has 47 bits.
    pub(crate) fn of(position: Position) -> EntryRef {
        let position = position.min(POSITION_MAX);
        let part = |at: u32| (position >> at & 0xFFFF) as u16;
        EntryRef { high: NonZeroU16::MIN.saturating_add(part(32)), low: [part(16), part(0)] }
    }

    pub(crate) fn get(self) -> Position {
        let [middle, lowest] = self.low.map(Position::from);
        Position::from(self.high.get() - 1) << 32 | middle << 16 | lowest
    }
}

/// A dense number in four bytes that may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Maybe(Option<NonZeroU32>);

impl Maybe {
    pub(crate) fn some(number: u32) -> Maybe {
        // Dense numbers count accounts, codes or invitees, of which there are fewer than positions.
        Maybe(NonZeroU32::new(number.wrapping_add(1)))
    }

    pub(crate) fn get(self) -> Option<u32> {
        self.0.map(|number| number.get() - 1)
    }
}

/// The registration of an account: at most one is ever accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) time: Timestamp,
    pub(crate) position: EntryRef,
    pub(crate) account_type: AccountType,
    pub(crate) relationship: Relationship,
    pub(crate) country: Option<Country>,
    code: Maybe,
    parent: Maybe,
}

impl Registered {
    pub(crate) fn of(
        time: Timestamp,
        position: EntryRef,
        data: (AccountType, Relationship, Option<Country>),
        code: Option<CodeId>,
        parent: Option<AccountId>,
    ) -> Registered {
        let (account_type, relationship, country) = data;
        let code = code.map_or_else(Maybe::default, |code| Maybe::some(code.0));
        let parent = parent.map_or_else(Maybe::default, |parent| Maybe::some(parent.0));
        Registered { time, position, account_type, relationship, country, code, parent }
    }

    /// The code it names, whoever owns it.
    pub(crate) fn code(&self) -> Option<CodeId> {
        self.code.get().map(CodeId)
    }

    /// The parent it names.
    pub(crate) fn parent(&self) -> Option<AccountId> {
        self.parent.get().map(AccountId)
    }

    pub(crate) fn is_by(&self, upto: Position) -> bool {
        self.position.get() <= upto
    }
}

/// The latest event that carries a VIP level: its place in the order of equals, and the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VipMark {
    pub(crate) time: Timestamp,
    pub(crate) position: EntryRef,
    pub(crate) level: u8,
}

/// One account. Sums and firsts of a family (a major account and its sub-accounts) stand at the major account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRow {
    pub(crate) uid: Uid,
    pub(crate) registered: Option<Registered>,
    /// The earliest `verified` KYC of this account alone, as stamped.
    pub(crate) first_verified: Timestamp,
    /// The earliest deposit that counts of this account alone, as stamped.
    pub(crate) first_deposit: Timestamp,
    /// The latest trade or reversal of this account alone; `Timestamp(i64::MIN)` if none.
    pub(crate) last_activity: Timestamp,
    /// The latest event of this account alone that carries a VIP level; trades before registration excepted.
    pub(crate) vip: Option<VipMark>,
    /// The family's first trade that counts; kept while the family is attributed.
    pub(crate) first_trade: Timestamp,
    /// The place of an attributed family within the slice of its code and country, once given never changed.
    pub(crate) ordinal: Maybe,
    /// What the family earned for the referrer, for itself, and its volume: all time, net, less what is kept wide.
    pub(crate) totals: [i64; 3],
    /// Whether any registration names this account as parent.
    pub(crate) has_children: bool,
    /// Whether a reversal waits for a trade of this account.
    pub(crate) has_pending_reversals: bool,
    /// By how many seconds, rounded up, a trade or reversal ever came after one of a later time; 0 if all in order.
    pub(crate) lateness_seconds: u32,
}

impl Default for AccountRow {
    fn default() -> Self {
        AccountRow::new(Uid(0))
    }
}

impl AccountRow {
    pub(crate) fn new(uid: Uid) -> AccountRow {
        AccountRow {
            uid,
            registered: None,
            first_verified: NEVER,
            first_deposit: NEVER,
            last_activity: Timestamp(i64::MIN),
            vip: None,
            first_trade: NEVER,
            ordinal: Maybe::default(),
            totals: [0; 3],
            has_children: false,
            has_pending_reversals: false,
            lateness_seconds: 0,
        }
    }

    /// Whether, where a trade or reversal is stamped `time`, all that arrived before it lie before `from`: a walk
    /// back through the account's events may stop there.
    pub(crate) fn all_before(&self, time: Timestamp, from: Timestamp) -> bool {
        // What arrived before it is at most as late as any ever was: none lies after `time` and that lateness.
        time.0.saturating_add(i64::from(self.lateness_seconds) * 1_000_000) < from.0
    }

    /// Notes when an account traded or had a trade taken back.
    pub(crate) fn note_activity(&mut self, time: Timestamp) {
        // Before the first there is nothing to be late after.
        let late = self.last_activity.0.saturating_sub(time.0).clamp(0, i64::MAX - 999_999);
        let seconds = u32::try_from((late + 999_999) / 1_000_000).unwrap_or(u32::MAX);
        self.lateness_seconds = self.lateness_seconds.max(seconds);
        self.last_activity = self.last_activity.max(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_two_lines_of_the_cache() {
        assert_eq!(size_of::<AccountRow>(), 128);
    }

    #[test]
    fn a_position_of_a_row_is_any_that_a_ledger_gives() {
        for position in [1, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_2345_6789, POSITION_MAX - 1, POSITION_MAX] {
            assert_eq!(EntryRef::of(position).get(), position);
        }
    }

    #[test]
    fn a_walk_back_stops_only_where_nothing_older_can_matter() {
        let mut row = AccountRow::new(Uid(1));
        for seconds in [10, 20, 17, 30] {
            row.note_activity(Timestamp(seconds * 1_000_000));
        }
        // What came at 17 was three seconds late, so before one stamped 20 there may be one of 23.
        assert!(!row.all_before(Timestamp(20_000_000), Timestamp(23_000_000)));
        assert!(row.all_before(Timestamp(20_000_000), Timestamp(23_000_001)));
    }
}
