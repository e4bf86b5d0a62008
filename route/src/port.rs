//! The port between a router's loop and Kafka. What is read, routed, written and committed, and in which order, is the
//! loop's; how a broker is asked for it stands behind this port: Kafka's client in production (`client.rs`), and in the
//! simulator a topic with transactions in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::RouteError;

/// Where reading goes on, by topic and partition: the offset after the last message that was read.
pub type NextOffsets<'a> = BTreeMap<(&'a str, i32), i64>;

/// A message of a topic that producers write.
pub trait SourceMessage {
    /// Its topic.
    fn topic(&self) -> &str;
    /// Its partition.
    fn partition(&self) -> i32;
    /// Its offset.
    fn offset(&self) -> i64;
    /// Its key, if it has one.
    fn key(&self) -> Option<&[u8]>;
    /// Its text, if it has one.
    fn payload(&self) -> Option<&[u8]>;
}

/// What reading the platform's topic came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformRead {
    /// A message was given.
    Message,
    /// It was read to where it ends now.
    End,
    /// Nothing came yet.
    Nothing,
}

/// What a router asks of Kafka, for one session. Whatever fails with an error that is not final ([`RouteError::is_final`])
/// ends the session; the next one has a port of its own.
pub trait RouterPort {
    /// A message as it was read, with all that is passed on.
    type Message: SourceMessage;

    /// Takes the router's id over: who ran under it before is fenced, and what that one had not finished is taken back.
    ///
    /// # Errors
    /// If no broker does it.
    fn take_over(&mut self) -> Result<(), RouteError>;

    /// Joins the group of the routers, which gives each some of the partitions. Reading begins where the last transaction
    /// that was committed ended.
    ///
    /// # Errors
    /// If the client does not take it.
    fn join(&mut self) -> Result<(), RouteError>;

    /// Looks whether the topics that are written are as they were.
    ///
    /// # Errors
    /// If they are not. A broker that does not answer is asked again later.
    fn look_at_topics(&mut self) -> Result<(), RouteError>;

    /// Gives the next message of the platform's topic that was committed, its offset and its text; waits so long at most.
    ///
    /// # Errors
    /// If the topic cannot be read.
    fn read_platform(
        &mut self,
        wait: Duration,
        take: &mut dyn FnMut(i64, Option<&[u8]>),
    ) -> Result<PlatformRead, RouteError>;

    /// The next message that the group gives; none if there is none within so long.
    ///
    /// # Errors
    /// If it cannot be read on.
    fn poll(&mut self, wait: Duration) -> Result<Option<Self::Message>, RouteError>;

    /// How often the group has given or taken partitions so far. What was read before is read again, by whoever has them.
    fn changes(&self) -> u64;

    /// Begins a transaction.
    ///
    /// # Errors
    /// If the client does not.
    fn begin(&mut self) -> Result<(), RouteError>;

    /// Puts a message into a topic that is written, as it is but for its key, within the transaction.
    ///
    /// # Errors
    /// If it is not taken.
    fn put(
        &mut self,
        message: &Self::Message,
        topic: &str,
        partition: u32,
        key: Option<&[u8]>,
    ) -> Result<(), RouteError>;

    /// Has the transaction say where reading goes on.
    ///
    /// # Errors
    /// If it is not taken: then the group may have given the partitions to another router.
    fn send_offsets(&mut self, next: &NextOffsets<'_>) -> Result<(), RouteError>;

    /// Commits the transaction: all of it is there then, or nothing.
    ///
    /// # Errors
    /// If it is not known to be committed.
    fn commit(&mut self) -> Result<(), RouteError>;

    /// Takes the transaction back.
    ///
    /// # Errors
    /// If it is not known to be taken back: [`RouterPort::take_over`] of the next session does it.
    fn abort(&mut self) -> Result<(), RouteError>;

    /// The time since some moment, by which it is told how long something takes.
    fn now(&self) -> Duration;
}
