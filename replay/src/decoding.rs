//! Frames decoded ahead of who applies them, on threads of their own.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use ledger::{Frame, FrameCursor, LedgerError, LedgerReader, Position};
use schemas::{Dictionary, Event};
use self_cell::self_cell;

use crate::what_if::Edits;

/// Frames that wait for who applies them, on each thread.
const FRAMES_AHEAD: usize = 4;

/// A frame and the dictionary that its events refer to.
pub(crate) struct FrameWithDictionary {
    frame: Frame,
    dictionary: Arc<Dictionary>,
}

type Entries<'f> = Vec<(Position, Event<'f>)>;

self_cell!(
    /// A frame with its entries, which borrow from it.
    pub(crate) struct DecodedFrame {
        owner: FrameWithDictionary,

        #[covariant]
        dependent: Entries,
    }
);

impl DecodedFrame {
    fn decode(frame: Frame, dictionary: Arc<Dictionary>, edits: Edits<'_>) -> Result<DecodedFrame, LedgerError> {
        DecodedFrame::try_new(FrameWithDictionary { frame, dictionary }, |owner| {
            owner.frame.entries(&owner.dictionary).filter_map(|entry| edits.edited(entry)).collect()
        })
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.borrow_owner().frame
    }

    pub(crate) fn entries(&self) -> &[(Position, Event<'_>)] {
        self.borrow_dependent()
    }
}

/// Gives the decoded frames after a place in order, until `take` says that it has enough; with more than one thread
/// they are decoded ahead on the others. Their entries are edited.
pub(crate) fn decoded<E: From<LedgerError>>(
    reader: &LedgerReader,
    from: &FrameCursor,
    threads: usize,
    edits: Edits<'_>,
    mut take: impl FnMut(DecodedFrame) -> Result<bool, E>,
) -> Result<(), E> {
    let dictionary = reader.dictionary();
    let mut frames = reader.frames(from);
    if threads <= 1 {
        for frame in frames {
            if !take(DecodedFrame::decode(frame?, Arc::clone(&dictionary), edits)?)? {
                break;
            }
        }
        return Ok(());
    }
    // The thread that calls applies; each other decodes every so-manieth frame, so their order needs no sorting.
    let decoders = threads - 1;
    std::thread::scope(|scope| {
        let mut decoded = Vec::with_capacity(decoders);
        let mut raw = Vec::with_capacity(decoders);
        for _ in 0..decoders {
            let (raw_sender, raw_receiver) = bounded::<Result<Frame, LedgerError>>(FRAMES_AHEAD);
            let (sender, receiver) = bounded(FRAMES_AHEAD);
            let dictionary = &dictionary;
            if decoders == 1 {
                // One thread reads and decodes: nothing is handed on between.
                let frames = std::mem::replace(&mut frames, reader.frames(from));
                scope.spawn(move || decode_all(frames, &sender, dictionary, edits));
            } else {
                scope.spawn(move || decode_all(raw_receiver.into_iter(), &sender, dictionary, edits));
                raw.push(raw_sender);
            }
            decoded.push(receiver);
        }
        if !raw.is_empty() {
            scope.spawn(move || deal(frames, &raw));
        }
        take_in_turn(&decoded, &mut take)
    })
}

/// Decodes frame after frame, until nobody wants more or one is an error.
fn decode_all(
    frames: impl Iterator<Item = Result<Frame, LedgerError>>,
    decoded: &Sender<Result<DecodedFrame, LedgerError>>,
    dictionary: &Arc<Dictionary>,
    edits: Edits<'_>,
) {
    for frame in frames {
        let frame = frame.and_then(|frame| DecodedFrame::decode(frame, Arc::clone(dictionary), edits));
        let is_last = frame.is_err();
        if decoded.send(frame).is_err() || is_last {
            return;
        }
    }
}

/// Gives each decoder its frames in turn.
fn deal(frames: impl Iterator<Item = Result<Frame, LedgerError>>, to: &[Sender<Result<Frame, LedgerError>>]) {
    for (frame, decoder) in frames.zip(to.iter().cycle()) {
        if decoder.send(frame).is_err() {
            return;
        }
    }
}

fn take_in_turn<E: From<LedgerError>>(
    decoded: &[Receiver<Result<DecodedFrame, LedgerError>>],
    take: &mut impl FnMut(DecodedFrame) -> Result<bool, E>,
) -> Result<(), E> {
    for decoder in decoded.iter().cycle() {
        // A decoder that has gone had no frame more, and neither has the next one.
        let Ok(frame) = decoder.recv() else { break };
        if !take(frame?)? {
            break;
        }
    }
    Ok(())
}
