//! What the messages of an election's topic come to, read in their order. All members read the same order, so all come to the
//! same: a message that comes too late counts for nothing, whoever wrote it and whatever it believed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Epoch, FrameCursor};

use crate::record::Record;

/// Where a member is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What its settings call it.
    pub name: String,
    /// Its process.
    pub instance: String,
    /// Where it is reached.
    pub url: String,
}

/// A claim to lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which one it is.
    pub term: u64,
    /// Whose.
    pub member: String,
    /// Of which process.
    pub instance: String,
    /// Whether a person told it to.
    pub by_hand: bool,
}

/// Who leads, or led last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reign {
    /// Its claim.
    pub term: u64,
    /// Who.
    pub member: String,
    /// Which process.
    pub instance: String,
    /// The epoch of its frames.
    pub epoch: Epoch,
    /// Of which each may be the one that holds what it answered.
    pub in_sync: BTreeSet<String>,
    /// Which ledger it is.
    pub ledger: Option<String>,
}

/// What the topic says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roll {
    claim: Option<Claim>,
    reign: Option<Reign>,
    /// How far members hold the ledger, of those that answered the last claim.
    places: BTreeMap<String, FrameCursor>,
    here: BTreeMap<String, Address>,
}

impl Roll {
    /// Reads the next message.
    pub fn read(&mut self, record: &Record) {
        match record {
            Record::Here { member, name, instance, url } => {
                let address = Address { name: name.clone(), instance: instance.clone(), url: url.clone() };
                self.here.insert(member.clone(), address);
            }
            Record::Claims { term, member, instance, by_hand } => {
                // Of two that claim the same, the first has it.
                if *term > self.term() {
                    let (member, instance) = (member.clone(), instance.clone());
                    self.claim = Some(Claim { term: *term, member, instance, by_hand: *by_hand });
                    self.places.clear();
                }
            }
            Record::Place { term, member, place } => {
                if *term == self.term()
                    && let Ok(place) = FrameCursor::from_hex(place)
                {
                    self.places.insert(member.clone(), place);
                }
            }
            Record::Leads { term, member, instance, epoch, in_sync, ledger } => {
                let is_claimed =
                    |claim: &Claim| (claim.term, &claim.member, &claim.instance) == (*term, member, instance);
                if self.claim.as_ref().is_some_and(is_claimed) {
                    self.reign = Some(Reign {
                        term: *term,
                        member: member.clone(),
                        instance: instance.clone(),
                        epoch: *epoch,
                        in_sync: in_sync.clone(),
                        ledger: ledger.clone(),
                    });
                }
            }
            Record::CutOff { .. } => {}
        }
    }

    /// The number of the last claim; 0 where there was none.
    #[must_use]
    pub fn term(&self) -> u64 {
        self.claim.as_ref().map_or(0, |claim| claim.term)
    }

