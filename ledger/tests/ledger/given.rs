//! What the tests begin with: events in one line, and a ledger with its index in step.

use std::convert::Infallible;
use std::sync::Arc;

use ledger::{
    Batch, Commit, CommitError, EventReader, Frame, FrameCursor, Index, IndexDecodeError, IndexReader, Ledger,
    LedgerError, LedgerOptions, MemoryStorage, Outcome, Position, Recovery, Storage,
};
use schemas::{
    AccountType, AssetAmount, Body, Code, Event, Kyc, KycStatus, Offer, OfferKind, Period, Product, Program, Rate,
    Registration, Relationship, Timestamp, Trade, Uid, Usd,
};

pub const NOW: Timestamp = Timestamp(1_772_357_400_000_000);

/// What a checkpoint keeps of an index.
pub fn parts_of(index: &Index) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let Ok(()) = index.write_parts(&mut |part| {
        parts.push(part.to_vec());
        Ok::<(), Infallible>(())
    });
    parts
}

/// The index that is made of such parts.
pub fn index_of_parts(parts: &[impl AsRef<[u8]>], reader: &dyn EventReader) -> Result<Index, IndexDecodeError> {
    let mut read = IndexReader::new();
    parts.iter().try_for_each(|part| read.part(part.as_ref()))?;
    read.finish(reader)
}

pub fn event(source: &str, id: &str, body: Body<'static>) -> Event<'static> {
    Event { source: source.to_owned().into(), id: id.to_owned().into(), time: NOW, body }
}

pub fn trade(uid: u64, source: &str, id: &str) -> Event<'static> {
    let body = Trade {
        uid: Uid(uid),
        product: Product::Spot,
        symbol: "BTCUSDT".into(),
        volume_usd: Usd(150_025_000_000),
        fee_usd: Usd(150_025_000),
        fee_asset: "BNB".into(),
        fee_amount: AssetAmount::parse("0.0025").expect("an amount"),
        vip_level: 0,
    };
    event(source, id, Body::Trade(body))
}

pub fn kyc(uid: u64, source: &str, id: &str) -> Event<'static> {
    event(source, id, Body::Kyc(Kyc { uid: Uid(uid), status: KycStatus::Verified }))
}

pub fn registration(uid: u64, source: &str, id: &str) -> Event<'static> {
    let body = Registration {
        uid: Uid(uid),
        account_type: AccountType::Major,
        country: None,
        code: None,
        relationship: Relationship::Both,
        parent_uid: None,
    };
    event(source, id, Body::Registration(body))
}

pub fn code(name: &str, owner: u64, source: &str, id: &str) -> Event<'static> {
    let body = Code {
        code: name.to_owned().into(),
        owner_uid: Uid(owner),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: "".into(),
        is_default: false,
    };
    event(source, id, Body::Code(body))
}

pub fn offer(name: &str, source: &str, id: &str) -> Event<'static> {
    let body = Offer {
        id: name.to_owned().into(),
        kind: OfferKind::Bonus,
        title: "t".into(),
        url: "u".into(),
        period: Period::Month,
        starts: None,
        ends: None,
        affiliates_only: false,
        tiers: vec![],
    };
    event(source, id, Body::Offer(body))
}

pub fn program(source: &str, id: &str) -> Event<'static> {
    event(source, id, Body::Program(Program::BUILT_IN))
}

/// Trades of uid 7 with ids from a number on.
pub fn trades(from: usize, count: usize) -> Vec<Event<'static>> {
    (from..from + count).map(|number| trade(7, "/exchange/spot", &format!("trade-{number}"))).collect()
}

/// Segments small enough that a test has several.
pub fn options() -> LedgerOptions {
    LedgerOptions { segment_bytes: 16 << 10, holder: "the test".into(), ..LedgerOptions::default() }
}

/// A ledger, its index in step, and a clock that the test moves.
pub struct Book {
    pub ledger: Ledger,
    pub index: Index,
    pub now: Timestamp,
}

impl Book {
    pub fn open(storage: &Arc<dyn Storage>) -> Result<(Book, Recovery), LedgerError> {
        Book::open_with(storage, options())
    }

    pub fn open_with(storage: &Arc<dyn Storage>, options: LedgerOptions) -> Result<(Book, Recovery), LedgerError> {
        let (ledger, recovery) = Ledger::open(Arc::clone(storage), options)?;
        let mut book = Book { ledger, index: Index::new(), now: NOW };
        let frames: Vec<Frame> = book.ledger.reader().frames(&FrameCursor::START).collect::<Result<_, _>>()?;
        frames.iter().for_each(|frame| book.apply(frame));
        Ok((book, recovery))
    }

    /// In a new memory.
    pub fn new() -> Book {
        Book::open(&in_memory(&MemoryStorage::new())).expect("a new ledger opens").0
    }

    pub fn apply(&mut self, frame: &Frame) {
        for entry in frame.entries(&self.ledger.dictionary()) {
            let (position, event) = entry.expect("an entry decodes");
            self.index.insert(position, &event);
        }
        self.index.take_frame(frame);
    }

    pub fn batch(&self, events: &[Event<'_>]) -> Batch {
        let mut batch = Batch::new(self.ledger.dictionary(), self.now);
        for event in events {
            batch.push_event(event, format!("raw of {}", event.id).as_bytes(), || format!("origin of {}", event.id));
        }
        batch
    }

    pub fn try_commit(&mut self, batches: &[Batch]) -> Result<Commit, CommitError> {
        let commit = self.ledger.commit(&self.index, batches, self.now)?;
        if let Some(frame) = &commit.frame {
            self.apply(frame);
        }
        Ok(commit)
    }

    pub fn commit(&mut self, events: &[Event<'_>]) -> Vec<Outcome> {
        let batch = self.batch(events);
        self.try_commit(&[batch]).expect("commits").outcomes
    }

    /// All events, by position.
    pub fn events(&self) -> Vec<Event<'static>> {
        all_events(&self.ledger.reader(), self.ledger.end().position())
    }
}

pub fn all_events(reader: &dyn EventReader, last: Position) -> Vec<Event<'static>> {
    (1..=last).map(|position| reader.event(position).expect("an event reads").into_owned()).collect()
}

pub fn in_memory(storage: &MemoryStorage) -> Arc<dyn Storage> {
    Arc::new(storage.clone())
}

pub fn accepted(position: Position) -> Outcome {
    Outcome::Accepted { position }
}

pub fn duplicate(of: Position) -> Outcome {
    Outcome::Duplicate { of }
}

/// The names of the segments, in order.
pub fn segment_names(storage: &MemoryStorage) -> Vec<String> {
    let mut names = storage.list().expect("lists");
    names.retain(|name| name.ends_with(".segment"));
    names.sort();
    names
}
