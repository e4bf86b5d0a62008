//! A batch of what was read, as decoders hand it to the ledger: valid events already encoded, rejected ones
//! whole. Built on any thread; the writer only decides and copies.

mod halves;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashTable;
use schemas::{Body, Dictionary, Event, Rejection, StreamKey, Timestamp, Uid, record};
use xxhash_rust::xxh3::xxh3_64;

use crate::act::{Act, ActKind};
use crate::actor::Actor;
use crate::fields::put_varint;
use crate::identity::identity_hash;
use crate::quarantine::{Quarantine, QuarantineId, QuarantineState, sameness_hash};
use crate::topic::{TopicAcceptance, TopicId};

/// Events in the order in which they were read, and the source positions that reading them led to.
pub struct Batch {
    dictionary: Arc<Dictionary>,
    received_at: Timestamp,
    items: Vec<Item>,
    /// The records of the events one after another, each with its length before it, as in a frame.
    records: Vec<u8>,
    record: Vec<u8>,
    claims: Vec<Claim>,
    rejected: Vec<Rejected>,
    kept_bytes: usize,
    offsets: Vec<(String, i32, i64)>,
    topics: Vec<(String, TopicId)>,
    offset_checks: Vec<(String, i32, u64)>,
    acceptances: Vec<TopicAcceptance>,
    discards: Vec<Act>,
    tries: Vec<Try>,
    next_try: Option<Try>,
    missing: MissingTexts,
    actor: Option<Actor>,
}

/// What acceptance needs of one event or rejection, in 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// Of `source` and `id`; of what was rejected, its origin and its bytes.
    pub(crate) hash: u64,
    /// The uid, or the hash of the name.
    pub(crate) subject: u64,
    /// Where the records end after it.
    pub(crate) records_end: u32,
    /// Its place among the claims or the rejected.
    pub(crate) place: u32,
    pub(crate) kind: ItemKind,
}

/// What kind of thing was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    /// An event of an account that contradicts nothing.
    OfAccount,
    /// A registration: claims its uid.
    Registration,
    /// A code: claims its name for an owner.
    Code,
    /// An offer or a campaign.
    OfName,
    /// A program event.
    OfPlatform,
    /// Not accepted in itself.
    Rejected,
}

/// What an event claims that another may contradict, and its bytes in case it does.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The name, of a code, an offer or a campaign.
    pub(crate) name: Box<str>,
    /// Who is to own the code.
    pub(crate) owner: Option<Uid>,
    pub(crate) raw: Box<[u8]>,
    pub(crate) origin: String,
}

/// An event that is to be quarantined whatever else there is.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) rejection: Rejection,
    pub(crate) raw: Vec<u8>,
    pub(crate) origin: String,
}

/// An item that is to take a quarantined event out of quarantine, if it gets in.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    /// The item's place in the batch.
    pub(crate) item: u32,
    pub(crate) id: QuarantineId,
    pub(crate) kind: TryKind,
    /// Who tries, and why; nobody where nothing of it is kept.
    pub(crate) by: Option<(String, String)>,
}

/// What an item is to the quarantined event that it is tried for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TryKind {
    /// The same event once more. It keeps its id if it fails again.
    Again,
    /// Another event in its place. If it fails, it is quarantined under an id of its own.
    Instead,
}

/// Texts that would make records shorter if the dictionary held them, with how often each came.
#[derive(Default)]
pub(crate) struct MissingTexts {
    texts: Vec<(Box<str>, u32)>,
    by_text: HashTable<u32>,
}

impl MissingTexts {
    pub(crate) fn note(&mut self, text: &str) {
        let hash = xxh3_64(text.as_bytes());
        // The table holds places in `texts`.
        if let Some(place) = self.by_text.find(hash, |place| &*self.texts[*place as usize].0 == text) {
            self.texts[*place as usize].1 += 1;
            return;
        }
        let place = self.texts.len() as u32;
        self.texts.push((text.into(), 1));
        let texts = &self.texts;
        self.by_text.insert_unique(hash, place, |place| xxh3_64(texts[*place as usize].0.as_bytes()));
    }

    /// Each text with how often it came, in the order in which they first came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.texts.iter().map(|(text, count)| (&**text, *count))
    }
}

impl Batch {
    /// An empty batch, of what arrived at this moment. The dictionary is the ledger's.
    #[must_use]
    pub fn new(dictionary: Arc<Dictionary>, received_at: Timestamp) -> Batch {
        Batch {
            dictionary,
            received_at,
            items: Vec::new(),
            records: Vec::new(),
            record: Vec::new(),
            claims: Vec::new(),
            rejected: Vec::new(),
            kept_bytes: 0,
            offsets: Vec::new(),
            topics: Vec::new(),
            offset_checks: Vec::new(),
            acceptances: Vec::new(),
            discards: Vec::new(),
            tries: Vec::new(),
            next_try: None,
            missing: MissingTexts::default(),
            actor: None,
        }
    }

    /// Who sends all of it in, or decides it: kept with what comes of it, once and not for each event.
    pub fn set_actor(&mut self, actor: Option<Actor>) {
        self.actor = actor;
    }

