//! The one way to the postings that an entry gave: in their order, a piece at a time. An entry that reaches far back, such
//! as a late program, may have given millions; of these only so many trades and accounts are held as are said.
//!
//! They stand in the order of the trades' uids, sources and ids, which is not that of the ledger. So the least of what is
//! still to come is looked for: once for all accounts of an entry, and once for all trades of an account, unless there are
//! more than may be held; then once for each so many.

use std::collections::BinaryHeap;

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Uid, Usd};

use super::{PostingAccount, View};
use crate::history::PRESENT;
use crate::steps::{Room, Steps};
use crate::views::Side;

/// A posting of an entry, with the trade it belongs to and whose that trade is now.
#[derive(Clone, Copy, Debug)]
pub struct EntryPosting<'e> {
    /// On which account.
    pub account: PostingAccount,
    /// On which side.
    pub side: Side,
    /// The amount, above 0.
    pub amount: Usd,
    /// The account that traded.
    pub trade_uid: Uid,
    /// CloudEvents `source` of the trade.
    pub trade_source: &'e str,
    /// CloudEvents `id` of the trade.
    pub trade_id: &'e str,
    /// Whose invitee's trade it is now; none where it is nobody's any more.
    pub referrer_uid: Option<Uid>,
    /// The invitee that it is a trade of now.
    pub invitee_uid: Option<Uid>,
}

/// What takes postings one by one; what it refuses ends the walk.
pub type Visit<'v, E> = dyn FnMut(&EntryPosting<'_>) -> Result<(), E> + 'v;

/// How much of a walk is done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// So many entries and postings are given, and those more that one trade has.
    pub given: usize,
    /// So many entries and accounts are looked at, and those more that one look takes.
    pub steps: usize,
    /// One look takes fewer steps than so many. Before one that takes more, the walk stops: [`Pause::FarLook`].
    pub look: u64,
}

impl Budget {
    /// All at once.
    pub const ENDLESS: Budget = Budget { given: usize::MAX, steps: usize::MAX, look: u64::MAX };

    pub(super) fn is_spent(self) -> bool {
        self.given == 0 || self.steps == 0
    }

    pub(super) fn take_step(&mut self) {
        self.take_steps(1);
    }

    pub(super) fn take_steps(&mut self, steps: u64) {
        self.steps = self.steps.saturating_sub(usize::try_from(steps).unwrap_or(usize::MAX));
    }

    pub(super) fn take_given(&mut self, given: usize) {
        self.given = self.given.saturating_sub(given);
    }

    /// Whether a look may take so many steps.
    pub(super) fn allows(self, steps: u64) -> bool {
        steps < self.look
    }
}

/// Where a walk stands after a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Everything was given.
    Over,
    /// There may be more: the budget is spent.
    Spent,
    /// There may be more: it has to be looked for among more than one look of the budget may take.
    FarLook,
}

/// A trade of an account by its place among them.
type TradeOfAccount = (Box<str>, Box<str>, Position);

/// How far the postings of an entry were given. What an entry posted never changes (SPEC 2), so a walk may go on over any
/// later state.
#[derive(Debug)]
pub struct PostingWalk {
    entry: Position,
    held_max: usize,
    /// Whether the entry's own trade was given, or the one that it takes back.
    is_own_given: bool,
    /// The accounts to come, the next one last; and the last of them where there are more behind.
    members: Vec<(Uid, AccountId)>,
    members_beyond: Beyond<(Uid, AccountId)>,
    /// The account whose trades are given, and these likewise.
    member: Option<AccountId>,
    trades: Vec<TradeOfAccount>,
    trades_beyond: Beyond<TradeOfAccount>,
}

/// Where what was not held begins.
#[derive(Clone, Debug)]
enum Beyond<K> {
    /// Nothing was looked for yet.
    All,
    /// What comes after this.
    After(K),
    Nothing,
}

impl<K: Ord> Beyond<K> {
    fn has(&self, key: &K) -> bool {
        match self {
            Beyond::All => true,
            Beyond::After(last) => key > last,
            Beyond::Nothing => false,
        }
    }
}

/// The least of what is offered.
struct Least<K> {
    heap: BinaryHeap<K>,
    most: usize,
    is_cut: bool,
}

impl<K: Ord + Clone> Least<K> {
    fn of(most: usize) -> Least<K> {
        Least { heap: BinaryHeap::new(), most, is_cut: false }
    }

