//! The way to shards.

use super::{Mutant, mutant, simulator};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("offsets-outside-of-the-transaction", "A router commits what it put there before it says up to where it has read", &[simulator(20)]),
    mutant("read-before-a-change-passed-on", "A router passes on what it had read before the group gave the partitions anew", &[simulator(60)]),
    mutant("fenced-router-goes-on", "A router whose id another one has taken over takes it back and goes on", &[simulator(20)]),
    mutant("routed-by-its-own-uid", "A router puts what a sub-account does under its own uid, though it knows the parent", &[simulator(20)]),
    mutant("unsent-forgotten-over-a-restart", "A shard that is started again sends on nothing of what its ledger held before", &[simulator(100)]),
    mutant("kept-before-it-was-sent", "A shard keeps that something was sent on before it is", &[simulator(60)]),
];
