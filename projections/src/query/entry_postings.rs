//! The postings that an entry gave, one by one: an entry that reaches far back, such as a late program, may have
//! given millions, of which only those of one account are held.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Uid, Usd};

use super::{PostingAccount, View};
use crate::history::PRESENT;
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

impl View<'_> {
    /// Gives the postings of an entry, in the order of the feed: by the trade's uid, source and id, then account.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_posting_by<E: From<ReadError>>(
        &self,
        position: Position,
        event: &Event<'_>,
        visit: &mut dyn FnMut(&EntryPosting<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match &event.body {
            Body::Trade(_) => self.visit_postings(position, position, event, visit)?,
            Body::Reversal(reversal) => {
                let stream = StreamKey::Account(reversal.uid);
                let found = self.state.index.find(stream, &reversal.trade_source, &reversal.trade_id, self.reader)?;
                // A reversal that came before its trade posted nothing.
                if let Some(found) = found.filter(|found| *found < position) {
                    self.visit_postings(position, found, &self.reader.event(found)?, visit)?;
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
            | Body::Application(_) => {}
        }
        let Some(heads) = self.state.late.by_position.get(&position) else { return Ok(()) };
        let mut members: Vec<AccountId> =
            heads.iter().flat_map(|head| self.state.descendants(*head, position)).collect();
        members.sort_unstable_by_key(|member| self.state.uid(*member));
        members.dedup();
        members.into_iter().try_for_each(|member| self.visit_late_postings(position, member, visit))
    }

    /// What a late entry posted for the trades of one account.
    fn visit_late_postings<E: From<ReadError>>(
        &self,
        entry: Position,
        member: AccountId,
        visit: &mut dyn FnMut(&EntryPosting<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut trades = Vec::new();
        for position in self.state.index.positions(member).take_while(|position| *position < entry) {
            let event = self.reader.event(position)?;
            if let Body::Trade(trade) = &event.body
                && !self.posted_by(entry, position, member, &event, trade).is_empty()
            {
                trades.push((position, event));
            }
        }
        trades.sort_unstable_by(|(_, one), (_, other)| (&one.source, &one.id).cmp(&(&other.source, &other.id)));
        trades.iter().try_for_each(|(position, event)| self.visit_postings(entry, *position, event, visit))
    }

    /// What an entry posted for one trade.
    fn visit_postings<E: From<ReadError>>(
        &self,
        entry: Position,
        position: Position,
        event: &Event<'_>,
        visit: &mut dyn FnMut(&EntryPosting<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Body::Trade(trade) = &event.body else { return Ok(()) };
        let Some(account) = self.account(trade.uid) else { return Ok(()) };
        let made = self.posted_by(entry, position, account, event, trade);
        if made.is_empty() {
            return Ok(());
        }
        let attribution = self.state.attribution(account, PRESENT);
        let counts = attribution.filter(|attribution| event.time >= attribution.since);
        let referrer = counts.and_then(|attribution| attribution.referrer()).map(|(referrer, _)| referrer);
        for made in made {
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
        Ok(())
    }
}
