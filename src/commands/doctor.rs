//! Looks whether an installation is sound, and says what to do.

use anyhow::anyhow;
use serde_json::json;

use crate::cli::{CommonFlags, DoctorArgs};
use crate::config::{Key, Value, check, surroundings};
use crate::doctor::{Check, Status, examine};
use crate::exit::{Failure, after_report};
use crate::output;

/// Tells each check as it is done; as JSON, all of them at the end.
pub(super) fn execute(common: &CommonFlags, args: DoctorArgs) -> Result<(), Failure> {
    let DoctorArgs { backup, families, json: as_json, settings } = args;
    let mut flags = settings.given(common);
    if common.log_level.is_none() {
        // What is wrong is told by the checks.
        flags.push((Key::LogLevel, "log-level", Value::Text("off".to_owned())));
    }
    let mut checks: Vec<Check> = Vec::new();
    let mut printed = Ok(());
    let mut tell = |check: Check| {
        if !as_json && printed.is_ok() {
            printed = output::print_raw(in_lines(&check).as_bytes());
        }
        checks.push(check);
    };
    match check(common.config.as_deref(), surroundings(), flags) {
        Ok((settings, _)) => {
            crate::logging::start(&settings.log);
            examine(&settings, backup.as_deref(), families, &mut tell);
        }
        Err(problems) => tell(Check::failed(
            "settings",
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            "mend them; nothing else was looked at",
        )),
    }
    let count = |status: Status| checks.iter().filter(|check| check.status == status).count();
    let failed = count(Status::Failed);
    if as_json {
        let answer = json!({
            "checks": checks,
            "ok": count(Status::Ok),
            "warnings": count(Status::Warning),
            "failed": failed,
            "skipped": count(Status::Skipped),
        });
        let text = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
        printed = output::print(&text, output::Format::Json);
    }
    let settled = if failed == 0 { Ok(()) } else { Err(Failure::failed(anyhow!("{failed} checks failed"))) };
    after_report(settled, printed)
}

/// A check for people: what it came to, and below it what to do.
fn in_lines(check: &Check) -> String {
    let mut text = format!("{:<9}{}: {}\n", check.status.as_str(), check.check, check.found);
    if let Some(advice) = &check.advice {
        text.push_str(&format!("         do: {advice}\n"));
    }
    text
}
