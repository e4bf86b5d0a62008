//! The thread of a member: it reads the topic, hears the group, and does what [`Member`] says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::group::Group;
use crate::member::Member;
use crate::member_ledger::MemberLedger;
use crate::options::ElectionOptions;
use crate::record::Record;
use crate::roll::Roll;
pub use crate::topic::ElectError;
use crate::topic::{TopicReader, TopicWriter};

/// So long a message is waited for before the group is heard again.
const PACE: Duration = Duration::from_millis(50);

/// What the topic says, read before there is a ledger to take part with.
pub struct Known {
    reader: TopicReader,
    records: Vec<Record>,
    roll: Roll,
}

impl Known {
    /// Begins to read the topic.
    ///
    /// # Errors
    /// If it is not as it has to be, or cannot be read, which may pass.
    pub fn open(options: &ElectionOptions) -> Result<Known, ElectError> {
        Ok(Known { reader: TopicReader::open(options)?, records: Vec::new(), roll: Roll::default() })
    }

    /// Reads what there is, and waits at most so long for the end. Whether it was reached.
    pub fn read_on(&mut self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            match self.reader.next(PACE) {
                Some(record) => {
                    self.roll.read(&record);
                    self.records.push(record);
                }
                None if self.reader.is_at_end() => return true,
                None if Instant::now() >= until => return false,
                None => {}
            }
        }
    }

    /// What it says.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// Why it cannot be read, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.reader.trouble()
    }
}

/// A member that takes part. Dropped, it leaves the group.
pub struct Electing {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Electing {
    /// Begins to take part.
    ///
    /// # Errors
    /// If the clients cannot be made, or the system gives no thread.
    pub fn start(
        known: Known,
        options: &ElectionOptions,
        ledger: impl MemberLedger + Send + 'static,
    ) -> Result<Electing, ElectError> {
        let Known { reader, records, .. } = known;
        let (group, writer) = (Group::open(options)?, TopicWriter::open(options)?);
        let member = Member::new(options.member.clone());
        let is_over = Arc::<AtomicBool>::default();
        let mut taking_part = TakingPart {
            begun: Instant::now(),
            reader,
            group,
            writer,
            member,
            ledger,
            claims: BTreeMap::new(),
            is_over: Arc::clone(&is_over),
        };
        let run = move || {
            records.iter().for_each(|record| taking_part.read(record));
            taking_part.run();
        };
        let thread = std::thread::Builder::new().name("elect".to_owned()).spawn(run).map_err(ElectError::NoThread)?;
        Ok(Electing { is_over, thread: Some(thread) })
    }
}

impl Drop for Electing {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic there told of itself.
            let _ = thread.join();
        }
    }
}

struct TakingPart<L> {
    begun: Instant,
    reader: TopicReader,
    group: Group,
    writer: TopicWriter,
    member: Member,
    ledger: L,
    /// The keys of claims and of what came of them, by their terms.
    claims: BTreeMap<u64, BTreeSet<String>>,
    is_over: Arc<AtomicBool>,
}

impl<L: MemberLedger> TakingPart<L> {
    fn run(mut self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let mut wait = PACE;
            while let Some(record) = self.reader.next(wait) {
                self.read(&record);
                wait = Duration::ZERO;
            }
            self.group.hear();
            let sure_until = self.group.sure_until();
            self.ledger.lease(sure_until);
            if !self.reader.is_at_end() {
                continue;
            }
            let now = Instant::now();
            let holds = sure_until.is_some_and(|until| now < until);
            let trouble = self.reader.trouble().map(str::to_owned);
            let trouble = trouble.or_else(|| self.group.trouble()).or_else(|| self.writer.trouble());
            let step = self.member.step(holds, trouble, now, &mut self.ledger);
            step.write.iter().for_each(|record| self.writer.write(record));
            // A process of this member may have ended without leaving the group a moment ago. The group waits a session for it before
            // it takes in another, and the client cannot confirm meanwhile that who leads holds the partition: for longer than
            // the lease, if that began at once.
            let comes_early = self.member.roll().leader().is_some() && self.begun.elapsed() < self.group.session() / 3;
            self.group.stand(step.stands && !comes_early);
            self.forget_former();
        }
    }

    fn read(&mut self, record: &Record) {
        if let Some(term) = record.term_of_claim() {
            self.claims.entry(term).or_default().insert(record.key());
        }
        self.member.read(record, Instant::now(), &mut self.ledger);
    }

    /// Who leads takes from the topic what former claims left there.
    fn forget_former(&mut self) {
        let Some(term) = self.member.leads() else { return };
        while let Some(former) = self.claims.first_entry().filter(|first| *first.key() < term) {
            former.remove().iter().for_each(|key| self.writer.remove(key));
        }
    }
}
