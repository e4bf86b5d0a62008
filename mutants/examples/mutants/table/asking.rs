//! What is asked for, and what is handed out.

use super::{Mutant, mutant, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("snapshot-of-an-earlier-position-given", "A question is asked of a copy of the state that is older than what was told", &[test("ingest", "snapshots", "a_snapshot_says_the_same_however_far_the_ledger_goes_on")]),
    mutant("excerpt-leaves-out-a-fact", "What is asked of one referrer as of a position leaves out the last fact that it hangs on", &[test("replay", "excerpts", "an_excerpt_says_of_its_referrer_and_of_the_moment_what_the_past_state_says")]),
    mutant("what-if-leaves-nothing-out", "A what-if leaves in what it was told to leave out", &[test("replay", "what_if", "scenarios::what_is_dropped_counts_no_more")]),
    mutant("feed-begins-an-entry-too-late", "A feed leaves out the entry after the position that it is asked from", &[test("api", "http", "feeds::a_feed_has_every_entry_with_its_postings")]),
    mutant("export-leaves-out-its-last-rows", "An export ends before the rows that fill no batch", &[test("exports", "formats_agree", "the_three_formats_hold_the_same_cells"), test("exports", "equals_the_api", "entries_and_postings_are_those_of_the_feed")]),
    mutant("affiliate-sees-what-is-of-another", "An affiliate that names another referrer sees that one's data", &[test("api", "http", "roles::each_role_reads_what_it_may")]),
    mutant("limit-of-codes-off-by-one", "A referrer may make one code too many", &[test("api", "http", "commands::the_21st_code_is_refused")]),
    mutant("rebate-above-the-base-rate-not-refused", "A command may set a rebate above the base rate in force", &[test("api", "http", "refusals::a_command_that_is_wrong_is_refused_and_appends_nothing")]),
    mutant("past-an-entry-too-early", "What is asked as of a position is answered without its entry", &[test("replay", "past_states", "a_past_state_is_that_of_a_ledger_that_ends_there_at_the_moment_that_was_recorded")]),
    mutant("cursor-skips-a-row", "A page leaves out its last row, and the next one does not begin with it", &[test("api", "http", "paging::paging_misses_and_repeats_nothing_while_events_arrive"), test("projections", "lib", "query::page::tests::pages_one_after_the_other_are_the_whole_list_sorted")]),
];
