//! The group of an election: whether it gives this member the partition, and until when that is sure.
//!
//! That the client holds the partition says what it heard last. That is not enough: a process that was stopped goes on where it
//! was. So a member that holds it commits an offset again and again, which the coordinator takes from nobody but a member of
//! the present generation. A commit that was taken proves that nobody else held the partition when it was *begun*; and the
//! coordinator waits a whole session from a later moment on before it gives the partition to another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ingest::kafka::KafkaError;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError as ClientError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::options::ElectionOptions;
use crate::topic::{ElectError, Talk, client_config};

/// So long the client may go without being asked before it leaves the group by itself: a member that hangs must not lead.
const POLL_AT_LEAST: Duration = Duration::from_secs(30);

/// A member of the group, or one that may become it.
pub(crate) struct Group {
    consumer: BaseConsumer<GroupTalk>,
    word: Arc<Mutex<Word>>,
    topic: String,
    session: Duration,
    is_subscribed: bool,
    committed: i64,
}

/// What the group said last.
#[derive(Default)]
struct Word {
    holds: bool,
    /// The commit that is under way: its number, and when it was begun.
    under_way: Option<(i64, Instant)>,
    /// When the last commit was begun that was taken.
    confirmed: Option<Instant>,
    trouble: Option<String>,
}

impl Word {
    fn lose(&mut self) {
        (self.holds, self.under_way, self.confirmed) = (false, None, None);
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
                lock(&self.word).lose();
                tracing::info!("the group takes the partition of the election back");
            }
            Rebalance::Error(error) => {
                lock(&self.word).lose();
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
            let mut word = lock(&self.word);
            word.lose();
            word.holds = true;
            tracing::info!("the group gives the partition of the election");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        let mut word = lock(&self.word);
        let number = offsets.elements().first().and_then(|element| match element.offset() {
            Offset::Offset(number) => Some(number),
            _ => None,
        });
        let Some((under_way, begun)) = word.under_way.filter(|(under_way, _)| Some(*under_way) == number) else {
            return;
        };
        word.under_way = None;
        match result {
            Ok(()) if word.holds => {
                word.confirmed = Some(begun);
                word.trouble = None;
            }
            Ok(()) => {}
            Err(error) => {
                word.trouble = Some(error.to_string());
                let gone = [
                    RDKafkaErrorCode::UnknownMemberId,
                    RDKafkaErrorCode::IllegalGeneration,
                    RDKafkaErrorCode::FencedInstanceId,
                ];
                if error.rdkafka_error_code().is_some_and(|code| gone.contains(&code)) {
                    word.lose();
                }
                tracing::debug!(%error, number = under_way, "the group did not confirm that it gives the partition");
            }
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
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", millis(session))
            .set("heartbeat.interval.ms", millis((session / 12).max(Duration::from_millis(250))))
            .set("max.poll.interval.ms", millis((3 * session).max(POLL_AT_LEAST)));
        let word = Arc::<Mutex<Word>>::default();
        let talk = GroupTalk { talk: Talk::new(&options.kafka), word: Arc::clone(&word) };
        let consumer = config.create_with_context(talk).map_err(KafkaError::from)?;
        Ok(Group { consumer, word, topic: options.topic.clone(), session, is_subscribed: false, committed: 0 })
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

    /// Hears what the group says, and has it confirm that it gives the partition.
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
        let now = Instant::now();
        let mut word = lock(&self.word);
        if word.holds && self.consumer.assignment_lost() {
            word.lose();
        }
        let is_due = match (word.under_way, word.confirmed) {
            (Some((_, begun)), _) => now.duration_since(begun) > self.session,
            (None, Some(begun)) => now.duration_since(begun) > self.session / 12,
            (None, None) => true,
        };
        if !word.holds || !is_due {
            return;
        }
        self.committed += 1;
        word.under_way = Some((self.committed, now));
        drop(word);
        let mut list = TopicPartitionList::new();
        let committed = list
            .add_partition_offset(&self.topic, 0, Offset::Offset(self.committed))
            .and_then(|()| self.consumer.commit(&list, CommitMode::Async));
        if let Err(error) = committed {
            tracing::debug!(%error, "nothing can be committed just now");
            lock(&self.word).under_way = None;
        }
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
