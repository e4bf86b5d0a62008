//! The thread of a standby that asks its leader for frames and gives them to the engine, until it is stopped or the standby is
//! promoted. From then on another one goes on telling the former leader that it leads no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::anyhow;
use ingest::{Handle, ShippedError};

use super::leader::{Asked, Leader, LeaderError};
use super::{PAUSE, tells_of_older};
use crate::exit::Failure;

/// So many seconds the leader waits for frames before it answers that there are none, where nothing else is said.
pub(crate) const WAIT_SECONDS: u64 = 5;

/// A standby that follows.
pub(crate) struct Following {
    leader: Arc<Leader>,
    handle: Handle,
    term: u64,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Following {
    /// Begins to follow who leads by a claim; 0 where the leader is not elected. Where there are no frames, it is asked again after
    /// so many seconds.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(leader: Leader, handle: Handle, term: u64, wait: u64) -> Result<Following, Failure> {
        handle.follow(leader.url());
        let (leader, is_over) = (Arc::new(leader), Arc::<AtomicBool>::default());
        let mut following = Following { leader, handle, term, is_over, threads: Vec::new() };
        let Following { leader, handle, is_over, term, .. } = &following;
        let follower = Follower {
            leader: Arc::clone(leader),
            handle: handle.clone(),
            term: *term,
            wait,
            is_over: Arc::clone(is_over),
            said: None,
            told_older: false,
        };
        following.threads.push(thread("follow", move || follower.run())?);
        Ok(following)
    }

    /// It is promoted: tells the former leader, which takes nothing more then, and goes on telling it: one that is gone may come
    /// back as it was. A thread of its own does this, since what was shipped last may wait until another standby follows.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn tell_former(&mut self) -> Result<(), Failure> {
        let (leader, handle, is_over) = (Arc::clone(&self.leader), self.handle.clone(), Arc::clone(&self.is_over));
        self.threads.push(thread("former", move || {
            let mut said = None;
            while !is_over.load(Ordering::Relaxed) {
                let told = leader.tell_to_step_down(handle.reader().epoch());
                if said.as_ref() != Some(&told) {
                    match &told {
                        Ok(()) => {
                            tracing::info!(former = leader.url(), "the former leader has heard that it leads no more")
                        }
                        Err(why) => {
                            tracing::warn!(
                                former = leader.url(),
                                why,
                                "the former leader has not heard yet that it leads no more"
                            );
                        }
                    }
                    said = Some(told.clone());
                }
                // It may be started again as it was.
                std::thread::sleep(if told.is_ok() { 5 * PAUSE } else { PAUSE });
            }
        })?);
        Ok(())
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Failure> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map_err(|error| Failure::failed(anyhow!(error).context("no thread to ask the leader")))
}

impl Drop for Following {
    /// Asks no more. A question that is under way is not waited for.
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..).filter(JoinHandle::is_finished) {
            // It told of a panic by itself.
            let _ = thread.join();
        }
    }
}

struct Follower {
    leader: Arc<Leader>,
    handle: Handle,
    term: u64,
    wait: u64,
    is_over: Arc<AtomicBool>,
    /// What was said of a leader that does not answer, and since when it does not.
    said: Option<(String, Instant)>,
    told_older: bool,
}

impl Follower {
    fn run(mut self) {
        while !self.is_over.load(Ordering::Relaxed) && !*self.handle.watch_lead().borrow() {
            if !self.follow_on() {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Asks once. False if it is to be asked again only after a while.
    fn follow_on(&mut self) -> bool {
        let reader = self.handle.reader();
        let asked = self.leader.ask(&reader.end(), reader.epoch(), self.wait);
        if self.is_over.load(Ordering::Relaxed) {
            // Another one is followed by now.
            return true;
        }
        match asked {
            Ok(Asked::Frames(piece, end)) => match self.handle.take_shipped(piece, self.term) {
                Ok(_) => {
                    self.heard(end.position);
                    true
                }
                Err(ShippedError::Leads | ShippedError::Turned) => true,
                // The process ends.
                Err(ShippedError::Stopped(_)) => false,
                Err(ShippedError::Refused(why)) => {
                    self.not_heard(why);
                    false
                }
            },
            Ok(Asked::Nothing(end)) => {
                self.heard(end.position);
                true
            }
            Ok(Asked::Elsewhere) => {
                // While it ran, another daemon has begun to lead where this one asks.
                let why = "this ledger has entries that its leader does not have: started again, it lays them aside, or says why not";
                self.handle.fail_to_follow(why.to_owned());
                false
            }
            Ok(Asked::Older) => {
                if !std::mem::replace(&mut self.told_older, true) {
                    tells_of_older(&self.leader, &self.handle);
                }
                self.handle.heard_of_leader(Err("it leads an earlier epoch than this ledger has".to_owned()));
                false
            }
            Err(LeaderError::Silent(why)) => {
                self.not_heard(why);
                false
            }
            Err(LeaderError::Refused(failure)) => {
                self.not_heard(failure.in_words());
                false
            }
        }
    }

    fn heard(&mut self, position: u64) {
        self.handle.heard_of_leader(Ok(position));
        if let Some((_, since)) = self.said.take() {
            tracing::info!(leader = self.leader.url(), seconds = since.elapsed().as_secs(), "the leader answers again");
        }
    }

    fn not_heard(&mut self, why: String) {
        self.handle.heard_of_leader(Err(why.clone()));
        let since = match &self.said {
            Some((said, _)) if *said == why => return,
            Some((_, since)) => *since,
            None => Instant::now(),
        };
        tracing::warn!(leader = self.leader.url(), why, "the leader is not followed just now: it is asked again");
        self.said = Some((why, since));
    }
}
