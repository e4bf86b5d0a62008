//! What goes wrong again and again with the client, and how it is told.

use std::fmt;
use std::time::{Duration, Instant};

use super::options::KafkaOptions;
use crate::trouble::{Course, Troubles};

/// How long the client pauses at most before it tries a broker again, in milliseconds, and the property that sets it.
const RECONNECT: (&str, u64) = ("reconnect.backoff.max.ms", 10_000);

/// What a trouble is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The connections to brokers.
    Connection,
    /// What the client said else: the error's code, or a line of its log without its figures.
    Client(String),
    /// Reading breaks off and begins again.
    Reading,
    /// The client does not close.
    Closing,
    /// A topic that cannot be looked at.
    Topic(String),
    /// A partition that is not read.
    Partition(String, i32),
    /// A partition whose beginning and end the broker does not say.
    Ends(String, i32),
}

impl fmt::Display for About {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            About::Connection => out.write_str("the connection to the brokers"),
            About::Client(said) => write!(out, "what the Kafka client reported ({said})"),
            About::Reading => out.write_str("reading from Kafka"),
            About::Closing => out.write_str("closing the Kafka client"),
            About::Topic(topic) => write!(out, "topic {topic}"),
            About::Partition(topic, partition) => write!(out, "partition {topic}[{partition}]"),
            About::Ends(topic, partition) => write!(out, "beginning and end of partition {topic}[{partition}]"),
        }
    }
}

/// The troubles of all sessions of a source.
pub(super) struct KafkaTroubles {
    troubles: Troubles<About>,
    /// What happens, as an error does, is over once it has not happened for so long while a broker answered.
    quiet: Duration,
}

impl KafkaTroubles {
    pub(super) fn new(options: &KafkaOptions) -> KafkaTroubles {
        let (name, usual) = RECONNECT;
        let reconnect = options.properties.get(name).and_then(|millis| millis.parse().ok()).unwrap_or(usual);
        // The client spreads its pauses by a fifth; twice as long leaves room for the attempt itself.
        let quiet = 2 * options.retry_pause.max(Duration::from_millis(reconnect));
        KafkaTroubles { troubles: Troubles::default(), quiet }
    }

    /// A trouble is met. Its course, if it is time to tell of it.
    pub(super) fn met(&self, about: About) -> Option<Course> {
        self.troubles.met(about, Instant::now())
    }

    /// A broker answered: what has not happened for a while is over.
    pub(super) fn answered(&self) {
        let Some(before) = Instant::now().checked_sub(self.quiet) else { return };
        self.tell_over(self.troubles.over(before, |about| match about {
            About::Connection | About::Client(_) | About::Reading | About::Closing => true,
            // These are said where it is seen that they are over.
            About::Topic(_) | About::Partition(..) | About::Ends(..) => false,
        }));
    }

    /// A topic was looked at.
    pub(super) fn topic_is_well(&self, topic: &str) {
        self.over(|about| matches!(about, About::Topic(known) if known == topic));
    }

    /// A partition is read.
    pub(super) fn partition_is_read(&self, topic: &str, partition: i32) {
        self.over(|about| matches!(about, About::Partition(known, number) if known == topic && *number == partition));
    }

    /// The broker said where a partition begins and ends.
    pub(super) fn ends_are_known(&self, topic: &str, partition: i32) {
        self.over(|about| matches!(about, About::Ends(known, number) if known == topic && *number == partition));
    }

    fn over(&self, is_over: impl Fn(&About) -> bool) {
        // Whatever was met, also this very moment.
        self.tell_over(self.troubles.over(Instant::now() + Duration::from_secs(1), is_over));
    }

    fn tell_over(&self, over: Vec<(About, Course)>) {
        for (about, Course { times, lasted }) in over {
            tracing::info!(times, ?lasted, "over: {about}");
        }
    }
}

/// A line of the client's log without its figures, which are others each time.
pub(super) fn without_figures(line: &str) -> String {
    line.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_in_their_figures_only_are_one_trouble() {
        let lines = ["b:9092/1: 3 requests timed out after 1001ms", "b:9093/2: 12 requests timed out after 999ms"];
        assert_eq!(without_figures(lines[0]), without_figures(lines[1]));
        assert_ne!(without_figures("property a"), without_figures("property b"));
    }
}
