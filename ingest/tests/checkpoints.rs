//! Checkpoints are kept beside the writer: it goes on while one is being kept, and waits for the last one alone.

mod support;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore};
use ingest::traces::Way;
use ingest::{CheckpointPolicy, CheckpointUse, Keeping, StartOptions, Started, Work, start};
use ledger::{MemoryStorage, Position};
use support::*;

/// What does not come by then never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Checkpoints in memory, each of which is kept when the test says so.
struct Held {
    begun: Sender<Position>,
    let_go: Receiver<()>,
    kept: Arc<Mutex<Vec<Position>>>,
}

impl CheckpointStore for Held {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let position = checkpoint.cursor()?.position();
        // The test may be over.
        let _ = self.begun.send(position);
        let _ = self.let_go.recv_timeout(PATIENCE);
        self.kept.lock().expect("no panic").push(position);
        Ok(())
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Ok(None)
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        Ok(())
    }
}

fn take(started: &mut Started, uid: u64) {
    let batch = batch(&started.handle, &[registration(uid, "AAA")]);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

#[test]
fn while_a_checkpoint_is_being_kept_the_engine_goes_on_and_only_one_more_is_kept_at_the_end() {
    let ((begun, has_begun), (go, let_go)) = (channel(), channel());
    let kept = Arc::new(Mutex::new(Vec::new()));
    let options = StartOptions {
        checkpoints: opened(Held { begun, let_go, kept: Arc::clone(&kept) }),
        checkpoint_policy: CheckpointPolicy { events: 1, interval_micros: i64::MAX },
        keeping: Keeping::Apart,
        ..options(&MemoryStorage::new())
    };
    let mut started = start(options, &mut |_| {}).expect("started");
    take(&mut started, 1);
    assert_eq!(has_begun.recv_timeout(PATIENCE), Ok(1));
    for uid in 2..10 {
        take(&mut started, uid);
        assert_eq!(started.handle.read(|view| view.as_of().position), uid, "it is applied and answered");
    }
    assert!(kept.lock().expect("no panic").is_empty() && has_begun.try_recv().is_err(), "one at a time");
    go.send(()).expect("the keeper waits");
    go.send(()).expect("and will");
    started.engine.finish();
    assert_eq!(*kept.lock().expect("no panic"), [1, 9], "the last one is there when the engine has finished");
}

#[test]
fn what_is_kept_beside_is_what_a_start_begins_at() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let options = || StartOptions {
        checkpoints: opened(kept.clone()),
        checkpoint_policy: CheckpointPolicy { events: 100, interval_micros: i64::MAX },
        keeping: Keeping::Apart,
        ..options(&storage)
    };
    let mut started = start(options(), &mut |_| {}).expect("started");
    for piece in hostile(11, 900).chunks(90) {
        let batch = batch(&started.handle, piece);
        started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
    }
    started.engine.finish();
    let numbers_before = numbers(&started.handle);
    let position = started.engine.position();
    drop(started);
    let again = start(options(), &mut |_| {}).expect("started again");
    assert_eq!((again.replayed.from, &again.replayed.checkpoint), (position, &CheckpointUse::Used));
    assert_eq!(numbers(&again.handle), numbers_before);
}
