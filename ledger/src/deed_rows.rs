//! Deeds as rows: what each was, and which of them are asked for. They are read where they lie, a frame at a time.

use schemas::{EventType, Timestamp};

use crate::act::Act;
use crate::actor::Actor;
use crate::deed::Deed;
use crate::deeds::PlaceOfDeeds;
use crate::error::{Fault, LedgerError};
use crate::event_reader::EventReader;
use crate::frame::{Frame, FrameHeader, HEADER_BYTES, HeaderRead, deeds_of};
use crate::position::Position;
use crate::reader::LedgerReader;
use crate::segments::header_at;

/// A row of the list of deeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedRow {
    /// Its number: 1, 2, 3, … in the order of the ledger. It stays.
    pub number: u64,
    /// Where the first event stands that was accepted of it; where none was, the last position before it.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// How many events were accepted of it.
    pub events: u64,
    /// How many were newly quarantined.
    pub quarantined: u64,
    /// The decision on a quarantined event that it was, if it was one.
    pub act: Option<Act>,
}

impl DeedRow {
    /// Where the event stands that it is about: the first one accepted, or the one that an act came to. None where nothing
    /// was accepted and nothing repeated.
    #[must_use]
    pub fn event(&self) -> Option<Position> {
        match &self.act {
            Some(act) => Some(act.position).filter(|position| *position > 0),
            None => (self.events > 0).then_some(self.position),
        }
    }
}

/// Which deeds are asked for; what is none is not asked of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeedFilter {
    /// By whom.
    pub who: Option<String>,
    /// In which role.
    pub role: Option<String>,
    /// Of which an event of this type came, or was sent again.
    pub event_type: Option<EventType>,
    /// Recorded at this moment or later.
    pub from: Option<Timestamp>,
    /// Recorded before this moment.
    pub before: Option<Timestamp>,
}

impl DeedFilter {
    /// Whether it takes all.
    #[must_use]
    pub fn takes_all(&self) -> bool {
        *self == DeedFilter::default()
    }

    /// Whether it takes what was recorded at a moment.
    fn takes_moment(&self, recorded_at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= recorded_at) && self.before.is_none_or(|before| recorded_at < before)
    }

    fn takes_actor(&self, actor: &Actor) -> bool {
        let is =
            |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
        is(&self.who, actor.who.as_deref()) && is(&self.role, Some(&actor.role))
    }
}

impl LedgerReader {
    /// The rows of a frame that a filter takes, in their order. Of a frame of which it takes none, only the beginning is
    /// read.
    ///
    /// # Errors
    /// If there is no such frame there, or it cannot be read.
    pub fn deed_rows(&self, place: PlaceOfDeeds, filter: &DeedFilter) -> Result<Vec<DeedRow>, LedgerError> {
        let header = self.deeds_header(place)?;
        if !filter.takes_moment(header.recorded_at) {
            return Ok(Vec::new());
        }
        let deeds = self.deeds_at(place, &header)?;
        // Only acts have to be looked for behind all else.
        let has_acts = |deed: &Deed| !deed.acts.is_empty() && filter.takes_actor(&deed.actor);
        let acts = if deeds.iter().any(has_acts) { self.acts_at(place, header.clone())? } else { Vec::new() };
        let mut rows = Vec::new();
        let mut number = place.first_row;
        for deed in deeds {
            let first_row = number;
            number += deed.rows();
            if filter.takes_actor(&deed.actor) {
                self.put_rows(deed, first_row, &header, &acts, filter, &mut rows)?;
            }
        }
        Ok(rows)
    }

    /// When a frame with deeds was recorded.
    ///
    /// # Errors
    /// If there is no such frame there.
    pub fn deeds_recorded_at(&self, place: PlaceOfDeeds) -> Result<Timestamp, LedgerError> {
        Ok(self.deeds_header(place)?.recorded_at)
    }

    fn put_rows(
        &self,
        deed: Deed,
        first_row: u64,
        header: &FrameHeader,
        acts: &[Act],
        filter: &DeedFilter,
        rows: &mut Vec<DeedRow>,
    ) -> Result<(), LedgerError> {
        let before = header.first_position - 1;
        let row = DeedRow {
            number: first_row,
            position: if deed.events.is_empty() { before } else { deed.events.start },
            recorded_at: header.recorded_at,
            actor: deed.actor,
            events: deed.events.end - deed.events.start,
            quarantined: deed.quarantined.end - deed.quarantined.start,
            act: None,
        };
        if deed.acts.is_empty() {
            if filter.event_type.is_none_or(|event_type| deed.types.holds(event_type)) {
                rows.push(row);
            }
            return Ok(());
        }
        let its = acts.get(deed.acts.start as usize..deed.acts.end as usize).unwrap_or_default();
        for (number, act) in (first_row..).zip(its) {
            let is_accepted = deed.events.contains(&act.position);
            let of_act = DeedRow {
                number,
                position: if is_accepted { act.position } else { before },
                events: u64::from(is_accepted),
                quarantined: 0,
                act: Some(act.clone()),
                ..row.clone()
            };
            let is_of_type = match (filter.event_type, of_act.event()) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(event_type), Some(position)) => self.event(position)?.event_type() == event_type,
            };
            if is_of_type {
                rows.push(of_act);
            }
        }
        Ok(())
    }

    fn deeds_header(&self, place: PlaceOfDeeds) -> Result<FrameHeader, LedgerError> {
        let file = self.shared().segment(place.segment)?.file(&*self.shared().storage)?;
        match header_at(&**file, place.offset)? {
            HeaderRead::Frame(header) => Ok(header),
            HeaderRead::Nothing | HeaderRead::Newer { .. } | HeaderRead::Fault(_) => {
                Err(LedgerError::damaged(place.segment, place.offset, Fault::HeaderChecksum))
            }
        }
    }

    fn deeds_at(&self, place: PlaceOfDeeds, header: &FrameHeader) -> Result<Vec<Deed>, LedgerError> {
        let file = self.shared().segment(place.segment)?.file(&*self.shared().storage)?;
        let payload = file.read(place.offset + HEADER_BYTES as u64, header.payload_bytes as usize)?;
        let deeds = deeds_of(&payload, header).map(Iterator::collect);
        deeds.ok_or_else(|| LedgerError::damaged(place.segment, place.offset, Fault::Sections))
    }

    fn acts_at(&self, place: PlaceOfDeeds, header: FrameHeader) -> Result<Vec<Act>, LedgerError> {
        let file = self.shared().segment(place.segment)?.file(&*self.shared().storage)?;
        let frame = Frame::read(file, place.segment, place.offset, header)?;
        Ok(frame.acts().map(|(act, _)| act).collect())
    }
}
