//! What becomes of what comes in.

use super::{Mutant, mutant, simulator, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("duplicate-taken-as-new", "An event of an identity that was accepted before is accepted again", &[simulator(20)]),
    mutant("fingerprint-taken-for-an-identity", "Two identities with the same 32 bits of a hash are taken for one", &[test("ledger", "ledger", "index::events_whose_fingerprints_collide_are_told_apart")]),
    mutant("duplicate-within-a-commit-taken-as-new", "The same where both come in one commit", &[simulator(20)]),
    mutant("account-registered-twice", "A second registration of a uid is accepted", &[simulator(20)]),
    mutant("code-of-another-owner-taken", "A code's event that names another owner is accepted", &[simulator(20)]),
    mutant("repeat-in-quarantine-kept-again", "A quarantined event that is read again gets a further id", &[simulator(20)]),
    mutant("quarantined-event-dropped", "What did not get in is answered and not kept", &[simulator(20)]),
    mutant("repeats-of-a-redriven-event-not-counted", "What came again of an event that gets in at a second try is not counted as duplicates", &[test("ledger", "ledger", "repeats::what_came_again_is_a_duplicate_once_the_event_gets_in")]),
    mutant("offset-off-by-one", "The offset to read next lies one message too far", &[simulator(20)]),
    mutant("offset-of-an-earlier-batch-kept", "Of two batches of a partition in one frame the offset of the earlier holds", &[test("ledger", "ledger", "acceptance::a_commit_of_nothing_writes_nothing_and_one_of_an_offset_writes_a_frame")]),
    mutant("refused-batch-of-a-source-dropped", "A batch that the ledger refuses is dropped, and its source goes on behind it", &[test("ingest", "refusals", "what_a_source_read_is_not_lost_when_it_is_refused_the_engine_stops_before_the_source_goes_on")]),
    mutant("half-of-a-large-batch-dropped", "Of a batch that has to be cut in two the second half is dropped", &[test("ingest", "refusals", "what_no_frame_holds_goes_into_several_in_order_and_a_source_position_with_the_last")]),
    mutant("batches-out-of-their-order", "What several threads decoded is appended as it is ready", &[test("ingest", "pipeline", "events_of_one_source_are_appended_in_the_order_in_which_they_stand")]),
    mutant("commands-decided-without-those-before", "A command is decided on without what its step brought before it", &[test("ingest", "engine", "a_command_sees_those_before_it_that_it_has_to_do_with")]),
    mutant("key-compared-by-its-prefix", "An idempotency key is taken for used by the same command, whichever it was used by", &[simulator(60), test("ingest", "engine", "a_command_with_a_key_is_done_once_also_within_one_step")]),
    mutant("key-forgotten-over-a-restart", "A start from a checkpoint forgets the idempotency keys that were used before it", &[simulator(100)]),
    mutant("actor-of-several-events-forgotten", "Nothing is kept of who sent several events at once", &[simulator(20), test("ledger", "ledger", "deeds::every_event_tells_who_sent_it_and_what_a_source_read_tells_of_nobody")]),
    mutant("actors-forgotten-over-a-restart", "A start from a checkpoint forgets where it lies who did what", &[simulator(20), test("ledger", "ledger", "deeds::a_start_and_the_bytes_of_an_index_have_them_too")]),
    mutant("last-line-without-its-end-dropped", "The last line of a file is dropped where no line end closes it", &[test("ingest", "files", "a_large_line_is_kept_whole")]),
    mutant("topic-made-anew-not-noticed", "A topic that was deleted and made again under its name is read on as the same", &[test("ingest", "lib", "kafka::identity::tests::only_a_topic_that_was_read_and_has_another_id_is_another")]),
    mutant("record-before-not-looked-at", "A partition that was written anew is read on, though the record before the offset is another", &[test("ingest", "kafka_mock", "where_no_id_was_kept_the_record_before_the_offset_tells_whether_the_topic_is_the_one_that_was_read")]),
];
