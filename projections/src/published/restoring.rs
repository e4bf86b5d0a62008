//! A state made of the rows of one referrer: it answers overview, series, countries, referrals, codes, the account, campaigns and
//! offers about it, by the code that answers them of a ledger.

use std::borrow::Cow;

use ledger::Position;
use roaring::RoaringBitmap;
use schemas::{AccountType, Body, Code, Country, Day, Event, Note, Rate, Rebate, Timestamp, Uid};

use super::changes::whole_day;
use super::{PublishedCell, PublishedInvitee, PublishedPromotion, PublishedRules, PublishedStanding, PublishedTerms};
use crate::accounts::{EntryRef, NEVER, Registered, VipMark};
use crate::codes::CodeId;
use crate::slices::Slice;
use crate::state::State;
use crate::totals::Totals;

/// The rows of one referrer.
#[derive(Clone, Debug, Default)]
pub struct ReferrerRows {
    /// The latest event time in the ledgers that they are of.
    pub event_time: Option<Timestamp>,
    /// Its codes.
    pub codes: Vec<CodeRows>,
    /// Its standings; the answers give their positions as they stand here.
    pub standings: Vec<PublishedStanding>,
    /// The platform's rules.
    pub rules: Vec<PublishedRules>,
    /// Offers, and campaigns.
    pub promotions: Vec<PublishedPromotion>,
    /// The campaigns that it joined.
    pub joined: Vec<String>,
}

/// A code with its cells.
#[derive(Clone, Debug, Default)]
pub struct CodeRows {
    /// The code.
    pub code: String,
    /// The time of its first event.
    pub created_at: Timestamp,
    /// Its terms.
    pub terms: Vec<PublishedTerms>,
    /// Who registered with it.
    pub invitees: Vec<PublishedInvitee>,
    /// Its cells, by ledger and country: an invitee is counted in one ledger alone.
    pub slices: Vec<SliceRows>,
}

/// The cells of one code and one country, of one ledger.
#[derive(Clone, Debug, Default)]
pub struct SliceRows {
    /// The country; none where it is unknown.
    pub country: Option<Country>,
    /// The cells with their days, of each day one for each chunk, in any order.
    pub cells: Vec<(Day, PublishedCell)>,
}

/// Who traded is written in a way that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("who traded on {day} is no roaring bitmap")]
pub struct UnreadableTraders {
    /// The day.
    pub day: Day,
}

/// What of an event stands in no row, and in no answer that is made of rows.
const UNTOLD: Cow<'static, str> = Cow::Borrowed("");
/// Where it stood in its ledger is not told either.
const SOMEWHERE: Position = 1;
/// What holds holds since before any moment that can be asked.
const EVER: Timestamp = Timestamp(i64::MIN);

impl ReferrerRows {
    /// A state with this referrer in it and who registered with its codes, and nobody else: it is asked at the moment given,
    /// none before that at which one of the rows was made. Its position is 0: that of the answers is for who made it of
    /// rows to say.
    ///
    /// # Errors
    /// If who traded cannot be read.
    pub fn state(self, referrer: Uid, now: Timestamp) -> Result<State, UnreadableTraders> {
        let mut state = State::new();
        let account = state.intern(referrer);
        for CodeRows { code, created_at, terms, invitees, slices } in self.codes {
            let number = state.codes.intern(&code);
            state.codes.set_owner(number, account);
            let first = terms.iter().all(|terms| terms.time > created_at).then(|| untold_terms(created_at));
            // Which one is which is told by its position.
            for (terms, position) in first.into_iter().chain(terms).zip(SOMEWHERE..) {
                state.add_terms(position, &code, referrer, terms);
            }
            for SliceRows { country, cells } in slices {
                let slice = slice_of(cells)?;
                // Two of one country stand beside each other: whoever adds up adds both.
                state.codes.uncounted_mut(number).slices.push((country, ledger::column::Shared::new(slice)));
            }
            invitees.into_iter().for_each(|invitee| state.add_invitee(number, invitee.at(now)));
        }
        for PublishedStanding { time, source, id, position, standing } in self.standings {
            let event = Event { source: source.into(), id: id.into(), time, body: Body::Affiliate(standing) };
            state.insert_fact(position, &event);
        }
        for PublishedRules { time, source, id, rules } in self.rules {
            let event = Event { source: source.into(), id: id.into(), time, body: Body::Program(rules) };
            state.insert_fact(SOMEWHERE, &event);
        }
        for PublishedPromotion(event) in self.promotions {
            state.insert_fact(SOMEWHERE, &event);
        }
        for campaign in self.joined {
            state.joins.entry(campaign.into()).or_default().insert(account);
        }
        state.codes.count_held();
        state.event_time = self.event_time;
        Ok(state)
    }
}