    fn offer(&mut self, key: K) {
        if self.heap.len() < self.most {
            self.heap.push(key);
            return;
        }
        self.is_cut = true;
        if self.heap.peek().is_some_and(|greatest| key < *greatest) {
            self.heap.pop();
            self.heap.push(key);
        }
    }

    /// These, the least last; and where the others begin.
    fn descending(self) -> (Vec<K>, Beyond<K>) {
        let mut held = self.heap.into_sorted_vec();
        held.reverse();
        let beyond = held.first().filter(|_| self.is_cut).cloned().map_or(Beyond::Nothing, Beyond::After);
        (held, beyond)
    }
}

impl PostingWalk {
    /// So many accounts and so many trades of one account are held at a time, if not told otherwise: some MiB.
    pub const HELD_MAX: usize = 65_536;

    /// The postings of the entry at a position, of which at most `held_max` accounts, and as many trades of one account,
    /// are held at a time.
    #[must_use]
    pub fn new(entry: Position, held_max: usize) -> PostingWalk {
        PostingWalk {
            entry,
            held_max: held_max.max(1),
            is_own_given: false,
            members: Vec::new(),
            members_beyond: Beyond::All,
            member: None,
            trades: Vec::new(),
            trades_beyond: Beyond::Nothing,
        }
    }

    /// The entry.
    #[must_use]
    pub fn entry(&self) -> Position {
        self.entry
    }

    /// How many trades and accounts are held just now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.members.len() + self.trades.len()
    }

    /// Gives the next postings of the entry, whose event is given, until the budget is spent, or does not suffice for
    /// the next look.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses. The walk is then of no use.
    pub fn go_on<E: From<ReadError>>(
        &mut self,
        view: &View<'_>,
        event: &Event<'_>,
        budget: &mut Budget,
        visit: &mut Visit<'_, E>,
    ) -> Result<Pause, E> {
        if !self.is_own_given {
            if !may_rate(view, own_account(view, event), budget) {
                return Ok(Pause::FarLook);
            }
            self.is_own_given = true;
            budget.take_given(view.visit_own(self.entry, event, visit)?);
            if !view.state.late.by_position.contains_key(&self.entry) {
                return Ok(Pause::Over);
            }
        }
        while !budget.is_spent() {
            if let Some((_, _, position)) = self.trades.last() {
                if !may_rate(view, self.member, budget) {
                    return Ok(Pause::FarLook);
                }
                let given = view.visit_postings(self.entry, *position, &view.reader.event(*position)?, visit)?;
                self.trades.pop();
                budget.take_given(given);
                budget.take_step();
            } else if let Some(member) = self.member.filter(|_| !matches!(self.trades_beyond, Beyond::Nothing)) {
                if !budget.allows(view.state.index.positions(member).len() as u64) {
                    return Ok(Pause::FarLook);
                }
                self.look_for_trades(view, member, budget)?;
            } else if let Some((_, member)) = self.members.pop() {
                if self.member != Some(member) {
                    (self.member, self.trades_beyond) = (Some(member), Beyond::All);
                }
            } else if matches!(self.members_beyond, Beyond::Nothing) {
                return Ok(Pause::Over);
            } else {
                if !budget.allows(self.weight_of_members(view, budget.look)) {
                    return Ok(Pause::FarLook);
                }
                self.look_for_members(view, budget);
            }
        }
        Ok(Pause::Spent)
    }

    /// About how many accounts are to be looked at for those that come next; the limit where they are more, and no more
    /// than that are looked at to tell it.
    fn weight_of_members(&self, view: &View<'_>, limit: u64) -> u64 {
        let mut steps = Steps::new(view.state, limit);
        let mut heads = view.state.late.by_position.get(&self.entry).into_iter().flatten();
        // Where there is no room left, the limit is told.
        let _ = heads.try_for_each(|head| steps.walk_down(*head, &mut |_, _| Room::Continue(())));
        steps.told()
    }

    /// Looks for the accounts whose trades come next.
    fn look_for_members(&mut self, view: &View<'_>, budget: &mut Budget) {
        let mut least = Least::of(self.held_max);
        for head in view.state.late.by_position.get(&self.entry).into_iter().flatten() {
            for member in view.state.descendants(*head, self.entry) {
                budget.take_step();
                let key = (view.state.uid(member), member);
                if self.members_beyond.has(&key) {
                    least.offer(key);
                }
            }
        }
        (self.members, self.members_beyond) = least.descending();
    }

    /// Looks for the trades of an account that come next.
    fn look_for_trades(&mut self, view: &View<'_>, member: AccountId, budget: &mut Budget) -> Result<(), ReadError> {
        let positions = view.state.index.positions(member);
        // Where all can be held, what the entry posted for a trade is asked once.
        let is_many = positions.len() > self.held_max;
        let mut least = Least::of(self.held_max);
        for position in positions.take_while(|position| *position < self.entry) {
            budget.take_step();
            let event = view.reader.event(position)?;
            let Body::Trade(trade) = &event.body else { continue };
            let key: TradeOfAccount = ((&*event.source).into(), (&*event.id).into(), position);
            let is_next = self.trades_beyond.has(&key);
            if is_next && !(is_many && view.posted_by(self.entry, position, member, &event, trade).is_empty()) {
                least.offer(key);
            }
        }
        (self.trades, self.trades_beyond) = least.descending();
        Ok(())
    }
}