    /// The last claim, as long as who made it does not lead.
    #[must_use]
    pub fn open_claim(&self) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| self.reign.as_ref().is_none_or(|reign| reign.term < claim.term))
    }

    /// Who leads, unless another has claimed to since.
    #[must_use]
    pub fn leader(&self) -> Option<&Reign> {
        self.reign.as_ref().filter(|reign| reign.term == self.term())
    }

    /// Who leads, or led last.
    #[must_use]
    pub fn last_reign(&self) -> Option<&Reign> {
        self.reign.as_ref()
    }

    /// Where a member is reached.
    #[must_use]
    pub fn address(&self, member: &str) -> Option<&Address> {
        self.here.get(member)
    }

    /// Whether a member may lead: it led last, or was in sync with who did.
    #[must_use]
    pub fn may_lead(&self, member: &str) -> bool {
        self.reign.as_ref().is_some_and(|reign| reign.member == member || reign.in_sync.contains(member))
    }

    /// How far a member holds the ledger, if it answered the last claim.
    #[must_use]
    pub fn place(&self, member: &str) -> Option<&FrameCursor> {
        self.places.get(member)
    }

    /// Those that may lead and have answered the last claim, each with its place.
    pub fn heard(&self) -> impl Iterator<Item = (&str, &FrameCursor)> {
        self.places.iter().map(|(member, place)| (member.as_str(), place)).filter(|(member, _)| self.may_lead(member))
    }

    /// Those of which one has to answer the last claim yet, before it is sure that the furthest of all that did has everything
    /// that was ever answered; none once it is. Who led last has it; or the furthest of those that were in sync with it has.
    #[must_use]
    pub fn unheard(&self) -> Vec<&str> {
        let Some(reign) = &self.reign else { return Vec::new() };
        let is_missing = |member: &&str| !self.places.contains_key(*member);
        if !is_missing(&reign.member.as_str()) {
            return Vec::new();
        }
        let in_sync = reign.in_sync.iter().map(String::as_str).filter(is_missing);
        let missing: Vec<&str> = in_sync.collect();
        if missing.is_empty() && !reign.in_sync.is_empty() {
            return Vec::new();
        }
        [reign.member.as_str()].into_iter().chain(missing).collect()
    }

    /// The furthest of those that may lead and have answered the last claim. All of them hold parts of one ledger.
    #[must_use]
    pub fn furthest(&self) -> Option<(&str, &FrameCursor)> {
        self.heard().reduce(|one, other| if one.1.precedes(other.1) { other } else { one })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: u64) -> FrameCursor {
        let mut bytes = FrameCursor::START.encode();
        bytes[8..16].copy_from_slice(&offset.to_le_bytes());
        FrameCursor::decode(&bytes).expect("a place")
    }

    fn claims(term: u64, member: &str) -> Record {
        Record::Claims { term, member: member.to_owned(), instance: "1".to_owned(), by_hand: false }
    }

    fn leads(term: u64, member: &str, in_sync: &[&str]) -> Record {
        Record::Leads {
            term,
            member: member.to_owned(),
            instance: "1".to_owned(),
            epoch: term as Epoch,
            in_sync: in_sync.iter().map(|member| (*member).to_owned()).collect(),
            ledger: None,
        }
    }

    fn told(term: u64, member: &str, offset: u64) -> Record {
        Record::Place { term, member: member.to_owned(), place: place(offset).hex() }
    }

    fn roll(records: &[Record]) -> Roll {
        let mut roll = Roll::default();
        records.iter().for_each(|record| roll.read(record));
        roll
    }

    #[test]
    fn what_a_former_leader_writes_after_a_claim_counts_for_nothing() {
        let before = roll(&[claims(1, "a"), leads(1, "a", &["b"]), claims(2, "b")]);
        let mut after = before.clone();
        for late in [leads(1, "a", &["b", "c"]), claims(2, "c"), claims(1, "c"), told(1, "c", 9)] {
            after.read(&late);
        }
        assert_eq!(after, before);
        assert!(after.leader().is_none() && after.may_lead("a") && !after.may_lead("c"));
        after.read(&leads(2, "c", &[]));
        assert!(after.leader().is_none(), "it did not claim first");
        after.read(&leads(2, "b", &[]));
        assert_eq!(after.leader().map(|reign| reign.member.as_str()), Some("b"));
        assert!(!after.may_lead("a"));
    }

    #[test]
    fn the_furthest_is_sure_once_who_led_was_heard_or_all_that_were_in_sync_with_it() {
        let mut roll = roll(&[claims(1, "a"), leads(1, "a", &["b", "c"]), claims(2, "b"), told(2, "b", 10)]);
        assert_eq!(roll.unheard(), ["a", "c"]);
        roll.read(&told(2, "d", 99));
        assert_eq!(roll.unheard(), ["a", "c"], "who is not in sync stands for nobody");
        let mut other = roll.clone();
        roll.read(&told(2, "c", 12));
        assert!(roll.unheard().is_empty());
        assert_eq!(roll.furthest().map(|(member, _)| member), Some("c"));
        other.read(&told(2, "a", 11));
        assert!(other.unheard().is_empty());
        assert_eq!(other.furthest().map(|(member, _)| member), Some("a"));
    }

    #[test]
    fn where_nobody_was_in_sync_who_led_is_waited_for() {
        let mut roll = roll(&[claims(1, "a"), leads(1, "a", &[]), claims(2, "b"), told(2, "b", 10)]);
        assert_eq!(roll.unheard(), ["a"]);
        roll.read(&told(2, "a", 3));
        assert!(roll.unheard().is_empty());
    }

    #[test]
    fn a_compacted_topic_comes_to_the_same() {
        let records = [
            claims(1, "a"),
            leads(1, "a", &[]),
            leads(1, "a", &["b"]),
            claims(2, "b"),
            claims(2, "c"),
            leads(1, "a", &[]),
            told(2, "c", 3),
            leads(2, "c", &[]),
            leads(2, "b", &["a"]),
            claims(3, "c"),
            told(3, "c", 5),
        ];
        let mut last = BTreeMap::new();
        for (at, record) in records.iter().enumerate() {
            last.insert(record.key(), at);
        }
        let kept = records.iter().enumerate().filter(|(at, record)| last[&record.key()] == *at);
        let kept: Vec<Record> = kept.map(|(_, record)| record.clone()).collect();
        assert!(kept.len() < records.len());
        assert_eq!(roll(&kept), roll(&records));
    }
}
