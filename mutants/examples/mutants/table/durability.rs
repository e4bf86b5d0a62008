//! What the ledger keeps on disk.

use super::{Mutant, mutant, simulator, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("frame-not-synced", "A frame is told of as durable and was not synced", &[simulator(20), test("ledger", "ledger", "crash::given_a_crash_before_any_operation_then_nothing_acknowledged_is_lost_and_nothing_is_there_twice")]),
    mutant("readers-told-before-the-sync", "Readers see the events of a frame before it is durable", &[test("ledger", "ledger", "failure::a_sync_that_fails_stops_the_ledger_for_good")]),
    mutant("mark-set-before-the-frame", "The durable mark leads: it is set before the frame is written", &[simulator(20), test("ledger", "ledger", "crash::given_a_crash_before_any_operation_then_nothing_acknowledged_is_lost_and_nothing_is_there_twice")]),
    mutant("mark-not-looked-at", "A ledger that ends before its durable mark is taken for whole", &[test("ledger", "ledger", "damage::a_cut_file_is_found_unless_only_an_unacknowledged_tail_is_gone")]),
    mutant("name-of-a-segment-not-synced", "A new segment is written to before its name is durable", &[simulator(40)]),
    mutant("names-not-made-durable-at-the-start", "A start appends to a segment whose name the process before did not make durable", &[test("ledger", "ledger", "crash::given_a_process_that_ended_before_the_name_of_a_segment_was_durable_then_what_the_next_one_appends_is_not_lost_with_it")]),
    mutant("last-frame-not-made-durable-at-the-start", "A whole last frame of which the sync may have failed is taken as it is", &[simulator(20), test("ledger", "ledger", "failure::given_a_failed_sync_when_the_next_start_finds_the_frame_then_it_is_made_durable_before_it_counts")]),
    mutant("torn-frame-taken", "A frame is taken whose bytes are not those of its checksum", &[simulator(20), test("ledger", "ledger", "crash::given_a_crash_before_any_operation_then_nothing_acknowledged_is_lost_and_nothing_is_there_twice")]),
    mutant("torn-end-not-cut", "What a crash left of a write stays behind the last frame", &[simulator(60), test("ledger", "ledger", "damage::a_flip_in_the_last_frame_is_a_torn_write_where_nothing_says_that_it_was_acknowledged")]),
    mutant("cut-not-told-of-before", "A write that a crash tore is cut off, and nothing says so if that does not become durable", &[test("ledger", "ledger", "failure::a_cut_off_write_whose_cut_was_not_made_durable_does_not_come_back_behind_a_later_segment")]),
    mutant("damage-cut-off-as-torn", "A damaged frame that was acknowledged is cut off as if a crash had torn it", &[test("ledger", "ledger", "damage::a_flip_in_a_frame_that_another_follows_is_damage_where_nothing_says_that_it_was_acknowledged_too")]),
    mutant("manifest-before-its-segments", "A backup in an object store is told of before all of it is there", &[test("backups", "objects", "broken_off_anywhere_the_backup_before_stands_or_a_longer_one_and_the_next_is_whole")]),
    mutant("segment-that-grew-not-shipped", "What was appended to a segment since the last backup is not shipped", &[test("backups", "objects", "full_segments_are_sent_once_and_all_comes_back_byte_for_byte")]),
    mutant("hash-chain-not-checked", "A frame is taken that does not hold the hash of the frame before it", &[test("ledger", "ledger", "damage::a_frame_of_another_ledger_breaks_the_hash_chain")]),
    mutant("segment-not-held-against-the-one-before", "A segment is taken that does not continue the one before it", &[test("ledger", "ledger", "damage::a_cut_file_is_found_unless_only_an_unacknowledged_tail_is_gone")]),
    mutant("last-record-of-a-frame-dropped", "The last event of a frame with several is answered and not written", &[simulator(20)]),
    mutant("ledger-goes-on-after-a-failure", "A ledger whose write or sync failed takes the next commit", &[test("ledger", "ledger", "failure::a_sync_that_fails_stops_the_ledger_for_good")]),
    mutant("engine-goes-on-after-a-failure", "An engine that failed takes the next step", &[simulator(20), test("ingest", "engine", "when_the_disk_fails_nobody_is_told_that_it_is_done_and_nothing_more_is_taken")]),
    mutant("recorded-at-goes-back", "An entry is recorded before the one before it when the clock goes back", &[simulator(40), test("ledger", "ledger", "reading::recorded_at_never_decreases_whatever_the_clock_does")]),
    mutant("second-writer-let-in", "A second process may write the ledger that another one writes", &[test("ledger", "ledger", "reading::on_a_disk_it_is_the_same")]),
    mutant("merged-run-counts-from-elsewhere", "Runs of the index that are merged lead to other events", &[simulator(20), test("ledger", "ledger", "runs::a_state_of_the_past_and_a_reader_beside_stand_on_the_same_runs_cut_where_they_stand")]),
    mutant("run-not-checked", "A run of the index is believed whose bytes are not those of its checksums", &[test("ledger", "ledger", "runs::a_run_that_is_missing_damaged_or_foreign_is_not_believed_is_told_and_is_made_again")]),
    mutant("copy-not-held-against-the-chain", "A backup or a repair takes a frame that does not follow the one before", &[test("ledger", "ledger", "repairs::a_copy_of_another_ledger_changes_nothing")]),
];