    /// Makes room for so many events of so many bytes of text in all, so that it need not be found while they come.
    pub fn reserve(&mut self, events: usize, text_bytes: usize) {
        // A record takes about a sixth of the text it is of; what is more finds room by itself.
        self.records.reserve(text_bytes / 6);
        self.items.reserve(events);
    }

    /// A valid event. Its bytes as they came, and where they came from, are kept only for the types that may
    /// contradict another event, and so may be quarantined after all: registrations and codes.
    pub fn push_event(&mut self, event: &Event<'_>, raw: &[u8], origin: impl FnOnce() -> String) {
        let missing = &mut self.missing;
        self.record.clear();
        record::encode_noting(event, &self.dictionary, &mut self.record, |text| missing.note(text));
        put_varint(&mut self.records, self.record.len() as u64);
        self.records.extend_from_slice(&self.record);
        let (kind, claim) = match &event.body {
            Body::Registration(_) => (ItemKind::Registration, Some(("", None))),
            Body::Code(code) => (ItemKind::Code, Some((&*code.code, Some(code.owner_uid)))),
            Body::Offer(offer) => (ItemKind::OfName, Some((&*offer.id, None))),
            Body::Campaign(campaign) => (ItemKind::OfName, Some((&*campaign.id, None))),
            Body::Program(_) => (ItemKind::OfPlatform, None),
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Join(_)
            | Body::Application(_) => (ItemKind::OfAccount, None),
        };
        let place = self.claims.len() as u32;
        if let Some((name, owner)) = claim {
            let may_conflict = kind != ItemKind::OfName;
            let (raw, origin): (Box<[u8]>, String) =
                if may_conflict { (raw.into(), origin()) } else { (Box::default(), String::new()) };
            self.kept_bytes += raw.len() + name.len() + origin.len();
            self.claims.push(Claim { name: name.into(), owner, raw, origin });
        }
        let subject = match event.stream() {
            StreamKey::Account(uid) => uid.0,
            StreamKey::Name(name) => xxh3_64(name.as_bytes()),
            StreamKey::Platform => 0,
        };
        self.push(Item { hash: identity_hash(&event.source, &event.id), subject, records_end: 0, place, kind });
    }

    /// What was read and is no valid event, whole, with where it came from.
    pub fn push_rejected(&mut self, rejection: Rejection, raw: Vec<u8>, origin: String) {
        self.kept_bytes += raw.len() + origin.len() + rejection.detail.len();
        let place = self.rejected.len() as u32;
        let hash = sameness_hash(&origin, &raw);
        self.rejected.push(Rejected { rejection, raw, origin });
        self.push(Item { hash, subject: 0, records_end: 0, place, kind: ItemKind::Rejected });
    }

    /// The source position that this batch brings the ledger to: the next offset to read. The last one given
    /// for a partition holds.
    pub fn set_offset(&mut self, topic: &str, partition: i32, next_offset: i64) {
        let same = self.offsets.iter_mut().find(|(known, number, _)| known == topic && *number == partition);
        match same {
            Some((_, _, offset)) => *offset = next_offset,
            None => self.offsets.push((topic.to_owned(), partition, next_offset)),
        }
    }

    /// The identity of a topic that offsets of this batch are of; zeros where it is not known.
    pub fn set_topic_identity(&mut self, topic: &str, id: TopicId) {
        match self.topics.iter_mut().find(|(known, _)| known == topic) {
            Some((_, known)) => *known = id,
            None => self.topics.push((topic.to_owned(), id)),
        }
    }

    /// What lies before the next offset of a partition: the XXH3 of the record there, to be looked at again when
    /// the partition is next assigned.
    pub fn set_offset_check(&mut self, topic: &str, partition: i32, hash: u64) {
        let same = self.offset_checks.iter_mut().find(|(known, number, _)| known == topic && *number == partition);
        match same {
            Some((_, _, known)) => *known = hash,
            None => self.offset_checks.push((topic.to_owned(), partition, hash)),
        }
    }

    /// An operator takes the topic of a known name for a new one. What the ledger held of the old one's offsets
    /// counts no more; what was read of it stays.
    pub fn accept_topic(&mut self, topic: &str, old: TopicId, new: TopicId, by: &str) {
        let (topic, by) = (topic.to_owned(), by.to_owned());
        self.acceptances.push(TopicAcceptance { topic, old, new, by, at: self.received_at });
    }

    /// The item pushed next is a second try of this quarantined event, of which nobody is told.
    pub fn redrive(&mut self, id: QuarantineId) {
        self.next_try = Some(Try { item: 0, id, kind: TryKind::Again, by: None });
    }

    /// The item pushed next is a second try of this quarantined event, by an operator.
    pub fn redrive_by(&mut self, id: QuarantineId, by: &str, why: &str) {
        let by = Some((by.to_owned(), why.to_owned()));
        self.next_try = Some(Try { item: 0, id, kind: TryKind::Again, by });
    }

