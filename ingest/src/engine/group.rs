//! Works that will share a frame: batches in the order given, and who is to be answered for each.

use std::collections::BTreeSet;

use ledger::{Batch, Outcome};
use schemas::{Event, StreamKey, Uid};

use crate::work::{CommandError, Done, Reply};

/// What is gathered for the next frame.
#[derive(Default)]
pub(super) struct Group {
    pub(super) batches: Vec<Batch>,
    /// One for each batch.
    pub(super) answers: Vec<Answer>,
    has_batches: bool,
    /// The accounts that commands in the group act for or append to.
    accounts: BTreeSet<Uid>,
    /// The names that commands in the group append to.
    names: BTreeSet<String>,
}

/// Who is to be answered, with what.
pub(super) enum Answer {
    /// What became of each event.
    Batch(Option<Reply<Vec<Outcome>>>),
    /// What the command came to.
    Command { event: Box<Event<'static>>, reply: Reply<Result<Done, CommandError>> },
}

impl Group {
    pub(super) fn add_batch(&mut self, batch: Batch, reply: Option<Reply<Vec<Outcome>>>) {
        self.batches.push(batch);
        self.answers.push(Answer::Batch(reply));
        self.has_batches = true;
    }

    pub(super) fn add_command(
        &mut self,
        uid: Uid,
        event: Event<'static>,
        batch: Batch,
        reply: Reply<Result<Done, CommandError>>,
    ) {
        self.accounts.insert(uid);
        match event.stream() {
            StreamKey::Account(account) => drop(self.accounts.insert(account)),
            StreamKey::Name(name) => drop(self.names.insert(name.to_owned())),
            StreamKey::Platform => {}
        }
        self.batches.push(batch);
        self.answers.push(Answer::Command { event: Box::new(event), reply });
    }

    /// Whether there is something in it that was not decided by a command: that may concern anybody.
    pub(super) fn has_batches(&self) -> bool {
        self.has_batches
    }

    /// Whether a command in it acts for this account, or appends to it.
    pub(super) fn concerns_account(&self, uid: Uid) -> bool {
        self.accounts.contains(&uid)
    }

    /// Whether a command in it appends where this one would.
    pub(super) fn concerns_stream(&self, stream: &StreamKey<'_>) -> bool {
        match stream {
            StreamKey::Account(account) => self.accounts.contains(account),
            StreamKey::Name(name) => self.names.contains(*name),
            StreamKey::Platform => false,
        }
    }
}
