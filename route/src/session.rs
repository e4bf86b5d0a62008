//! One session of a router: what the group gives is read, routed and written, a transaction at a time, until something
//! fails. What a transaction that failed had read is read again by the next session.

use std::time::Duration;

use schemas::json::Predictor;

use crate::destination::{Destination, destination};
use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::known::Known;
use crate::murmur2::{partition_of_key, partition_of_uid};
use crate::port::{NextOffsets, RouterPort, SourceMessage};
use crate::topics::Topics;

/// How long the client is asked for a message when there is none, and how long once there was one.
const WAIT: Duration = Duration::from_millis(100);
const WAIT_FOR_MORE: Duration = Duration::from_millis(5);
/// So many messages, or bytes of them, are one transaction at most, and so long is gathered for it.
const MESSAGES_MAX: usize = 20_000;
const BYTES_MAX: usize = 16 << 20;
const GATHER_MAX: Duration = Duration::from_millis(200);

/// What was routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// To the partition of a family.
    pub to_families: u64,
    /// To all shards.
    pub to_platform: u64,
    /// What could not be read, and went on by its own key.
    pub unreadable: u64,
    /// Transactions.
    pub transactions: u64,
}

/// Which topics are written, and how many partitions that of accounts has.
#[derive(Clone, Debug)]
pub struct Outlets {
    /// The topics.
    pub topics: Topics,
    /// Partitions of accounts.
    pub partitions: u32,
}

pub(crate) struct Session<P> {
    port: P,
    outlets: Outlets,
    read: Predictor,
}

impl<P: RouterPort> Session<P> {
    /// Takes back what a predecessor of this id had not finished, reads the platform's topic to its end, and joins the
    /// group.
    pub(crate) fn open(
        (mut port, outlets): (P, Outlets),
        known: &mut Known,
        stop: &dyn Fn() -> bool,
    ) -> Result<Session<P>, RouteError> {
        port.take_over()?;
        // Read after that: nothing of a predecessor comes any more.
        known.read_to_end(&mut port, stop)?;
        port.join()?;
        Ok(Session { port, outlets, read: Predictor::new() })
    }

    /// Routes what there is, up to some number; waits a little if there is nothing.
    pub(crate) fn turn(&mut self, known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        self.port.look_at_topics()?;
        let batch = self.gather()?;
        if batch.is_empty() {
            return Ok(());
        }
        known.catch_up(&mut self.port)?;
        self.port.begin()?;
        let mut of_batch = *routed;
        if let Err(error) = self.write(&batch, known, &mut of_batch) {
            if error.is_final() {
                return Err(error);
            }
            // It is taken back in any case: at the latest when the next session begins.
            return Err(match self.port.abort() {
                // Who has taken the id over meanwhile keeps it.
                Err(cause) if cause.is_final() => cause,
                Err(cause) => {
                    tracing::debug!(%cause, "the transaction is taken back when the next session begins");
                    error
                }
                Ok(()) => error,
            });
        }
        of_batch.transactions += 1;
        *routed = of_batch;
        Ok(())
    }

    /// Takes what there is. What was read before the group took anything away is let go.
    fn gather(&mut self) -> Result<Vec<P::Message>, RouteError> {
        let (mut batch, mut bytes, mut changes) = (Vec::new(), 0, self.port.changes());
        let began = self.port.now();
        while batch.len() < MESSAGES_MAX && bytes < BYTES_MAX && self.port.now().saturating_sub(began) < GATHER_MAX {
            let polled = self.port.poll(if batch.is_empty() { WAIT } else { WAIT_FOR_MORE })?;
            if self.port.changes() != changes {
                changes = self.port.changes();
                if !mutants::mutant!("read-before-a-change-passed-on") {
                    bytes = 0;
                    batch.clear();
                }
            }
            let Some(message) = polled else { break };
            bytes += message.payload().map_or(0, <[u8]>::len) + message.key().map_or(0, <[u8]>::len);
            batch.push(message);
        }
        Ok(batch)
    }

    /// Writes a batch, with the offsets that it was read up to, all or nothing.
    fn write(&mut self, batch: &[P::Message], known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        let mut next = NextOffsets::new();
        for message in batch {
            self.route(message, known, routed)?;
            next.insert((message.topic(), message.partition()), message.offset() + 1);
        }
        if mutants::mutant!("offsets-outside-of-the-transaction") {
            self.port.commit()?;
            self.port.begin()?;
        }
        self.port.send_offsets(&next)?;
        self.port.commit()
    }

    fn route(&mut self, message: &P::Message, known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        let Outlets { topics, partitions } = &self.outlets;
        let event = message.payload().and_then(|text| self.read.read_event(text, FAR_FUTURE).ok());
        let Some(event) = event else {
            routed.unreadable += 1;
            let partition = match message.key() {
                Some(key) => partition_of_key(key, *partitions),
                None => message.partition().unsigned_abs() % partitions,
            };
            return self.port.put(message, &topics.accounts, partition, message.key());
        };
        known.parents.expect(&event);
        match destination(&event, &mut known.parents) {
            Destination::Platform => {
                routed.to_platform += 1;
                self.port.put(message, &topics.platform, 0, message.key())
            }
            Destination::Family(head) => {
                routed.to_families += 1;
                let partition = partition_of_uid(head, *partitions);
                self.port.put(message, &topics.accounts, partition, Some(head.to_string().as_bytes()))
            }
        }
    }
}
