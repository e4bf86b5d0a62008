//! The end of a process of its own group, or its being ended.

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// Waits for the end; none if it did not come in time, and all that was started is ended.
pub fn wait(mut child: Child, deadline: Duration) -> std::io::Result<Option<ExitStatus>> {
    let until = Instant::now() + deadline;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > until {
            Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
