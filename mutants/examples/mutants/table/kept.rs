//! What is kept beside the ledger for a quick start.

use super::{Mutant, mutant, simulator, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("late-entries-forgotten-over-a-restart", "A start from a checkpoint forgets which entries changed earlier trades", &[simulator(20)]),
    mutant("part-of-a-checkpoint-not-checked", "A checkpoint's part is used that is not what its name says", &[simulator(20), test("checkpoints", "checkpoint", "any_byte_of_its_parts_changed_is_found_out_by_their_names")]),
    mutant("list-of-a-checkpoint-not-checked", "A checkpoint's list is used that is not what was written", &[test("checkpoints", "checkpoint", "any_byte_changed_is_found_out_by_the_checksum")]),
    mutant("checkpoint-of-another-position-used", "A checkpoint's state is used for a place where it does not stand", &[test("checkpoints", "checkpoint", "one_whose_place_is_not_its_states_is_refused")]),
    mutant("place-of-a-checkpoint-not-looked-for", "A checkpoint is used whose place the ledger does not have", &[test("ledger", "ledger", "reading::a_checkpoint_of_another_ledger_is_refused")]),
    mutant("checkpoint-ahead-of-its-state", "A checkpoint names the place behind a frame that its state does not hold", &[simulator(20), test("ingest", "restart", "a_start_takes_the_checkpoint_and_replays_the_tail")]),
    mutant("parts-of-the-last-checkpoint-swept", "Parts that only the last checkpoint names are removed", &[simulator(20)]),
    mutant("frame-taken-twice-after-a-restart", "After a start from a checkpoint what the first frame says beside its events is taken twice", &[simulator(40), test("ingest", "restart", "a_start_takes_the_checkpoint_and_replays_the_tail")]),
];
