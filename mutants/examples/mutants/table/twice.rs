//! A ledger that is held twice.

use super::{Mutant, mutant, simulator, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("told-before-a-standby-holds-it", "A leader that needs a standby tells of what it alone holds", &[simulator(40), test("ingest", "lib", "replication::tests::what_is_appended_passes_once_a_standby_holds_it_and_no_sooner")]),
    mutant("shipped-frame-not-held-against-the-chain", "A standby takes a frame that does not follow the one before", &[test("ledger", "ledger", "shipped::a_frame_that_does_not_hold_the_hash_of_the_one_before_is_refused")]),
    mutant("frame-of-a-former-leader-taken", "A standby takes a frame of an earlier epoch", &[test("ledger", "ledger", "shipped::a_frame_of_an_earlier_epoch_is_refused_though_it_goes_on")]),
    mutant("shipped-frame-not-synced", "A standby says that it holds a frame which it has not synced", &[test("ledger", "ledger", "shipped::what_a_standby_says_that_it_holds_is_there_after_a_crash")]),
    mutant("session-not-looked-at", "A leader whose session is over appends and tells", &[test("ingest", "lib", "replication::elected::tests::who_lost_its_session_appends_and_tells_nothing")]),
    mutant("standby-counted-that-is-not-in-sync", "A leader counts the word of a standby that is not in sync", &[test("ingest", "lib", "replication::elected::tests::only_a_standby_in_sync_counts")]),
    mutant("frames-of-a-former-term-taken", "Who has told its place takes frames of an earlier leader", &[test("ingest", "lib", "replication::elected::tests::frames_of_another_term_are_not_taken")]),
];
