//! The standby of a run: a daemon on a second machine that takes the leader's frames. What the leader appends is told only
//! once it is there. It fails by itself, takes over when the leader has failed or is cut off, and follows again as who led
//! before.

use std::fmt::Display;
use std::sync::Arc;

use ingest::{
    Acks, Handle, LeadError, ReplicationOptions, ShippedError, Started, Superseded, WithoutStandby, Work, start,
};
use ledger::{FaultyStorage, FrameCursor, Ledger, LedgerReader, MemoryStorage, ShippedAfter, ShippedPiece};
use ledger::{Storage, WriteLock, cut_back};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::auditor::audit;
use crate::clock::SimulatedClock;
use crate::disk::{faults_of, is_simulated};
use crate::failure::Failure;
use crate::machine::Machine;
use crate::plan::{Plan, pick};
use crate::situations::{Met, Situation};
use crate::world::World;

const NAME: &str = "the standby";

/// The segments of a ledger, by name, with their bytes.
type Segments = Vec<(String, Option<Vec<u8>>)>;

/// A standby beside a leader, while that lives.
pub(crate) struct Standby {
    leader: Handle,
    side: Arc<Mutex<Side>>,
}

/// What of it the leader drives while it waits for it.
struct Side {
    leader: Handle,
    machine: Machine,
    plan: Plan,
    clock: SimulatedClock,
    rng: ChaCha8Rng,
    started: Option<Started>,
    cut: Option<Cut>,
    /// How many frames the leader waited for.
    waited: u32,
    leads: bool,
    trouble: Option<Failure>,
    met: Met,
}

/// The network between the two fails, and the standby is promoted.
#[derive(Clone, Copy)]
struct Cut {
    /// When the leader waits for so many frames to be held.
    at: u32,
    /// Whether the last of them came through, and only the word that it is held did not.
    is_taken: bool,
}

/// How a ledger is held twice here.
fn options(is_standby: bool) -> ReplicationOptions {
    ReplicationOptions { is_standby, acks: Acks::One, without_standby: WithoutStandby::Wait }
}

/// What was done; `None` if a fault of the simulated disk kept it from being done.
fn done<T>(result: Result<T, impl Display>) -> Result<Option<T>, Failure> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if is_simulated(&error.to_string()) => Ok(None),
        Err(error) => Err(Failure::of(format!("on the standby: {error}"))),
    }
}

impl Standby {
    /// Begins to follow a leader that was just started, and takes what it lacks.
    pub(crate) fn begin(world: &mut World, leader: &Handle, with_faults: bool) -> Result<Standby, Failure> {
        leader.set_replication(options(false));
        let mut rng = ChaCha8Rng::seed_from_u64(world.rng.random());
        let is_cut = with_faults && rng.random_ratio(1, 3);
        let cut = is_cut.then(|| Cut { at: rng.random_range(1..12), is_taken: rng.random_ratio(1, 2) });
        let mut side = Side {
            leader: leader.clone(),
            machine: std::mem::take(&mut world.there),
            plan: world.plan,
            clock: world.clock.clone(),
            rng,
            started: None,
            cut,
            waited: 0,
            leads: false,
            trouble: None,
            met: Met::default(),
        };
        side.start(with_faults)?;
        side.take_all()?;
        side.tell()?;
        let side = Arc::new(Mutex::new(side));
        let driven = Arc::clone(&side);
        leader.drive_standbys(Some(Box::new(move || driven.lock().drive())));
        Ok(Standby { leader: leader.clone(), side })
    }

    /// Whether it leads since the last step, and what should not have been.
    pub(crate) fn leads(&self) -> Result<bool, Failure> {
        let mut side = self.side.lock();
        side.trouble.take().map_or(Ok(side.leads), Err)
    }

    /// Asks it what somebody was shown before: it answers as its leader did, as far as it has come.
    pub(crate) fn show_again(&self, world: &mut World) -> Result<(), Failure> {
        let handle = self.handle()?;
        let at = world.rng.random_range(0..world.shown.len());
        world.met.note(Situation::StandbyAsked);
        world.shown[at].check(&handle)
    }

    /// Takes the rest, and holds it against the model and the leader's bytes.
    pub(crate) fn audit(&self, world: &World) -> Result<(), Failure> {
        let mut side = self.side.lock();
        side.take_all()?;
        side.tell()?;
        audit(world, &side.running()?.handle)?;
        let disks = [&world.here.disk, &side.machine.disk];
        let [here, there] = disks.map(segments);
        let (mut here, there) = (here?, there?);
        // A fault may have left the leader a segment that no frame is in yet: it is shipped with its first one.
        if here.len() == there.len() + 1 {
            here.pop();
        }
        if here == there {
            return Ok(());
        }
        let names = |segments: Segments| {
            segments.into_iter().map(|(name, bytes)| (name, bytes.map(|bytes| bytes.len()))).collect::<Vec<_>>()
        };
        Err(Failure::of(format!("the standby's bytes are not the leader's: {:?}, {:?}", names(here), names(there))))
    }

