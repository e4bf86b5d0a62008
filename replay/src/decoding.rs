//! Frames decoded ahead of who applies them, on threads of their own.

use std::sync::Arc;
use std::thread::{Builder, Scope};

use crossbeam_channel::{Receiver, Sender, bounded};
use ledger::{Frame, FrameCursor, LedgerError, LedgerReader, Position};
use projections::FrameEvents;
use schemas::Dictionary;
use self_cell::self_cell;

use crate::what_if::Edits;

/// Frames that wait for who applies them, on each thread: about as many as are applied together, so that it is decoded
/// meanwhile.
const FRAMES_AHEAD: usize = 64;

/// A frame and the dictionary that its events refer to.
pub(crate) struct FrameWithDictionary {
    frame: Frame,
    dictionary: Arc<Dictionary>,
}

self_cell!(
    /// A frame with its events, which borrow from it.
    pub(crate) struct DecodedFrame {
        owner: FrameWithDictionary,

        #[covariant]
        dependent: FrameEvents,
    }
);

impl DecodedFrame {
    fn decode(frame: Frame, dictionary: Arc<Dictionary>, edits: Edits<'_>) -> Result<DecodedFrame, LedgerError> {
        DecodedFrame::try_new(FrameWithDictionary { frame, dictionary }, |owner| {
            let entries = owner.frame.entries(&owner.dictionary).map_while(|entry| edits.edited(entry)).flatten();
            FrameEvents::of(owner.frame.recorded_at(), owner.frame.event_count() as usize, entries)
        })
    }

    /// The position of its last entry, edited away or not; of the one before it, if it has none.
    pub(crate) fn last_position(&self) -> Position {
        let frame = self.frame();
        frame.first_position() + Position::from(frame.event_count()) - 1
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.borrow_owner().frame
    }

    pub(crate) fn events(&self) -> &FrameEvents<'_> {
        self.borrow_dependent()
    }
}

/// So many events are applied together at most, by a frame or two; so that they take some ten megabytes while they wait.
const EVENTS_TOGETHER: usize = 1 << 18;

/// So many at first, and each time twice as many: at the beginning of a ledger codes are known only once their events were
/// applied, and who registers with an unknown one is not batched.
const EVENTS_AT_FIRST: usize = 1 << 12;

/// What a frame takes beside its events, in events.
const FRAME_TAKES: usize = 16;

/// Gives the decoded frames after a place in order, as many at a time as are well applied together, until `take` says that
/// it has enough.
pub(crate) fn decoded_together<E: From<LedgerError>>(
    reader: &LedgerReader,
    from: &FrameCursor,
    threads: usize,
    edits: Edits<'_>,
    mut take: impl FnMut(Vec<DecodedFrame>) -> Result<bool, E>,
) -> Result<(), E> {
    let (mut frames, mut held, mut enough) = (Vec::new(), 0, EVENTS_AT_FIRST);
    decoded(reader, from, threads, edits, |frame| {
        held += frame.events().len() + FRAME_TAKES;
        let is_enough = held >= enough || frame.last_position() >= edits.last();
        frames.push(frame);
        if !is_enough {
            return Ok(true);
        }
        (held, enough) = (0, EVENTS_TOGETHER.min(enough * 2));
        take(std::mem::take(&mut frames))
    })?;
    if frames.is_empty() { Ok(()) } else { take(frames).map(|_| ()) }
}

/// Gives the decoded frames after a place in order, until `take` says that it has enough; with more than one thread
/// they are decoded ahead on the others. Their entries are edited, which says also what the last one is.
fn decoded<E: From<LedgerError>>(
    reader: &LedgerReader,
    from: &FrameCursor,
    threads: usize,
    edits: Edits<'_>,
    mut take: impl FnMut(DecodedFrame) -> Result<bool, E>,
) -> Result<(), E> {
    let dictionary = reader.dictionary();
    let on_others = std::thread::scope(|scope| {
        // The thread that calls applies; each other decodes every so-manieth frame, so their order needs no sorting.
        let decoded = start_decoders(scope, reader, from, threads.saturating_sub(1), &dictionary, edits)?;
        Some(take_in_turn(&decoded, &mut take))
    });
    if let Some(done) = on_others {
        return done;
    }
    for frame in reader.frames(from) {
        if !take(DecodedFrame::decode(frame?, Arc::clone(&dictionary), edits)?)? {
            break;
        }
    }
    Ok(())
}

/// What a decoder gives.
type Decoded = Receiver<Result<DecodedFrame, LedgerError>>;

/// Starts so many decoders, or as many as the system gives threads for; `None` where it is none, and whoever asks has
/// to decode.
fn start_decoders<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    reader: &'env LedgerReader,
    from: &FrameCursor,
    decoders: usize,
    dictionary: &'env Arc<Dictionary>,
    edits: Edits<'env>,
) -> Option<Vec<Decoded>> {
    let start = || Builder::new().name("replay".to_owned());
    let mut decoded = Vec::with_capacity(decoders);
    if decoders == 1 {
        // One thread reads and decodes: nothing is handed on between.
        let (frames, (sender, receiver)) = (reader.frames(from), bounded(FRAMES_AHEAD));
        start().spawn_scoped(scope, move || decode_all(frames, &sender, dictionary, edits)).ok()?;
        return Some(vec![receiver]);
    }
    let mut raw = Vec::with_capacity(decoders);
    for _ in 0..decoders {
        let (raw_sender, raw_receiver) = bounded::<Result<Frame, LedgerError>>(FRAMES_AHEAD);
        let (sender, receiver) = bounded(FRAMES_AHEAD);
        let decode = move || decode_all(raw_receiver.into_iter(), &sender, dictionary, edits);
        if start().spawn_scoped(scope, decode).is_err() {
            break;
        }
        raw.push(raw_sender);
        decoded.push(receiver);
    }
    if raw.is_empty() {
        return None;
    }
    let frames = reader.frames(from);
    start().spawn_scoped(scope, move || deal(frames, &raw)).ok()?;
    Some(decoded)
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
