//! A router's port that counts what goes through it, and changes nothing of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::RouteError;
use crate::lags::Place;
use crate::measured::{Put, RouteMetrics};
use crate::port::{NextOffsets, PlatformRead, RouterPort, SourceMessage};

/// A port, counted.
pub(crate) struct Measured<P> {
    port: P,
    metrics: RouteMetrics,
    open: Option<Transaction>,
}

/// A transaction that is neither committed nor taken back.
struct Transaction {
    began: Duration,
    put: BTreeMap<String, Put>,
    read: BTreeMap<Place, i64>,
}

impl<P> Measured<P> {
    /// Nothing is under way yet.
    pub(crate) fn new(port: P, metrics: RouteMetrics) -> Measured<P> {
        Measured { port, metrics, open: None }
    }

    fn aborted(&mut self) {
        if self.open.take().is_some() {
            self.metrics.aborted();
        }
    }
}

/// What is under way when a session ends is taken back by the next one.
impl<P> Drop for Measured<P> {
    fn drop(&mut self) {
        self.aborted();
    }
}

impl<P: RouterPort> RouterPort for Measured<P> {
    type Message = P::Message;

    fn take_over(&mut self) -> Result<(), RouteError> {
        self.port.take_over()
    }

    fn join(&mut self) -> Result<(), RouteError> {
        // Said before: the group's answer comes when it is asked for messages.
        self.metrics.joining();
        self.port.join()
    }

    fn look_at_topics(&mut self) -> Result<(), RouteError> {
        self.port.look_at_topics()
    }

    fn read_platform(
        &mut self,
        wait: Duration,
        take: &mut dyn FnMut(i64, Option<&[u8]>),
    ) -> Result<PlatformRead, RouteError> {
        self.port.read_platform(wait, take)
    }

    fn poll(&mut self, wait: Duration) -> Result<Option<P::Message>, RouteError> {
        self.port.poll(wait)
    }

    fn changes(&self) -> u64 {
        self.port.changes()
    }

    fn begin(&mut self) -> Result<(), RouteError> {
        let began = self.port.now();
        self.port.begin()?;
        self.open = Some(Transaction { began, put: BTreeMap::new(), read: BTreeMap::new() });
        Ok(())
    }

    fn put(&mut self, message: &P::Message, topic: &str, partition: u32, key: Option<&[u8]>) -> Result<(), RouteError> {
        self.port.put(message, topic, partition, key)?;
        if let Some(open) = &mut self.open {
            let bytes = message.payload().map_or(0, <[u8]>::len) + key.map_or(0, <[u8]>::len);
            // There are two topics: only the first message of each has its name copied.
            if !open.put.contains_key(topic) {
                open.put.insert(topic.to_owned(), Put::default());
            }
            if let Some(put) = open.put.get_mut(topic) {
                put.messages += 1;
                put.bytes += bytes as u64;
            }
        }
        Ok(())
    }

    fn send_offsets(&mut self, next: &NextOffsets<'_>) -> Result<(), RouteError> {
        self.port.send_offsets(next)?;
        if let Some(open) = &mut self.open {
            open.read.extend(next.iter().map(|((topic, partition), next)| (((*topic).to_owned(), *partition), *next)));
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), RouteError> {
        self.port.commit()?;
        if let Some(Transaction { began, put, read }) = self.open.take() {
            self.metrics.committed(&put, &read, self.port.now().saturating_sub(began));
        }
        Ok(())
    }

    fn abort(&mut self) -> Result<(), RouteError> {
        self.aborted();
        self.port.abort()
    }

    fn now(&self) -> Duration {
        self.port.now()
    }
}

#[cfg(test)]
mod tests {
    use ingest::metrics::Metrics;

    use super::*;

    /// A port that takes everything but a commit, where that is to fail.
    struct Taking {
        commits: bool,
    }

    struct Message;

    impl SourceMessage for Message {
        fn topic(&self) -> &str {
            "events"
        }

        fn partition(&self) -> i32 {
            0
        }

        fn offset(&self) -> i64 {
            4
        }

        fn key(&self) -> Option<&[u8]> {
            None
        }

        fn payload(&self) -> Option<&[u8]> {
            Some(b"text")
        }
    }

    impl RouterPort for Taking {
        type Message = Message;

        fn take_over(&mut self) -> Result<(), RouteError> {
            Ok(())
        }

        fn join(&mut self) -> Result<(), RouteError> {
            Ok(())
        }

        fn look_at_topics(&mut self) -> Result<(), RouteError> {
            Ok(())
        }

        fn read_platform(
            &mut self,
            _: Duration,
            _: &mut dyn FnMut(i64, Option<&[u8]>),
        ) -> Result<PlatformRead, RouteError> {
            Ok(PlatformRead::End)
        }

        fn poll(&mut self, _: Duration) -> Result<Option<Message>, RouteError> {
            Ok(Some(Message))
        }

        fn changes(&self) -> u64 {
            0
        }

        fn begin(&mut self) -> Result<(), RouteError> {
            Ok(())
        }

        fn put(&mut self, _: &Message, _: &str, _: u32, _: Option<&[u8]>) -> Result<(), RouteError> {
            Ok(())
        }

        fn send_offsets(&mut self, _: &NextOffsets<'_>) -> Result<(), RouteError> {
            Ok(())
        }

        fn commit(&mut self) -> Result<(), RouteError> {
            if self.commits { Ok(()) } else { Err(RouteError::Broken("away".to_owned())) }
        }

        fn abort(&mut self) -> Result<(), RouteError> {
            Ok(())
        }

        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn transaction(port: &mut Measured<Taking>) -> Result<(), RouteError> {
        port.begin()?;
        port.put(&Message, "to.accounts", 3, Some(b"17"))?;
        port.put(&Message, "to.accounts", 3, None)?;
        port.put(&Message, "to.platform", 0, None)?;
        port.send_offsets(&NextOffsets::from([(("events", 0), 5)]))?;
        port.commit()
    }

    #[test]
    fn what_a_transaction_put_counts_once_it_is_committed_and_else_the_transaction_counts_as_aborted() {
        let metrics = Metrics::new();
        let measured = RouteMetrics::new(&metrics);
        measured.given([(("events".to_owned(), 0), None)]);
        measured.reaches("events", 0, (0, 7));
        let mut port = Measured::new(Taking { commits: false }, measured.clone());
        assert!(transaction(&mut port).is_err());
        port.abort().expect("taken back");
        assert!(transaction(&mut port).is_err());
        drop(port);
        let has = |line: &str| {
            let text = metrics.text();
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        };
        has("tributary_route_transactions_total{outcome=\"aborted\"} 2");
        has("tributary_route_transactions_total{outcome=\"committed\"} 0");
        has("tributary_route_lag_messages{partition=\"0\",topic=\"events\"} 7");
        assert!(!metrics.text().contains("tributary_route_messages_total{"));
        let mut port = Measured::new(Taking { commits: true }, measured);
        transaction(&mut port).expect("committed");
        drop(port);
        has("tributary_route_transactions_total{outcome=\"aborted\"} 2");
        has("tributary_route_transactions_total{outcome=\"committed\"} 1");
        has("tributary_route_transaction_duration_seconds_count 1");
        has("tributary_route_messages_total{topic=\"to.accounts\"} 2");
        has("tributary_route_messages_total{topic=\"to.platform\"} 1");
        has("tributary_route_bytes_total{topic=\"to.accounts\"} 10");
        has("tributary_route_lag_messages{partition=\"0\",topic=\"events\"} 2");
    }
}
