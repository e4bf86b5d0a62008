//! Who only reads survives what passes: a reading that fails once costs a moment, and no entry is taken twice.

mod support;

use ingest::traces::Way;
use ingest::{Started, Work, start_read_only};
use ledger::{EventReader, Faults, FaultyStorage, MemoryStorage};
use support::*;

fn take(started: &mut Started, lines: &[Vec<u8>]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

#[test]
fn given_any_one_reading_fails_when_it_is_tried_again_then_the_follower_has_every_entry_once() {
    let memory = MemoryStorage::new();
    let mut daemon = started(&memory);
    let lines = hostile(5, 600);
    let pieces: Vec<&[Vec<u8>]> = lines.chunks(60).collect();
    take(&mut daemon, pieces[0]);
    let faulty = FaultyStorage::new(memory, Faults::default());
    let (follower, _) = start_read_only(read_only(&faulty), &mut |_| {}).expect("beside the daemon");
    let mut failed = 0;
    for (number, piece) in pieces[1..].iter().enumerate() {
        let (first, second) = piece.split_at(piece.len() / 2);
        take(&mut daemon, first);
        take(&mut daemon, second);
        // Another reading of the refresh fails each time.
        faulty.set_faults(Faults { read_fails_at: Some(faulty.reads() + 1 + number as u64), ..Faults::default() });
        follower.refresh();
        if !follower.readiness().is_ready_to_answer() {
            failed += 1;
            let told = follower.readiness().missing_to_answer();
            assert!(told[0].detail.contains("the device reports an error"), "{told:?}");
        }
        assert_eq!(follower.readiness().failure, None, "it passes");
        faulty.set_faults(Faults::default());
        assert_eq!(follower.refresh(), daemon.engine.position());
        assert!(follower.readiness().is_ready_to_answer());
        assert_eq!(numbers(&follower), numbers(&daemon.handle), "after the piece {number}");
    }
    assert!(failed > 2, "some readings failed: {failed}");
    for position in 1..=follower.position() {
        let (read, written) = (follower.reader(), daemon.handle.reader());
        assert_eq!(read.event(position).expect("reads"), written.event(position).expect("reads"));
    }
}
