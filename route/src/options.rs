//! What is routed, and how.

use ingest::kafka::KafkaOptions;

use crate::error::RouteError;
use crate::measured::RouteMetrics;
use crate::topics::Topics;

/// What is routed, and how.
#[derive(Clone, Debug)]
pub struct RouterOptions {
    /// The brokers, the topics that producers write, and how to speak to them. Its group is the routers': each of them
    /// reads some of the partitions.
    pub kafka: KafkaOptions,
    /// The topics that are written.
    pub topics: Topics,
    /// The router's own name among those of its group. One that is started again under it takes over at once, and what its
    /// predecessor had not finished is taken back; one that still runs is fenced.
    pub id: String,
    /// What is told of it.
    pub metrics: RouteMetrics,
}

impl RouterOptions {
    /// The group of the routers.
    pub(crate) fn group(&self) -> &str {
        self.kafka.group.as_deref().unwrap_or("tributary-route")
    }

    /// Whether routing can begin with these; no broker is asked.
    ///
    /// # Errors
    /// If they cannot be meant.
    pub fn check(&self) -> Result<(), RouteError> {
        let written = self.topics.all();
        if let Some(topic) = self.kafka.topics.iter().find(|topic| written.contains(&topic.as_str())) {
            return Err(RouteError::ReadsItsOwn { topic: topic.clone() });
        }
        Ok(self.kafka.check()?)
    }
}

#[cfg(test)]
mod tests {
    use ingest::metrics::Metrics;

    use super::*;

    #[test]
    fn a_router_reads_no_topic_that_it_writes() {
        let of = |topic: &str| RouterOptions {
            kafka: KafkaOptions::new(vec!["localhost:9".to_owned()], vec!["events".to_owned(), topic.to_owned()]),
            topics: Topics::of("events"),
            id: "1".to_owned(),
            metrics: RouteMetrics::new(&Metrics::new()),
        };
        assert!(of("others").check().is_ok());
        for topic in ["events.accounts", "events.platform", "events.heads"] {
            let error = of(topic).check().expect_err("refused");
            assert!(error.is_usage() && error.to_string().contains(topic), "{error}");
        }
        assert!(of("^events.*").check().expect_err("refused").to_string().contains("pattern"));
    }
}
