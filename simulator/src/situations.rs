//! What a run can meet, by name: the proof that the generator reaches what matters.

use std::collections::BTreeMap;

macro_rules! situations {
    ($($variant:ident = $name:literal,)*) => {
        /// Something that a run can meet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Situation { $(#[doc = $name] $variant,)* }

        impl Situation {
            /// All of them.
            pub const ALL: &'static [Situation] = &[$(Situation::$variant,)*];

            /// What it is called in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Situation::$variant => $name,)* }
            }
        }
    };
}

situations! {
    Crash = "the power failed while the ledger was written",
    CrashAtStart = "the power failed while the ledger was opened",
    CrashesInARow = "three faults in a row without an entry between them",
    LostStep = "a crash lost a step that nobody was told of",
    KeptStep = "a crash kept a step that nobody was told of",
    PartOfStepKept = "a crash kept the first frames of a step and lost the others",
    TornEnd = "a start cut off a torn end",
    WriteError = "a write failed half done",
    SyncError = "a sync failed",
    FullDisk = "the disk was full",
    FlippedBit = "a start refused a ledger with a flipped bit",
    LostSegment = "a start refused a ledger without one of its segments",
    NewSegment = "the ledger went on in a new segment",
    CheckpointUsed = "a start took a checkpoint",
    CheckpointDiscarded = "a start threw a checkpoint away",
    CheckpointFailed = "a checkpoint was not kept",
    DamagedPart = "a bit of the parts of checkpoints turned",
    LostPart = "a file with parts of checkpoints vanished",
    OldCheckpoint = "a start found an older checkpoint than the last",
    NoCheckpoint = "a start found no checkpoint where there had been one",
    RunWritten = "the index went on to a run on disk",
    RunsMerged = "runs of the index became one",
    RunsUsed = "a start from a checkpoint stood on runs",
    RunUnfinished = "a fault left a run unfinished",
    MergeUnfinished = "a fault left a merge of runs unfinished",
    DamagedRun = "a start did not believe a run with a flipped bit, or that was cut short",
    LostRun = "a start missed a run that was taken away, or made it again",
    ClockBack = "the clock went back behind the ledger",
    ClockAhead = "the clock jumped ahead by days",
    Rewind = "messages came again",
    Gap = "offsets held no message",
    Duplicate = "an event was a duplicate",
    DuplicateAfterRestart = "an event was a duplicate of one of an earlier life",
    Conflict = "an event contradicted an accepted one",
    Poison = "something was no event",
    Redriven = "a second try was accepted",
    RedriveFailed = "a second try failed again",
    Discarded = "a quarantined event was discarded",
    Replaced = "another event took the place of a quarantined one",
    CommandAppended = "a command appended an event",
    CommandRepeated = "a command was repeated under its key",
    CommandRefused = "a command was refused",
    CommandLost = "a crash left a command unanswered",
    HangUp = "nobody waited for the answer any more",
    ManyWorks = "several works shared a step",
    LateRegistration = "a registration came after a trade of its account",
    LateCode = "a code came after a registration by it",
    LateRate = "a rate came that lies before accepted trades",
    LateParent = "a parent came after its sub-account",
    Circle = "parents formed a circle",
    ReversalFirst = "a reversal came before its trade",
    ManyInvitees = "a code had more than 64 invitees",
    LargeAmount = "an amount at the limit was accepted",
    ShownAgain = "what was shown was asked for again and was the same",
    ShownAfterRestart = "what an earlier life showed was the same",
    AskedEverything = "every answer was the second reading's",
    StoppedInOrder = "a life ended in order",
    StandbyBegun = "a standby began with nothing",
    StandbyFailed = "a fault ended a standby, which was started again",
    StandbyAsked = "a standby was asked what its leader had shown",
    TookOver = "a standby took over from a leader that a fault had ended",
    HandedOver = "a standby took over from a leader that ended in order",
    CutOffBefore = "a leader was cut off from its standby before that had its last frame",
    CutOffBehind = "a leader was cut off from its standby when that had its last frame",
    EmptySegmentDropped = "a standby began a segment anew that nothing was in yet",
    CutBack = "who had led before followed, and what it alone had was cut off",
    RouterKilled = "a router was killed in the midst of a transaction",
    KilledBehindCommit = "a router was killed when its transaction was committed, before it knew",
    CommitUnheard = "a transaction was committed, and its router was told that this failed",
    RouterFenced = "a router was fenced by who took its id over",
    RouterOfOldGroup = "a router went on with what the group had given anew, and was refused",
    GroupChanged = "the group changed while a router read",
    OffsetsAwaited = "a router waited for what a transaction that was not ended says of offsets",
    TransactionTakenBack = "a router took a transaction back that had messages",
    TransactionOfPredecessor = "a router took back what its predecessor had not finished",
    TransactionTimedOut = "the brokers took a transaction back that took too long",
    HeldBack = "a reader waited before messages of a transaction that was not ended",
    SentOn = "a shard sent on what belongs to another",
    SentOnAgain = "a shard sent the same on twice",
    SentOnFurther = "what was sent on belonged to yet another shard",
    HeadTold = "a shard told the others of a major account",
    KilledBeforeKept = "a shard was killed between sending on and keeping how far",
    ShardFailed = "a fault ended a shard, which was started again",
    ShardReadsAgain = "a shard read messages again",
    ShardsAgree = "the answers of all shards were one ledger's",
}

/// How often each situation was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met(BTreeMap<Situation, u64>);

impl Met {
    /// It was met once more.
    pub(crate) fn note(&mut self, situation: Situation) {
        *self.0.entry(situation).or_default() += 1;
    }

    pub(crate) fn note_if(&mut self, holds: bool, situation: Situation) {
        if holds {
            self.note(situation);
        }
    }

    /// How often it was met.
    #[must_use]
    pub fn count(&self, situation: Situation) -> u64 {
        self.0.get(&situation).copied().unwrap_or_default()
    }

    /// Adds what another run met.
    pub fn add(&mut self, other: &Met) {
        for (situation, count) in &other.0 {
            *self.0.entry(*situation).or_default() += count;
        }
    }
}