/// The first event of a code, of which nothing but its time matters: later ones say what holds.
fn untold_terms(time: Timestamp) -> PublishedTerms {
    PublishedTerms {
        time,
        source: String::new(),
        id: String::new(),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: String::new(),
        is_default: false,
    }
}

impl State {
    fn add_terms(&mut self, position: Position, code: &str, owner: Uid, terms: PublishedTerms) {
        let PublishedTerms { time, source, id, spot_rebate_rate, futures_rebate_rate, note, is_default } = terms;
        let data = Code {
            code: code.into(),
            owner_uid: owner,
            spot_rebate_rate,
            futures_rebate_rate,
            note: note.into(),
            is_default,
        };
        let event = Event { source: source.into(), id: id.into(), time, body: Body::Code(data) };
        self.insert_fact(position, &event);
    }

    /// Adds an invitee with what holds of it.
    fn add_invitee(&mut self, code: CodeId, invitee: PublishedInvitee) {
        let PublishedInvitee {
            uid,
            registered_at,
            country,
            relationship,
            verified_at,
            first_deposit_at,
            first_trade_at,
            commission,
            rebate,
            volume,
            vip_level,
            rebate_rates: (spot_rebate_rate, futures_rebate_rate),
            note,
            vip_levels_to_come: _,
            rebate_rates_to_come: _,
            notes_to_come: _,
        } = invitee;
        let account = self.intern(uid);
        let entry = EntryRef::of(SOMEWHERE);
        let kinds = (AccountType::Major, relationship, country);
        let row = self.account_mut(account);
        row.registered = Some(Registered::of(registered_at, entry, kinds, Some(code), None));
        row.first_verified = verified_at.unwrap_or(NEVER);
        row.first_deposit = first_deposit_at.unwrap_or(NEVER);
        row.first_trade = first_trade_at.unwrap_or(NEVER);
        row.vip = Some(VipMark { time: EVER, position: entry, level: vip_level });
        self.add_totals(account, Totals { commission, rebate, volume });
        let holds = |body| Event { source: UNTOLD, id: UNTOLD, time: EVER, body };
        self.insert_fact(SOMEWHERE, &holds(Body::Rebate(Rebate { uid, spot_rebate_rate, futures_rebate_rate })));
        if !note.is_empty() {
            self.insert_fact(SOMEWHERE, &holds(Body::Note(Note { uid, note: note.into() })));
        }
        self.codes.uncounted_mut(code).invitees.push(account);
    }
}

pub(super) fn slice_of(mut cells: Vec<(Day, PublishedCell)>) -> Result<Slice, UnreadableTraders> {
    cells.sort_by_key(|(day, _)| *day);
    let mut slice = Slice::default();
    for (day, cell) in cells {
        let traders = if cell.traders.is_empty() {
            RoaringBitmap::new()
        } else {
            RoaringBitmap::deserialize_from(&cell.traders[..]).map_err(|_| UnreadableTraders { day })?
        };
        slice.add_whole_day(day, whole_day(&cell, traders));
    }
    Ok(slice)
}
