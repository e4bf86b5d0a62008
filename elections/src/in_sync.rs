//! Which standbys are in sync with a leader: those of which each may be the one that holds what is answered. It stands on the
//! topic before it counts, so that whoever leads next knows whom it has to hear.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ledger::FrameCursor;

/// A standby as its leader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandbyFacts {
    /// Its name.
    pub member: String,
    /// Up to where it holds the ledger durably.
    pub place: FrameCursor,
    /// How long ago it asked last.
    pub asked_ago: Duration,
    /// How long ago it had everything that there was when it had asked before.
    pub level_ago: Option<Duration>,
}

/// What decides on it.
pub(crate) struct Rules {
    /// A standby that has not kept up for so long is in sync no more.
    pub(crate) absent_after: Duration,
    /// Whether a standby has to hold what is answered.
    pub(crate) acks: bool,
    /// Whether the leader goes on alone where none is in sync.
    pub(crate) goes_on: bool,
}

/// Those in sync with a leader, as it keeps account of them.
pub(crate) struct InSync {
    rules: Rules,
    since: Instant,
    /// What was written to the topic and not read there yet.
    under_way: Option<BTreeSet<String>>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Whose word counts.
    pub(crate) counted: BTreeSet<String>,
    /// Whether nobody's has to.
    pub(crate) may_be_alone: bool,
    /// What the topic is to say.
    pub(crate) said: Option<BTreeSet<String>>,
}

impl InSync {
    pub(crate) fn new(rules: Rules, now: Instant) -> InSync {
        InSync { rules, since: now, under_way: None }
    }