    /// Leads from now on, on its machine; whoever led before follows from the next life on. Gives the daemon that runs.
    pub(crate) fn take_over(self, world: &mut World) -> Result<Started, Failure> {
        let mut side = self.into_side()?;
        if !side.leads {
            side.lead()?;
        }
        world.met.add(&side.met);
        world.there = std::mem::replace(&mut world.here, side.machine);
        side.started.ok_or_else(|| Failure::of("a standby that leads does not run".to_owned()))
    }

    /// Ends with its leader. It may lose its power as well.
    pub(crate) fn end(self, world: &mut World) -> Result<(), Failure> {
        let mut side = self.into_side()?;
        side.started = None;
        if side.rng.random_ratio(1, 2) {
            side.crash();
        }
        world.met.add(&side.met);
        world.there = side.machine;
        Ok(())
    }

    fn handle(&self) -> Result<Handle, Failure> {
        Ok(self.side.lock().running()?.handle.clone())
    }

    fn into_side(self) -> Result<Side, Failure> {
        // The leader's handle is gone with what drives it, which holds that handle.
        self.leader.drive_standbys(None);
        let side = Arc::into_inner(self.side);
        side.map(Mutex::into_inner).ok_or_else(|| Failure::of("the standby is still driven".to_owned()))
    }
}

fn segments(disk: &MemoryStorage) -> Result<Segments, Failure> {
    let mut names = disk.list()?;
    names.retain(|name| name.ends_with(".segment"));
    names.sort_unstable();
    names.into_iter().map(|name| Ok((name.clone(), disk.contents(&name)?))).collect()
}

impl Side {
    fn running(&mut self) -> Result<&mut Started, Failure> {
        self.started.as_mut().ok_or_else(|| Failure::of("the standby does not run".to_owned()))
    }

    /// The leader waits: it takes what there is and says so, or the network fails.
    fn drive(&mut self) {
        if let Err(failure) = self.try_drive() {
            self.trouble = Some(failure);
            // So that nobody waits any more.
            self.leader.supersede(Superseded { epoch: u16::MAX });
        }
    }

    fn try_drive(&mut self) -> Result<(), Failure> {
        self.waited += 1;
        match self.cut {
            Some(Cut { at, is_taken }) if at == self.waited => {
                if is_taken {
                    self.take_all()?;
                }
                self.met.note(if is_taken { Situation::CutOffBehind } else { Situation::CutOffBefore });
                self.lead()
            }
            Some(_) | None => self.take_all().and_then(|()| self.tell()),
        }
    }

    /// Takes what the leader has, in pieces of some size.
    fn take_all(&mut self) -> Result<(), Failure> {
        loop {
            let (leader, end) = (self.leader.reader(), *self.leader.written().borrow());
            let place = self.running()?.handle.reader().end();
            let bytes_max = pick(&mut self.rng, &[1, 700, 1 << 20]);
            match leader.shipped_after(&place, &end, bytes_max)? {
                ShippedAfter::Nothing => return Ok(()),
                ShippedAfter::Piece(piece) => self.take(piece)?,
                ShippedAfter::Elsewhere => {
                    return Err(Failure::of(format!("the standby's place {place:?} is none of its leader's")));
                }
            }
        }
    }

    fn take(&mut self, piece: ShippedPiece) -> Result<(), Failure> {
        let taken = Arc::<Mutex<Option<Result<FrameCursor, ShippedError>>>>::default();
        let told = Arc::clone(&taken);
        let (place, segment, offset) = (self.running()?.handle.reader().end(), piece.segment, piece.offset);
        let work = Work::Shipped { piece, term: 0, reply: Box::new(move |taken| *told.lock() = Some(taken)) };
        let stepped = self.running()?.engine.step(vec![work]);
        if done(stepped)?.is_none() {
            return self.start_again();
        }
        match taken.lock().take() {
            Some(Ok(_)) => Ok(()),
            other => Err(Failure::of(format!(
                "the standby at {place:?} did not take its leader's frames, of segment {segment} from byte {offset}: {other:?}"
            ))),
        }
    }

    /// Says how far it holds the ledger.
    fn tell(&mut self) -> Result<(), Failure> {
        let place = self.running()?.handle.reader().end();
        self.leader.standby_reached(NAME, place).map_err(|error| Failure::of(error.to_string()))
    }

