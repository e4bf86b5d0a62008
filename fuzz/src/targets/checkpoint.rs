//! Checkpoints: parts, files of parts and lists. Whatever stands in them, it is refused or a state is made of it; one that
//! says a position and is what was kept has its digest. An input is a byte that says which it is, and its bytes.

use std::sync::Arc;

use checkpoints::{Checkpoint, KeepPolicy, KeptCheckpoints};
use ledger::{LedgerReader, MemoryStorage};
use projections::{State, StateReader};

use super::Target;
use super::sound::{LastCheckpoint, files, filled, lines, options, storage_of, with_checkpoints};
use crate::seals::{seal_list, seal_pack};

/// Kinds of inputs: a part of the state, by its place; behind them, the files.
const LIST: u8 = 0xFD;
const PACK: u8 = 0xFE;
const RAW: u8 = 0xFF;

pub(super) struct CheckpointParts {
    inputs: Vec<Vec<u8>>,
    parts: Vec<Vec<u8>>,
    packs: Vec<(String, Vec<u8>)>,
    last: Checkpoint,
    reader: LedgerReader,
    digest: String,
}

impl CheckpointParts {
    pub(super) fn new() -> CheckpointParts {
        let (memory, packs, last) = (MemoryStorage::new(), MemoryStorage::new(), LastCheckpoint::default());
        let started = filled(with_checkpoints(options(&memory, 60), &last, &packs), &lines(4, 300), 20);
        let Some(kept) = kept_now(&started, &packs) else { panic!("a sound state is kept") };
        let reader = started.handle.reader();
        let (parts, digest) = started.handle.read(|view| {
            let mut parts = Vec::new();
            let written: Result<(), ()> = view.state.write_parts(&mut |part| {
                parts.push(part.to_vec());
                Ok(())
            });
            assert_eq!(written, Ok(()));
            (parts, view.state.digest(&reader).expect("memory reads"))
        });
        assert!(parts.len() < usize::from(LIST), "a number of a byte for each part");
        let packs = files(&packs);
        let mut inputs: Vec<Vec<u8>> =
            parts.iter().enumerate().map(|(at, part)| [&[at as u8], part.as_slice()].concat()).collect();
        let list = [b"TRIBLIST", &kept.checksum()[..], kept.content()].concat();
        inputs.push([&[LIST], list.as_slice()].concat());
        for (_, pack) in &packs {
            inputs.push([&[PACK], pack.as_slice()].concat());
            inputs.push([&[RAW], pack.as_slice()].concat());
        }
        CheckpointParts { inputs, parts, packs, last: kept, reader, digest }
    }

    fn check_part(&self, at: usize, part: &[u8]) {
        let mut reader = StateReader::new();
        let parts =
            self.parts.iter().enumerate().map(|(place, sound)| if place == at { part } else { sound.as_slice() });
        if parts.into_iter().try_for_each(|part| reader.part(part)).is_ok() {
            drop(reader.finish(&self.reader).map(|state: State| state.position()));
        }
    }

    /// With the first file of parts as it is given, the state is what it was, or there is none.
    fn check_pack(&self, pack: &[u8]) -> Result<(), String> {
        let given = self
            .packs
            .iter()
            .enumerate()
            .map(|(at, (name, sound))| (name.as_str(), if at == 0 { pack } else { sound.as_slice() }));
        let kept = KeptCheckpoints::new(Arc::new(storage_of(given)), KeepPolicy::NONE);
        match kept.restore_from(&self.last, &self.reader) {
            Ok((state, _)) if state.digest(&self.reader).ok().as_ref() == Some(&self.digest) => Ok(()),
            Ok(_) => Err("a state was made of other parts than were kept".to_owned()),
            Err(_) => Ok(()),
        }
    }

    fn check_list(&self, list: &[u8]) {
        let name = "00000000000000000100.checkpoint";
        let packs = self.packs.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let kept = KeptCheckpoints::new(
            Arc::new(storage_of(packs.chain([(name, list)]))),
            KeepPolicy { interval: 1, count: 9 },
        );
        let (state, _) = kept.restore(u64::MAX, &self.reader);
        std::hint::black_box(state.position());
        if let Some((_, content)) = list.split_at_checked(40) {
            let checksum = *blake3::hash(content).as_bytes();
            if let Ok(checkpoint) = Checkpoint::from_kept(content.to_vec(), &checksum) {
                drop((checkpoint.cursor(), checkpoint.parts()));
                drop(kept.restore_from(&checkpoint, &self.reader));
            }
        }
    }
}

/// A checkpoint of an engine's state where it stands.
fn kept_now(started: &ingest::Started, packs: &MemoryStorage) -> Option<Checkpoint> {
    let kept = KeptCheckpoints::new(Arc::new(packs.clone()), KeepPolicy::NONE);
    let end = started.handle.reader().end();
    started.handle.read(|view| kept.write(view.state, &end)).ok()
}

impl Target for CheckpointParts {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let Some((kind, bytes)) = input.split_first() else { return Ok(()) };
        let mut bytes = bytes.to_vec();
        match *kind {
            LIST => {
                seal_list(&mut bytes);
                self.check_list(&bytes);
                Ok(())
            }
            PACK => {
                seal_pack(&mut bytes);
                self.check_pack(&bytes)
            }
            RAW => self.check_pack(&bytes),
            at => {
                self.check_part(usize::from(at) % self.parts.len(), &bytes);
                Ok(())
            }
        }
    }
}
