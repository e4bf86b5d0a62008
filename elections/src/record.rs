//! What stands on the topic of an election: one message each, as JSON.

use std::collections::BTreeSet;

use ledger::Epoch;
use serde::{Deserialize, Serialize};

/// A message. A *member* is one copy of the ledger, by the name that stays with its directory; an *instance* is one process of
/// it; a *term* counts the claims to lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// A process of a member says that it is there, and where.
    Here {
        /// The member.
        member: String,
        /// What its settings call it.
        name: String,
        /// The process.
        instance: String,
        /// Where the others reach it.
        url: String,
    },
    /// A member claims to lead: from here on nobody takes frames of an earlier leader.
    Claims {
        /// Which claim it is: one more than the last that stands on the topic.
        term: u64,
        /// The member.
        member: String,
        /// The process.
        instance: String,
        /// Whether a person told it to.
        by_hand: bool,
    },
    /// A member takes no more frames of an earlier leader, and holds the ledger up to a place.
    Place {
        /// The claim that it answers.
        term: u64,
        /// The member.
        member: String,
        /// The place, in hexadecimal digits.
        place: String,
    },
    /// Who claimed leads, and these are in sync with it.
    Leads {
        /// The claim.
        term: u64,
        /// The member.
        member: String,
        /// The process.
        instance: String,
        /// The epoch of the frames that it writes.
        epoch: Epoch,
        /// The standbys of which each may be the one that holds what was answered.
        in_sync: BTreeSet<String>,
        /// The head of the ledger's first frame, by which one ledger is told from another; none before there is one.
        ledger: Option<String>,
    },
    /// A standby in sync reaches Kafka, and not its leader.
    CutOff {
        /// The term of that leader.
        term: u64,
        /// The standby.
        member: String,
    },
}

impl Record {
    /// What a compacted topic keeps the last message of. No message that counts for nothing has the key of one that counts.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Record::Here { member, .. } => format!("here/{member}"),
            Record::Claims { term, member, .. } => format!("claims/{term}/{member}"),
            Record::Place { member, .. } => format!("place/{member}"),
            Record::Leads { term, member, .. } => format!("leads/{term}/{member}"),
            Record::CutOff { member, .. } => format!("cut-off/{member}"),
        }
    }

    /// The term of a claim and of what came of it: once a later one leads, nobody needs it.
    #[must_use]
    pub(crate) fn term_of_claim(&self) -> Option<u64> {
        match self {
            Record::Claims { term, .. } | Record::Leads { term, .. } => Some(*term),
            Record::Here { .. } | Record::Place { .. } | Record::CutOff { .. } => None,
        }
    }
}