    /// The item pushed next is to take the place of this quarantined event, if it gets in.
    pub fn replace(&mut self, id: QuarantineId, by: &str, why: &str) {
        let by = Some((by.to_owned(), why.to_owned()));
        self.next_try = Some(Try { item: 0, id, kind: TryKind::Instead, by });
    }

    /// An operator does not want this quarantined event.
    pub fn discard(&mut self, id: QuarantineId, by: &str, why: &str) {
        let (by, why) = (by.to_owned(), why.to_owned());
        self.discards.push(Act { id, kind: ActKind::Discarded, by, why, at: self.received_at, position: 0 });
    }

    /// The first quarantined event that it would do something to and that this cannot be done to: one that is not
    /// there, or was replaced, or is to be discarded and is not open.
    #[must_use]
    pub fn first_out_of_reach(&self, quarantine: &Quarantine) -> Option<QuarantineId> {
        let state = |id| quarantine.get(id).map(|row| row.state);
        let may_be_tried = |state| matches!(state, QuarantineState::Open | QuarantineState::Discarded);
        let tried = self.tries.iter().find(|tried| !state(tried.id).is_some_and(may_be_tried)).map(|tried| tried.id);
        let discarded = || self.discards.iter().find(|act| state(act.id) != Some(QuarantineState::Open));
        tried.or_else(|| discarded().map(|act| act.id))
    }

    /// The quarantined events that something is done to.
    pub(crate) fn quarantine_ids(&self) -> impl Iterator<Item = QuarantineId> {
        self.tries.iter().map(|tried| tried.id).chain(self.discards.iter().map(|act| act.id))
    }

    /// Whether a frame of it would say anything at all.
    pub(crate) fn says_nothing(&self) -> bool {
        let beside = self.offsets.is_empty() && self.topics.is_empty() && self.offset_checks.is_empty();
        self.is_empty() && beside && self.acceptances.is_empty() && self.discards.is_empty()
    }

    /// How many events and rejections it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it holds neither event nor rejection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// About how many bytes it will add to the ledger.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.records.len() + self.kept_bytes
    }

    fn push(&mut self, item: Item) {
        // NOTE: a frame holds at most 1 GiB, and a commit beyond it is refused; more in a batch is the caller's mistake.
        let records_end = u32::try_from(self.records.len()).expect("a batch stays below 4 GiB");
        if let Some(next) = self.next_try.take() {
            self.tries.push(Try { item: self.items.len() as u32, ..next });
        }
        self.items.push(Item { records_end, ..item });
    }

    /// When what it holds arrived.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The records with their lengths.
    pub(crate) fn records(&self) -> &[u8] {
        &self.records
    }

    /// Where an item's record with its length lies among the records; empty for a rejected one.
    pub(crate) fn record_range(&self, item: usize) -> Range<usize> {
        let begin = item.checked_sub(1).map_or(0, |before| self.items[before].records_end);
        begin as usize..self.items[item].records_end as usize
    }

    /// The record of an item that is none of the rejected.
    pub(crate) fn record(&self, item: usize) -> &[u8] {
        let mut record = crate::fields::Fields(&self.records[self.record_range(item)]);
        record.bytes().expect("a batch's own record has its length")
    }

    /// The event of an item that is none of the rejected.
    pub(crate) fn event(&self, item: usize) -> Event<'_> {
        record::decode(self.record(item), &self.dictionary).expect("a batch's own record decodes")
    }

    /// The `source` of an item that is none of the rejected.
    pub(crate) fn source(&self, item: usize) -> Cow<'_, str> {
        self.event(item).source
    }

    pub(crate) fn claim(&self, item: &Item) -> &Claim {
        &self.claims[item.place as usize]
    }

    pub(crate) fn rejected(&self, item: &Item) -> &Rejected {
        &self.rejected[item.place as usize]
    }

    /// Where an item came from and its bytes, of one that may be quarantined: what was rejected, and what may conflict.
    pub(crate) fn kept(&self, item: &Item) -> (&str, &[u8]) {
        match item.kind {
            ItemKind::Rejected => (&self.rejected(item).origin, &self.rejected(item).raw),
            ItemKind::Registration | ItemKind::Code | ItemKind::OfAccount | ItemKind::OfName | ItemKind::OfPlatform => {
                (&self.claim(item).origin, &self.claim(item).raw)
            }
        }
    }

    pub(crate) fn offsets(&self) -> &[(String, i32, i64)] {
        &self.offsets
    }

    pub(crate) fn topics(&self) -> &[(String, TopicId)] {
        &self.topics
    }

    pub(crate) fn offset_checks(&self) -> &[(String, i32, u64)] {
        &self.offset_checks
    }

    pub(crate) fn acceptances(&self) -> &[TopicAcceptance] {
        &self.acceptances
    }

    pub(crate) fn discards(&self) -> &[Act] {
        &self.discards
    }

    /// The items that are tried for a quarantined event, in order.
    pub(crate) fn tries(&self) -> &[Try] {
        &self.tries
    }

    pub(crate) fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    pub(crate) fn missing(&self) -> &MissingTexts {
        &self.missing
    }
}
