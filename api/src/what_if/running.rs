//! One what-if, from its assignment to what it comes to.

use ingest::{AsOfError, Handle};
use ledger::{EventReader, Position};
use projections::State;
use projections::views::Difference;
use replay::PastError;
use replay::what_if::{Misfit, WhatIf, WhatIfError, what_if};
use tokio::sync::watch;

use super::jobs::Job;

/// What is to be worked out.
pub(super) struct Assignment {
    pub(super) asked: WhatIf,
    /// The position that is edited; the present one where none was named.
    pub(super) until: Option<Position>,
    pub(super) ledger: Handle,
    pub(super) stopping: watch::Receiver<bool>,
}

/// How a what-if ended.
pub(super) enum Over {
    Done(WhatIf, Difference),
    Failed { number: Option<u64>, reason: &'static str, field: Option<String>, detail: String },
}

impl Over {
    /// Something went wrong here: the cause goes to the log.
    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Over {
        tracing::error!(%cause, "a what-if failed");
        Over::failed("it failed; the log of the daemon says why")
    }

    fn failed(detail: &str) -> Over {
        Over::Failed { number: None, reason: "internal", field: None, detail: detail.to_owned() }
    }
}

impl Assignment {
    /// Works it out. The ledger's state is only looked at for moments: the entries are read and applied beside it.
    pub(super) fn work(self, job: &Job) -> Over {
        let Assignment { asked, until, ledger, stopping } = self;
        let reader = ledger.reader();
        let arrived = match until.map(|position| reader.recorded_at(position)).transpose() {
            Ok(recorded_at) => recorded_at.unwrap_or_else(|| ledger.now()),
            Err(error) => return Over::internal(&error),
        };
        let as_of = std::cell::Cell::new(until);
        let unlent = std::cell::RefCell::new(None);
        // The first state lent is the one that is edited; what is asked of it again, the present one knows as well.
        let lend = |ask: &mut dyn FnMut(&State)| match as_of.take() {
            Some(position) => {
                if let Err(error) = ledger.read_as_of(position, |view| ask(view.state)) {
                    *unlent.borrow_mut() = Some(match error {
                        AsOfError::Snapshot(error) => Over::failed(&error.to_string()),
                        AsOfError::Past(error @ PastError::Busy { .. }) => Over::failed(&error.to_string()),
                        AsOfError::Past(PastError::Replay(error)) => Over::internal(&error),
                    });
                }
            }
            None => match ledger.snapshot() {
                Ok(snapshot) => ask(snapshot.view().state),
                Err(error) => *unlent.borrow_mut() = Some(Over::failed(&error.to_string())),
            },
        };
        let worked = what_if(&asked, &reader, &lend, arrived, 1, &mut |progress| {
            job.progress(progress.position, progress.until);
            !*stopping.borrow()
        });
        if let Some(over) = unlent.take() {
            return over;
        }
        match worked {
            Ok((difference, _)) => Over::Done(asked, difference),
            Err(WhatIfError::Misfit(Misfit { number, reason, field, detail })) => {
                Over::Failed { number: Some(number), reason, field, detail }
            }
            Err(WhatIfError::Stopped) => Over::failed("the daemon ends"),
            Err(error @ WhatIfError::TooMany { .. }) => Over::failed(&error.to_string()),
            Err(error @ (WhatIfError::Ledger(_) | WhatIfError::Read(_))) => Over::internal(&error),
        }
    }
}
