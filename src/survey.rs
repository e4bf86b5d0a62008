//! A ledger checked whole, segment by segment on all cores; a bar shows how far it is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, scope};

use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Damage, DiskStorage, LedgerError, Position, Storage, Survey, SurveyReport, SurveyedSegment};
use serde::Serialize;

use crate::place::cores;

/// What a ledger was found to be.
pub(crate) struct Surveyed {
    pub(crate) report: SurveyReport,
    pub(crate) damages: Vec<DamagedFile>,
}

/// What is damaged, and in which file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DamagedFile {
    pub(crate) file: String,
    pub(crate) byte: u64,
    /// Segment, byte and what is wrong, in words.
    pub(crate) detail: String,
}

/// Checks all of it.
///
/// # Errors
/// If there is no ledger, or the storage fails; what is damaged is told in the result.
pub(crate) fn survey(storage: DiskStorage) -> Result<Surveyed, LedgerError> {
    let storage: Arc<dyn Storage> = Arc::new(storage);
    let survey = Survey::of(storage)?;
    let style = ProgressStyle::with_template("verify {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(survey.file_bytes());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let next = AtomicU64::new(1);
    let take_segments = || -> Result<Vec<SurveyedSegment>, LedgerError> {
        let mut found = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number > survey.segments() {
                return Ok(found);
            }
            found.push(survey.check(number, &mut |bytes| bar.inc(bytes))?);
        }
    };
    let segments: Result<Vec<SurveyedSegment>, LedgerError> = scope(|scope| {
        // Where the system gives no more threads, those that there are do it all.
        let helpers: Vec<_> = (1..cores().min(usize::try_from(survey.segments()).unwrap_or(usize::MAX)))
            .map_while(|_| Builder::new().name("verify".to_owned()).spawn_scoped(scope, take_segments).ok())
            .collect();
        let mut found = take_segments()?;
        for helper in helpers {
            match helper.join() {
                Ok(others) => found.extend(others?),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
        Ok(found)
    });
    bar.finish_and_clear();
    let names: Vec<String> =
        (1..=survey.segments()).map(|number| survey.file_name(number).unwrap_or_default()).collect();
    let report = survey.conclude(segments?);
    let damages = report.damages.iter().map(|damage| in_file(damage, &names)).collect();
    Ok(Surveyed { report, damages })
}

fn in_file(damage: &Damage, names: &[String]) -> DamagedFile {
    let number = usize::try_from(damage.segment.saturating_sub(1)).unwrap_or(usize::MAX);
    // Of a missing segment nobody knows the position that its name would bear.
    let file = match names.get(number) {
        Some(name) if !name.ends_with("-0000000000.segment") => name.clone(),
        Some(_) | None => format!("{:08}-….segment", damage.segment),
    };
    DamagedFile { file, byte: damage.byte, detail: damage.to_string() }
}

impl Surveyed {
    /// The last position up to which everything is good.
    pub(crate) fn good(&self) -> Position {
        self.report.good_position()
    }

    /// What is damaged, how far everything is good, and what to do: lines for the terminal.
    pub(crate) fn told(&self, data: &Path) -> Vec<String> {
        let mut lines: Vec<String> =
            self.damages.iter().map(|damage| format!("DAMAGE      {}: {}", damage.file, damage.detail)).collect();
        let good = self.good();
        lines.push(format!("good        positions 1 to {good}, which is everything before the first damage"));
        let data = data.display();
        lines.push(format!("to repair   tributary repair --data {data} --from BACKUP"));
        if good > 0 {
            lines.push(format!("to save     tributary restore --from {data} --until {good} --data NEW"));
        }
        lines.push("to restore  tributary restore --from BACKUP --data NEW".to_owned());
        lines
    }
}
