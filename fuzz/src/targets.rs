//! What is fuzzed: each target has its valid inputs, and a law that holds of any.

mod checkpoint;
mod event;
mod http;
mod ledger;
mod question;
mod record;
mod rules;
mod run;
mod sound;
mod token;

/// Something that reads bytes from outside.
pub trait Target {
    /// Valid inputs, which are changed.
    fn inputs(&self) -> &[Vec<u8>];

    /// What inputs are made of.
    fn words(&self) -> &[&[u8]] {
        &[]
    }

    /// Reads an input.
    ///
    /// # Errors
    /// If a law is broken. That an input is refused is none.
    fn check(&self, input: &[u8]) -> Result<(), String>;
}

/// The names of all targets.
pub const NAMES: &[&str] = &["event", "record", "ledger", "checkpoint", "run", "question", "http", "rules", "token"];

/// A target by its name.
#[must_use]
pub fn target(name: &str) -> Option<Box<dyn Target>> {
    Some(match name {
        "event" => Box::new(event::Events::new()),
        "record" => Box::new(record::RecordBytes::new()),
        "ledger" => Box::new(ledger::LedgerFiles::new()),
        "checkpoint" => Box::new(checkpoint::CheckpointParts::new()),
        "run" => Box::new(run::RunFiles::new()),
        "question" => Box::new(question::Questions::new()),
        "http" => Box::new(http::Requests::new()),
        "rules" => Box::new(rules::RuleTexts::new()),
        "token" => Box::new(token::Tokens::new()),
        _ => return None,
    })
}

/// The inputs that are kept in the repository for a target: texts, one a file.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| std::fs::read(path).ok()).collect()
}
