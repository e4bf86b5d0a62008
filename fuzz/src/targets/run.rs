//! Runs of the index: one that is not what was written is passed over, and the numbers are the same; of one that is
//! sealed again, though wrong, nothing is asked but that nothing breaks. An input is a byte that says which of the two it
//! is, and the file.

use ingest::start;
use ledger::MemoryStorage;

use super::Target;
use super::sound::{LastCheckpoint, batch, files, filled, lines, options, step, storage_of, with_checkpoints};
use crate::seals::seal_run;

/// From so many events on they go to a run.
const RUN_EVENTS: u64 = 40;

pub(super) struct RunFiles {
    inputs: Vec<Vec<u8>>,
    files: Vec<(String, Vec<u8>)>,
    parts: MemoryStorage,
    last: LastCheckpoint,
    known: Vec<Vec<u8>>,
    digest: String,
    position: u64,
    /// The first run.
    name: String,
}

impl RunFiles {
    pub(super) fn new() -> RunFiles {
        let (memory, parts, last) = (MemoryStorage::new(), MemoryStorage::new(), LastCheckpoint::default());
        let lines = lines(5, 90);
        let mut started = filled(with_checkpoints(options(&memory, RUN_EVENTS), &last, &parts), &lines, 15);
        assert!(started.engine.step(vec![ingest::Work::Checkpoint]).is_ok());
        let reader = started.handle.reader();
        let digest = started.handle.read(|view| view.state.digest(&reader)).expect("memory reads");
        let position = started.handle.position();
        drop(started);
        let mut files = files(&memory);
        files.retain(|(name, _)| name != "LOCK");
        let (name, run) = files.iter().find(|(name, _)| name.ends_with(".run")).cloned().expect("a run was written");
        let inputs = vec![[&[0], run.as_slice()].concat(), [&[1], run.as_slice()].concat()];
        let known = lines.into_iter().step_by(4).collect();
        RunFiles { inputs, files, parts, last, known, digest, position, name }
    }
}

impl Target for RunFiles {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let Some((kind, bytes)) = input.split_first() else { return Ok(()) };
        let is_sealed = kind % 2 == 1;
        let mut bytes = bytes.to_vec();
        if is_sealed {
            seal_run(&mut bytes);
        }
        let files = self
            .files
            .iter()
            .map(|(name, sound)| (name.as_str(), if *name == self.name { bytes.as_slice() } else { sound.as_slice() }));
        let memory = storage_of(files);
        let options = with_checkpoints(options(&memory, RUN_EVENTS), &self.last, &self.parts);
        let mut started = start(options, &mut |_| {}).map_err(|error| format!("it does not start: {error}"))?;
        let reader = started.handle.reader();
        let digest = started.handle.read(|view| view.state.digest(&reader)).map_err(|error| error.to_string());
        let again = batch(&started.handle, &self.known);
        let is_taken = step(&mut started, again);
        if is_sealed {
            return Ok(());
        }
        if digest.as_ref() != Ok(&self.digest) {
            return Err(format!("the digest is {digest:?}, it was {}", self.digest));
        }
        if !is_taken || started.handle.position() != self.position {
            return Err("what it had was not known again".to_owned());
        }
        Ok(())
    }
}
