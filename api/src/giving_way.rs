//! Long work gives way: a question that grows with a range or the platform, a look back that replays, an export or
//! a what-if runs on a thread of its own, of a lower priority. So who asks something short waits for a core no longer than
//! if nothing long were under way, and long work takes what is left (`docs/decisions/0018`).

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::carried::Carried;
use crate::problem::Problem;

/// How much long work gives way to what people wait for, from 0 to 19: beside one busy thread of the common priority it gets
/// about a tenth of a core.
const NICENESS: i32 = 10;

/// Lowers the priority of the calling thread, and of those that it starts from now on, so that they take what others leave.
pub(crate) fn give_way() {
    // On Linux this is the thread's own; elsewhere it would be that of the whole process.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // Who runs all of it at a lower priority still has it so.
        let lowered = getpriority_process(None).unwrap_or_default().max(NICENESS);
        if let Err(error) = setpriority_process(None, lowered) {
            tracing::warn!(%error, "long work runs at the priority of everything else");
        }
    }
}

/// Does long work on a thread of its own that gives way.
///
/// # Errors
/// If the work panicked, or the system gives no thread.
pub(crate) async fn giving_way<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let (done, is_done) = oneshot::channel();
    let (here, runtime) = (Carried::here(), Handle::current());
    let thread = std::thread::Builder::new().name("long".to_owned()).spawn(move || {
        give_way();
        let _within = runtime.enter();
        // Who asked may have gone.
        let _ = done.send(here.around(work));
    });
    thread.map_err(|error| Problem::internal(&error))?;
    is_done.await.map_err(|_| Problem::internal(&"what was asked could not be worked out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn long_work_and_the_threads_it_starts_have_a_lower_priority_and_others_keep_theirs() {
        let priority = || rustix::process::getpriority_process(None).expect("a priority");
        let before = priority();
        let (own, of_a_thread) =
            giving_way(move || (priority(), std::thread::spawn(priority).join().expect("no panic")))
                .await
                .expect("done");
        assert_eq!((own, of_a_thread), (before.max(NICENESS), before.max(NICENESS)));
        assert_eq!(priority(), before);
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_of_ours() {
        let panicked = giving_way(|| -> u8 { panic!("on purpose") }).await;
        assert_eq!(panicked.map_err(|problem| problem.kind), Err(crate::problem::ProblemKind::Internal));
    }
}