/// The account whose trade an entry posts for by itself, where it is known.
fn own_account(view: &View<'_>, event: &Event<'_>) -> Option<AccountId> {
    match event.stream() {
        StreamKey::Account(uid) => view.account(uid),
        StreamKey::Name(_) | StreamKey::Platform => None,
    }
}

/// Whether a trade of an account may be rated: whose invitee it is hangs on its chain of parents. Takes those steps.
fn may_rate(view: &View<'_>, account: Option<AccountId>, budget: &mut Budget) -> bool {
    let Some(account) = account else { return true };
    let mut steps = Steps::new(view.state, budget.look);
    // Where there is no room left, the limit is told.
    let _ = steps.attribution(account);
    let told = steps.told();
    budget.take_steps(told - told.min(1));
    budget.allows(told)
}

impl View<'_> {
    /// Gives the postings of an entry, in the order of the feed: by the trade's uid, source and id, then account.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_posting_by<E: From<ReadError>>(
        &self,
        position: Position,
        event: &Event<'_>,
        visit: &mut Visit<'_, E>,
    ) -> Result<(), E> {
        let mut walk = PostingWalk::new(position, PostingWalk::HELD_MAX);
        let mut budget = Budget::ENDLESS;
        let pause = walk.go_on(self, event, &mut budget, visit)?;
        debug_assert_eq!(pause, Pause::Over, "the budget has no end");
        Ok(())
    }

    /// What an entry posted for its own trade, or for the one that it takes back; how many postings.
    fn visit_own<E: From<ReadError>>(
        &self,
        position: Position,
        event: &Event<'_>,
        visit: &mut Visit<'_, E>,
    ) -> Result<usize, E> {
        match &event.body {
            Body::Trade(_) => self.visit_postings(position, position, event, visit),
            Body::Reversal(reversal) => {
                let stream = StreamKey::Account(reversal.uid);
                let found = self.state.index.find(stream, &reversal.trade_source, &reversal.trade_id, self.reader)?;
                // A reversal that came before its trade posted nothing.
                match found.filter(|found| *found < position) {
                    Some(found) => self.visit_postings(position, found, &self.reader.event(found)?, visit),
                    None => Ok(0),
                }
            }
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => Ok(0),
        }
    }

    /// What an entry posted for one trade; how many postings.
    fn visit_postings<E: From<ReadError>>(
        &self,
        entry: Position,
        position: Position,
        event: &Event<'_>,
        visit: &mut Visit<'_, E>,
    ) -> Result<usize, E> {
        let Body::Trade(trade) = &event.body else { return Ok(0) };
        let Some(account) = self.account(trade.uid) else { return Ok(0) };
        let made = self.posted_by(entry, position, account, event, trade);
        if made.is_empty() {
            return Ok(0);
        }
        let attribution = self.state.attribution(account, PRESENT);
        let counts = attribution.filter(|attribution| event.time >= attribution.since);
        let referrer = counts.and_then(|attribution| attribution.referrer()).map(|(referrer, _)| referrer);
        for made in &made {
            visit(&EntryPosting {
                account: made.account,
                side: made.side,
                amount: made.amount,
                trade_uid: trade.uid,
                trade_source: &event.source,
                trade_id: &event.id,
                referrer_uid: referrer.map(|referrer| self.state.uid(referrer)),
                invitee_uid: attribution.map(|attribution| self.state.uid(attribution.head)),
            })?;
        }
        Ok(made.len())
    }
}
