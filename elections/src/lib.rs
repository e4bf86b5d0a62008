//! Who leads a ledger that several machines hold, by Kafka's word (`docs/decisions/0031-election.md`).
//!
//! Kafka says two things. A consumer group on a topic with one partition says *who is to try*: the member that holds the
//! partition. The messages of that topic, in the one order that all read, say *what was agreed*: who claimed to lead, how far
//! each member holds the ledger, who leads and who is in sync with it. [`Roll`] is what they come to; [`Member`] is what one
//! member does about it, without a clock, a thread or a client; [`Electing`] is the thread that drives it.
//!
//! **What this crate does not do.** It reads and writes no ledger: what a member has to know of its own, and has done to it,
//! stands in [`MemberLedger`].

mod electing;
mod group;
mod in_sync;
mod member;
mod member_ledger;
mod options;
mod record;
mod roll;
mod topic;

pub use electing::{ElectError, Electing, Known};
pub use in_sync::StandbyFacts;
pub use member::{Member, MemberOptions};
pub use member_ledger::MemberLedger;
pub use options::ElectionOptions;
pub use record::Record;
pub use roll::{Address, Claim, Reign, Roll};