    /// Looks who keeps up. `logged` are those that stand on the topic; `passed` is up to where everything was answered.
    pub(crate) fn keep(
        &mut self,
        logged: &BTreeSet<String>,
        standbys: &[StandbyFacts],
        passed: &FrameCursor,
        now: Instant,
    ) -> Kept {
        let Rules { absent_after, acks, goes_on } = self.rules;
        if self.under_way.as_ref() == Some(logged) {
            self.under_way = None;
        }
        let led_for = now.duration_since(self.since);
        let is_level = |standby: &&StandbyFacts| standby.level_ago.is_some_and(|ago| ago < absent_after);
        let of = |member: &String| standbys.iter().find(|standby| standby.member == *member);
        // Who is new at leading has not been asked yet.
        let keeps_up = |member: &&String| led_for < absent_after || of(member).filter(is_level).is_some();
        let mut stay: BTreeSet<String> = logged.iter().filter(keeps_up).cloned().collect();
        if stay.is_empty() && acks && !goes_on {
            // NOTE: the last one stays. Who leads next has to hear it, or this leader.
            stay.clone_from(logged);
        }
        // Only who stands on the topic counts, and nobody who may be off it already.
        let mut counted: BTreeSet<String> = logged.intersection(&stay).cloned().collect();
        if let Some(under_way) = &self.under_way {
            counted.retain(|member| under_way.contains(member));
            return Kept { counted, may_be_alone: false, said: Some(under_way.clone()) };
        }
        let holds_all = |standby: &StandbyFacts| !standby.place.precedes(passed);
        let may_be_alone = logged.is_empty();
        let mut wanted = stay;
        if wanted.len() < logged.len() {
            // What was answered on the word of who goes has to be held by one of those that stay.
            let is_held = wanted.iter().filter_map(of).any(holds_all);
            if !(is_held || !acks || wanted.is_empty()) {
                return Kept { counted, may_be_alone, said: None };
            }
        } else {
            let come = standbys.iter().filter(is_level).filter(|standby| {
                standby.asked_ago < absent_after && (!acks || !logged.is_empty() || holds_all(standby))
            });
            wanted.extend(come.map(|standby| standby.member.clone()));
        }
        if wanted == *logged {
            return Kept { counted, may_be_alone, said: None };
        }
        counted.retain(|member| wanted.contains(member));
        self.under_way = Some(wanted.clone());
        Kept { counted, may_be_alone: false, said: Some(wanted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Duration = Duration::from_secs(10);

    fn place(offset: u64) -> FrameCursor {
        let mut bytes = FrameCursor::START.encode();
        bytes[8..16].copy_from_slice(&offset.to_le_bytes());
        FrameCursor::decode(&bytes).expect("a place")
    }

    fn standby(member: &str, offset: u64, level_seconds_ago: u64) -> StandbyFacts {
        let ago = Duration::from_secs(level_seconds_ago);
        StandbyFacts { member: member.to_owned(), place: place(offset), asked_ago: ago, level_ago: Some(ago) }
    }

    fn set(members: &[&str]) -> BTreeSet<String> {
        members.iter().map(|member| (*member).to_owned()).collect()
    }

    fn needing_one(goes_on: bool) -> (InSync, Instant) {
        let begun = Instant::now();
        let rules = Rules { absent_after: SESSION, acks: true, goes_on };
        (InSync::new(rules, begun), begun + 2 * SESSION)
    }

    #[test]
    fn a_standby_counts_only_once_the_topic_says_so() {
        let (mut in_sync, now) = needing_one(false);
        let there = [standby("b", 100, 0)];
        let kept = in_sync.keep(&set(&[]), &there, &place(100), now);
        assert_eq!(kept, Kept { counted: set(&[]), may_be_alone: false, said: Some(set(&["b"])) });
        let kept = in_sync.keep(&set(&[]), &there, &place(100), now);
        assert_eq!(kept.said, Some(set(&["b"])), "it is said until it is read");
        let kept = in_sync.keep(&set(&["b"]), &there, &place(100), now);
        assert_eq!(kept, Kept { counted: set(&["b"]), may_be_alone: false, said: None });
    }

    #[test]
    fn the_first_has_to_hold_everything_that_was_answered_and_the_next_have_to_keep_up() {
        let (mut in_sync, now) = needing_one(false);
        let kept = in_sync.keep(&set(&[]), &[standby("b", 99, 0)], &place(100), now);
        assert_eq!(kept.said, None);
        let kept = in_sync.keep(&set(&["b"]), &[standby("b", 100, 0), standby("c", 90, 1)], &place(100), now);
        assert_eq!(kept.said, Some(set(&["b", "c"])));
    }

    #[test]
    fn who_goes_counts_no_more_and_is_taken_off_once_the_others_hold_what_was_answered() {
        let (mut in_sync, now) = needing_one(false);
        let (logged, gone) = (set(&["b", "c"]), standby("b", 100, 11));
        let kept = in_sync.keep(&logged, &[gone.clone(), standby("c", 90, 1)], &place(100), now);
        assert_eq!(kept, Kept { counted: set(&["c"]), may_be_alone: false, said: None });
        let kept = in_sync.keep(&logged, &[gone, standby("c", 100, 1)], &place(100), now);
        assert_eq!(kept, Kept { counted: set(&["c"]), may_be_alone: false, said: Some(set(&["c"])) });
        // It is back before that is read: it is no more counted than before.
        let kept = in_sync.keep(&logged, &[standby("b", 100, 0), standby("c", 100, 1)], &place(100), now);
        assert_eq!(kept.counted, set(&["c"]));
    }

    #[test]
    fn the_last_one_stays_unless_the_leader_is_to_go_on_alone() {
        let (mut in_sync, now) = needing_one(false);
        let gone = [standby("b", 100, 11)];
        let kept = in_sync.keep(&set(&["b"]), &gone, &place(100), now);
        assert_eq!(kept, Kept { counted: set(&["b"]), may_be_alone: false, said: None });
        let (mut in_sync, now) = needing_one(true);
        let kept = in_sync.keep(&set(&["b"]), &gone, &place(100), now);
        assert_eq!(kept, Kept { counted: set(&[]), may_be_alone: false, said: Some(set(&[])) });
        assert!(in_sync.keep(&set(&[]), &gone, &place(100), now).may_be_alone);
    }
}
