//! Two questions: whether it answers for the whole ledger, and whether it takes in everything that it is to take in.

use std::fmt;

use crate::sources::Unread;

/// Something without which it is not ready, in the one form in which probes, status, page and metrics tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What: the ledger, the brokers, a topic, a partition; the same words as long as it is missing.
    pub what: String,
    /// Why, and what to do; a sentence.
    pub detail: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.what, self.detail)
    }
}

/// How the ledger is: what is wrong with it, and what of its sources is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Why the ledger takes nothing more, or cannot be followed, if so.
    pub failure: Option<String>,
    /// Why the ledger cannot be read on just now, if so; it is tried again.
    pub hindrance: Option<String>,
    /// What is not read, and why.
    pub unread: Vec<Unread>,
    /// Whether the ledger is only read here.
    pub is_read_only: bool,
    /// Whether nothing is answered since no standby is there to hold it.
    pub lacks_standby: bool,
    /// What is waited for before anybody leads, where leaders are elected, if so.
    pub no_leader: Option<String>,
}

impl Readiness {
    /// What keeps it from answering for the whole ledger, whatever becomes of the sources.
    #[must_use]
    pub fn missing_to_answer(&self) -> Vec<Missing> {
        let failure = self.failure.iter().map(|failure| {
            let does = if self.is_read_only { "cannot be followed any more" } else { "takes nothing more" };
            Missing { what: "ledger".to_owned(), detail: format!("it {does}: {failure}. Start the daemon again") }
        });
        let hindrance = self.hindrance.iter().map(|hindrance| Missing {
            what: "ledger".to_owned(),
            detail: format!("it cannot be followed just now, which is tried again: {hindrance}"),
        });
        failure.chain(hindrance).collect()
    }

    /// What keeps it from taking in all that it is to take in: everything that keeps it from answering, and what is
    /// to be read and is not.
    #[must_use]
    pub fn missing_to_ingest(&self) -> Vec<Missing> {
        let mut missing = self.missing_to_answer();
        if self.is_read_only {
            let detail = "the ledger is only read here: another process takes in its events".to_owned();
            missing.push(Missing { what: "ingestion".to_owned(), detail });
        }
        if let Some(why) = &self.no_leader {
            missing.push(Missing { what: "leader".to_owned(), detail: why.clone() });
        }
        if self.lacks_standby {
            let detail = "none has kept up for ten seconds, and nothing is answered that this machine alone holds \
                (replication.acks = 1): start one with --follow, or set replication.without_standby to go-on";
            missing.push(Missing { what: "standby".to_owned(), detail: detail.to_owned() });
        }
        let unread = self.unread.iter().filter(|unread| !unread.why.is_meant());
        missing.extend(unread.map(|unread| Missing { what: unread.part.to_string(), detail: unread.why.to_string() }));
        missing
    }

    /// Whether it answers for the whole ledger.
    #[must_use]
    pub fn is_ready_to_answer(&self) -> bool {
        self.missing_to_answer().is_empty()
    }

    /// Whether it takes in everything that it is to take in, besides.
    #[must_use]
    pub fn is_ready_to_ingest(&self) -> bool {
        self.missing_to_ingest().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{SourceBoard, SourcePart, WhyUnread};

    fn readiness(board: &SourceBoard) -> Readiness {
        Readiness {
            failure: None,
            hindrance: None,
            unread: board.all_unread(),
            is_read_only: false,
            lacks_standby: false,
            no_leader: None,
        }
    }

    fn ingests(board: &SourceBoard) -> Vec<String> {
        readiness(board).missing_to_ingest().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_to_be_read_and_is_not_keeps_from_taking_in_and_never_from_answering() {
        let board = SourceBoard::default();
        board.unread("t", 0, WhyUnread::NotChosen);
        board.unread("t", 1, WhyUnread::NotGiven);
        board.assigned("t", 2);
        assert_eq!(ingests(&board), [""; 0], "it is meant so");
        board.unread("t", 2, WhyUnread::Lost { next_offset: 3, earliest: 10 });
        let told = &ingests(&board)[0];
        let begins =
            "partition t[2]: the ledger reads on at offset 3, but the broker's first is 10: offsets 3 to 9 are gone";
        assert!(told.starts_with(begins), "{told}");
        board.assigned("t", 2);
        for why in [WhyUnread::Unknown, WhyUnread::Awaited, WhyUnread::Failed { detail: "no".into() }] {
            board.whole(SourcePart::Topic { topic: "u".into() }, Some(why.clone()));
            assert_eq!(ingests(&board), [format!("topic u: {why}")]);
            assert!(readiness(&board).is_ready_to_answer());
        }
    }

    #[test]
    fn a_ledger_that_failed_is_ready_for_neither_and_one_that_is_only_read_takes_in_nothing() {
        let failed = Readiness {
            failure: Some("the disk is full".into()),
            hindrance: None,
            unread: Vec::new(),
            is_read_only: false,
            lacks_standby: false,
            no_leader: None,
        };
        assert!(!failed.is_ready_to_answer() && !failed.is_ready_to_ingest());
        let read = Readiness {
            failure: None,
            hindrance: None,
            unread: Vec::new(),
            is_read_only: true,
            lacks_standby: false,
            no_leader: None,
        };
        assert!(read.is_ready_to_answer() && !read.is_ready_to_ingest());
        assert_eq!(read.missing_to_ingest()[0].what, "ingestion");
    }
}
