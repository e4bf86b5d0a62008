//! What bears a name: an account, a code, a campaign, an offer, an entry by its position, an event by its id.
//!
//! All but the last are looked up. An event's id is unique within its source and stream alone, and no index is by it: so
//! entries are read back from the end, of one account where a uid stands before the id, and no more than so many at a
//! time; the answer says from where on to look further.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Uid};

use super::{QueryError, View};
use crate::history::PRESENT;
use crate::views::{FoundKind, FoundRow, Search};

/// So many entries at most are read to look for the id of an event.
pub const ENTRIES_LOOKED_AT_MAX: usize = 50_000;
/// So many entries with the same id are told at most; those before are then not looked for.
const SAME_ID_MAX: usize = 20;

impl View<'_> {
    /// `GET /v1/search`: what bears this name. `upto`: events' ids are looked for in entries up to there alone, and what is
    /// looked up is left out, since it was told with the entries behind.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn search(&self, text: &str, upto: Option<Position>) -> Result<Search, QueryError> {
        let name = text.trim();
        let mut rows = Vec::new();
        if upto.is_none() {
            rows.extend(Uid::parse(name).map(|uid| self.accounts_named(uid)).transpose()?.unwrap_or_default());
            rows.extend(self.codes_named(name));
            rows.extend(self.campaigns_and_offers_named(name));
            rows.extend(self.entry_at(name)?);
        }
        let (entries, not_looked_upto) = self.entries_named(name, upto.unwrap_or(PRESENT))?;
        for entry in entries {
            if !rows.contains(&entry) {
                rows.push(entry);
            }
        }
        Ok(Search { name: name.to_owned(), rows, not_looked_upto, as_of: self.as_of() })
    }

    /// A user as referrer, as invitee, or as neither.
    fn accounts_named(&self, uid: Uid) -> Result<Vec<FoundRow>, ReadError> {
        let Some(account) = self.account(uid) else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        let named = |kind| FoundRow { uid: Some(uid), ..nothing(kind) };
        if self.state.affiliates.get(&account).is_some() || !self.state.codes_of(account, PRESENT).is_empty() {
            rows.push(named(FoundKind::Referrer));
        }
        let referrer = self.state.attribution(account, PRESENT).and_then(|attribution| {
            let (referrer, _) = attribution.referrer()?;
            (attribution.head == account).then_some(referrer)
        });
        if let Some(referrer) = referrer {
            rows.push(FoundRow { referrer_uid: Some(self.state.uid(referrer)), ..named(FoundKind::Invitee) });
        }
        let last = if rows.is_empty() { self.state.index.positions(account).next_back() } else { None };
        if let Some(last) = last {
            rows.push(FoundRow { event: Some(self.event_ref(last)?), ..named(FoundKind::Account) });
        }
        Ok(rows)
    }

    /// A code of this text, in whatever case it was written.
    fn codes_named(&self, text: &str) -> Option<FoundRow> {
        let code = self.state.codes.find(text).or_else(|| self.state.codes.find(&text.to_ascii_uppercase()))?;
        let owner = self.state.code_owner(code, PRESENT).map(|owner| self.state.uid(owner));
        let name = self.state.codes.get(code).text.to_string();
        Some(FoundRow { uid: owner, name: Some(name), ..nothing(FoundKind::Code) })
    }

    fn campaigns_and_offers_named(&self, id: &str) -> Vec<FoundRow> {
        let found = |kind, title: String| FoundRow { name: Some(id.to_owned()), title: Some(title), ..nothing(kind) };
        let campaign = self.state.campaigns.get(id).and_then(|history| history.iter(PRESENT).next_back());
        let offer = self.state.offers.get(id).and_then(|history| history.iter(PRESENT).next_back());
        let campaign = campaign.map(|fact| found(FoundKind::Campaign, fact.value.title.to_string()));
        campaign.into_iter().chain(offer.map(|fact| found(FoundKind::Offer, fact.value.title.to_string()))).collect()
    }

    /// The entry whose position this is.
    fn entry_at(&self, text: &str) -> Result<Option<FoundRow>, ReadError> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let position: Option<Position> = text.parse().ok().filter(|_| is_number);
        match position {
            Some(position) if (1..=self.state.position).contains(&position) => self.entry_row(position).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// The entries whose event has this id, or source and id, latest first; of one account where a uid stands first. Also
    /// up to where entries were not looked at.
    fn entries_named(&self, text: &str, upto: Position) -> Result<(Vec<FoundRow>, Option<Position>), ReadError> {
        if text.is_empty() {
            return Ok((Vec::new(), None));
        }
        match self.account_before(text) {
            Some((account, id)) => self.look(self.state.index.positions(account).rev(), id, upto),
            None => self.look((1..=self.state.position.min(upto)).rev(), text, upto),
        }
    }

    /// The account whose uid stands before an id.
    fn account_before<'t>(&self, text: &'t str) -> Option<(AccountId, &'t str)> {
        let (uid, id) = text.split_once(char::is_whitespace)?;
        Some((self.account(Uid::parse(uid)?)?, id.trim_start()))
    }

    fn look(
        &self,
        positions: impl Iterator<Item = Position>,
        id: &str,
        upto: Position,
    ) -> Result<(Vec<FoundRow>, Option<Position>), ReadError> {
        let mut rows = Vec::new();
        for (looked_at, position) in positions.skip_while(|position| *position > upto).enumerate() {
            if looked_at == ENTRIES_LOOKED_AT_MAX || rows.len() == SAME_ID_MAX {
                return Ok((rows, Some(position)));
            }
            if is_named(&self.reader.event(position)?, id) {
                rows.push(self.entry_row(position)?);
            }
        }
        Ok((rows, None))
    }

    fn entry_row(&self, position: Position) -> Result<FoundRow, ReadError> {
        let event = self.reader.event(position)?;
        let kind = if matches!(event.body, Body::Trade(_)) { FoundKind::Trade } else { FoundKind::Entry };
        let uid = match event.stream() {
            StreamKey::Account(uid) => Some(uid),
            StreamKey::Name(_) | StreamKey::Platform => None,
        };
        Ok(FoundRow { uid, event: Some(self.event_ref(position)?), ..nothing(kind) })
    }
}

fn nothing(kind: FoundKind) -> FoundRow {
    FoundRow { kind, uid: None, referrer_uid: None, name: None, title: None, event: None }
}

/// Whether it is this event's id, or its source with the id behind a blank.
fn is_named(event: &Event<'_>, text: &str) -> bool {
    let behind_source = || text.strip_prefix(&*event.source)?.strip_prefix(' ');
    event.id == text || behind_source().is_some_and(|id| id.trim_start() == event.id)
}
