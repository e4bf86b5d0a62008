//! The group of an election: whether it gives this member the partition, and until when that is sure.
//!
//! That the client holds the partition says what it heard last. That is not enough: a process that was stopped goes on where it
//! was. So a member that holds it commits an offset again and again, which the coordinator takes from nobody but a member of
//! the present generation. A commit that was taken proves that nobody else held the partition when it was *begun*; and the
//! coordinator waits a whole session from a later moment on before it gives the partition to another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ingest::kafka::KafkaError;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::options::ElectionOptions;
use crate::topic::{ElectError, Talk, client_config};

/// So long the client may go without being asked before it leaves the group by itself: a member that hangs must not lead.
const POLL_AT_LEAST: Duration = Duration::from_secs(30);
/// So often it is looked whether there is something to be confirmed.
const HEAR_EVERY: Duration = Duration::from_millis(50);
/// So long an answer is waited for at the end.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(2);

/// A member of the group, or one that may become it.
pub(crate) struct Group {
    consumer: Arc<BaseConsumer<GroupTalk>>,
    word: Arc<Mutex<Word>>,
    topic: String,
    session: Duration,
    is_subscribed: bool,
    confirming: JoinHandle<()>,
}

/// What the group said last.
#[derive(Default)]
struct Word {
    holds: bool,
    /// How often it was given or taken: what was begun before says nothing of what is so since.
    changes: u64,
    /// When the last commit was begun that was taken.
    confirmed: Option<Instant>,
    trouble: Option<String>,
    is_over: bool,
}

impl Word {
    fn change(&mut self, holds: bool) {
        (self.holds, self.confirmed) = (holds, None);
        self.changes += 1;
    }
}

/// Has the coordinator confirm again and again that this member holds the partition. A thread of its own does it, since it is not
/// known how long an answer takes.
fn confirm(consumer: &BaseConsumer<GroupTalk>, word: &Mutex<Word>, topic: &str, pause: Duration) {
    let mut number = 0;
    loop {
        let (holds, changes) = {
            let word = lock(word);
            if word.is_over {
                return;
            }
            (word.holds, word.changes)
        };
        if holds {
            number += 1;
            let begun = Instant::now();
            let mut list = TopicPartitionList::new();
            let committed = list
                .add_partition_offset(topic, 0, Offset::Offset(number))
                .and_then(|()| consumer.commit(&list, CommitMode::Sync));
            let mut word = lock(word);
            match committed {
                Ok(()) if word.holds && word.changes == changes && !consumer.assignment_lost() => {
                    word.confirmed = Some(begun);
                    word.trouble = None;
                }
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(%error, "the group did not confirm that it gives the partition");
                    word.trouble = Some(error.to_string());
                }
            }
        }
        std::thread::sleep(if holds { pause } else { HEAR_EVERY });
    }
}

struct GroupTalk {
    talk: Talk,
    word: Arc<Mutex<Word>>,
}

fn lock(word: &Mutex<Word>) -> MutexGuard<'_, Word> {
    word.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for GroupTalk {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.talk.log(level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.talk.error(error, reason);
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.talk.generate_oauth_token(config)
    }
}

impl ConsumerContext for GroupTalk {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Revoke(list) if list.count() > 0 => {
                lock(&self.word).change(false);
                tracing::info!("the group takes the partition of the election back");
            }
            Rebalance::Error(error) => {
                lock(&self.word).change(false);
                tracing::warn!(%error, "the group of the election failed");
            }
            Rebalance::Revoke(_) | Rebalance::Assign(_) => {}
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance
            && list.count() > 0
        {
            // Another client reads the messages.
            if let Err(error) = consumer.pause(list) {
                tracing::debug!(%error, "the partition of the election is read twice");
            }
            lock(&self.word).change(true);
            tracing::info!("the group gives the partition of the election");
        }
    }
}

impl Group {
    pub(crate) fn open(options: &ElectionOptions) -> Result<Group, ElectError> {
        let session = options.member.session;
        let millis = |duration: Duration| duration.as_millis().to_string();
        let mut config = client_config(options)?;
        config
            .set("group.id", &options.topic)
            .set("client.id", &options.member.member)
            // Who holds it keeps it, whoever comes.
            // The messages are read by another client; where this one would begin is of no matter.
            .set("auto.offset.reset", "latest")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", millis(session))
            .set("socket.timeout.ms", millis(session))
            .set("heartbeat.interval.ms", millis((session / 12).max(Duration::from_millis(250))))
            .set("max.poll.interval.ms", millis((3 * session).max(POLL_AT_LEAST)));
        let word = Arc::<Mutex<Word>>::default();
        let talk = GroupTalk { talk: Talk::new(&options.kafka), word: Arc::clone(&word) };
        let consumer: Arc<BaseConsumer<GroupTalk>> =
            Arc::new(config.create_with_context(talk).map_err(KafkaError::from)?);
        let topic = options.topic.clone();
        let confirming = {
            let (consumer, word, topic) = (Arc::clone(&consumer), Arc::clone(&word), topic.clone());
            let confirm = move || confirm(&consumer, &word, &topic, session / 12);
            let thread = std::thread::Builder::new().name("confirm".to_owned()).spawn(confirm);
            thread.map_err(ElectError::NoThread)?
        };
        Ok(Group { consumer, word, topic, session, is_subscribed: false, confirming })
    }

    /// Becomes a member, or leaves.
    pub(crate) fn stand(&mut self, stands: bool) {
        if stands == self.is_subscribed {
            return;
        }
        if stands {
            match self.consumer.subscribe(&[&self.topic]) {
                Ok(()) => tracing::info!(group = self.topic, "it stands for election"),
                Err(error) => {
                    tracing::warn!(%error, "it cannot stand for election just now");
                    return;
                }
            }
        } else {
            self.consumer.unsubscribe();
            tracing::info!(group = self.topic, "it does not stand for election any more");
        }
        self.is_subscribed = stands;
    }

    /// Hears what the group says.
    pub(crate) fn hear(&mut self) {
        while let Some(said) = self.consumer.poll(Duration::ZERO) {
            if let Err(error) = said {
                let mut word = lock(&self.word);
                if word.trouble.as_ref() != Some(&error.to_string()) {
                    tracing::warn!(%error, "the group of the election reports an error");
                    word.trouble = Some(error.to_string());
                }
            }
        }
        let mut word = lock(&self.word);
        if word.holds && self.consumer.assignment_lost() {
            word.change(false);
        }
    }

    /// How long a member may be unheard.
    pub(crate) fn session(&self) -> Duration {
        self.session
    }

    /// Until when it is sure that nobody else is given the partition; none if it is not.
    pub(crate) fn sure_until(&self) -> Option<Instant> {
        let word = lock(&self.word);
        // A tenth of the session is left for what was begun before.
        word.confirmed.filter(|_| word.holds).map(|begun| begun + self.session * 9 / 10)
    }

    /// What the group cannot do, if so.
    pub(crate) fn trouble(&self) -> Option<String> {
        lock(&self.word).trouble.clone()
    }
}

impl Drop for Group {
    /// Leaves: the client does so when nobody uses it any more. An answer that does not come is not waited for.
    fn drop(&mut self) {
        lock(&self.word).is_over = true;
        self.consumer.unsubscribe();
        let until = Instant::now() + PATIENCE_AT_THE_END;
        while !self.confirming.is_finished() && Instant::now() < until {
            self.hear();
            std::thread::sleep(HEAR_EVERY);
        }
    }
}