    /// Begins to lead; the leader, if it still runs, is told.
    fn lead(&mut self) -> Result<(), Failure> {
        loop {
            let led = Arc::<Mutex<Option<Result<FrameCursor, LeadError>>>>::default();
            let told = Arc::clone(&led);
            let work = Work::Lead { epoch: None, reply: Box::new(move |led| *told.lock() = Some(led)) };
            let stepped = self.running()?.engine.step(vec![work]);
            if done(stepped)?.is_none() {
                self.start_again()?;
                continue;
            }
            if !matches!(*led.lock(), Some(Ok(_))) {
                return Err(Failure::of(format!("the standby cannot lead: {:?}", led.lock())));
            }
            self.leads = true;
            let epoch = self.running()?.handle.reader().epoch();
            self.leader.supersede(Superseded { epoch });
            return Ok(());
        }
    }

    /// A fault ended it.
    fn start_again(&mut self) -> Result<(), Failure> {
        self.met.note(Situation::StandbyFailed);
        self.started = None;
        if self.rng.random_ratio(2, 3) {
            self.crash();
        }
        self.start(false)
    }

    fn crash(&mut self) {
        let seed = self.rng.random();
        self.machine.crash(seed);
    }

    /// Starts it, again where a fault ends the start.
    fn start(&mut self, with_faults: bool) -> Result<(), Failure> {
        let mut with_faults = with_faults;
        loop {
            let faults = faults_of(&self.plan.faults, &self.machine.disk, &mut self.rng);
            let disk =
                FaultyStorage::new(self.machine.disk.clone(), if with_faults { faults } else { Default::default() });
            if let Some(started) = self.open(&disk)? {
                started.handle.set_replication(options(true));
                self.started = Some(started);
                return Ok(());
            }
            self.met.note(Situation::StandbyFailed);
            self.crash();
            with_faults = false;
        }
    }

    /// Opens its ledger: begun as the leader's is where there is none, and cut back to what both have where it is that of
    /// who led before.
    fn open(&mut self, disk: &FaultyStorage) -> Result<Option<Started>, Failure> {
        let storage: Arc<dyn Storage> = Arc::new(disk.clone());
        let (leader, end) = (self.leader.reader(), *self.leader.written().borrow());
        let Some(names) = done(disk.list())? else { return Ok(None) };
        if !names.iter().any(|name| name.ends_with(".segment")) {
            let ShippedAfter::Piece(piece) = leader.shipped_after(&FrameCursor::START, &end, 1)? else {
                return Err(Failure::of("the leader does not give the beginning of its ledger".to_owned()));
            };
            let begun = WriteLock::take(Arc::clone(&storage), NAME).map_err(|error| error.to_string());
            let begun = begun.and_then(|lock| Ledger::begin_shipped(&lock, &piece).map_err(|error| error.to_string()));
            if done(begun)?.is_none() {
                return Ok(None);
            }
            self.met.note(Situation::StandbyBegun);
        }
        let Some(started) = self.open_as_it_is(disk)? else { return Ok(None) };
        let reader = started.handle.reader();
        let empty = reader.end_before_empty_segment()?;
        self.met.note_if(empty.is_some(), Situation::EmptySegmentDropped);
        // It was promoted, and a fault ended it when that was durable.
        let is_later = reader.epoch() > leader.epoch();
        let is_there = |place: &FrameCursor| {
            Ok::<bool, ledger::LedgerError>(leader.shipped_after(place, &end, 1)? != ShippedAfter::Elsewhere)
        };
        let to = match empty {
            Some(place) if is_later || is_there(&place)? => place,
            _ if is_later || is_there(&reader.end())? => return Ok(Some(started)),
            _ => {
                let Some(common) = done(common_place(&leader, &end, &reader))? else { return Ok(None) };
                self.met.note(Situation::CutBack);
                self.machine.was_cut_back = true;
                common
            }
        };
        drop(reader);
        drop(started);
        let cut = WriteLock::take(storage, NAME).map_err(|error| error.to_string());
        let cut = cut.and_then(|lock| cut_back(&lock, &to, None).map_err(|error| error.to_string()));
        if done(cut)?.is_none() {
            return Ok(None);
        }
        // There may be more than one that nothing is in.
        self.open(disk)
    }

    fn open_as_it_is(&self, disk: &FaultyStorage) -> Result<Option<Started>, Failure> {
        done(start(self.machine.options(&self.plan, &self.clock, disk.clone()), &mut |_| {}))
    }
}

/// The last place that both ledgers have: the beginning, if no frame is the same.
fn common_place(
    leader: &LedgerReader,
    end: &FrameCursor,
    own: &LedgerReader,
) -> Result<FrameCursor, ledger::LedgerError> {
    let mut common = leader.durable_segments(end, 1, 1)?[0].start;
    for frame in own.frames(&FrameCursor::START) {
        let place = frame?.cursor_after();
        if leader.shipped_after(&place, end, 1)? != ShippedAfter::Elsewhere {
            common = place;
        }
    }
    Ok(common)
}
