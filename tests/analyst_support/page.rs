//! A page in Markdown as its blocks of code.

use std::path::{Path, PathBuf};

/// How a comment with commands begins.
const CAUSE: &str = "<!-- machine";

/// What a block is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Commands for a shell.
    Shell,
    /// Commands for a shell on a machine that systemd runs.
    Machine,
    /// The same, in a comment of the page: what makes the case that the next commands are about.
    Cause,
    /// A query for DuckDB.
    Sql,
    /// A program for Python.
    Python,
    /// What the block before it says.
    Output,
}

impl Language {
    fn of(name: &str) -> Option<Language> {
        match name {
            "sh" => Some(Language::Shell),
            "sh machine" => Some(Language::Machine),
            "sql" => Some(Language::Sql),
            "python" => Some(Language::Python),
            "text" => Some(Language::Output),
            _ => None,
        }
    }

    /// Whether it needs Python with DuckDB and pandas.
    pub fn needs_tools(self) -> bool {
        matches!(self, Language::Sql | Language::Python)
    }
}

/// One block of code.
pub struct Block {
    pub language: Language,
    pub text: String,
    /// Of the page, where its text begins.
    pub line: usize,
}

/// A page.
pub struct Page {
    path: PathBuf,
    lines: Vec<String>,
    pub blocks: Vec<Block>,
}

impl Page {
    pub fn read(path: &Path) -> Page {
        let text = std::fs::read_to_string(path).expect("the page can be read");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut blocks = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            if lines[at] == CAUSE {
                let end = at + 1 + lines[at + 1..].iter().position(|line| line == "-->").expect("a comment ends");
                blocks.push(Block { language: Language::Cause, text: lines[at + 1..end].join("\n"), line: at + 2 });
                at = end + 1;
                continue;
            }
            let language = lines[at].strip_prefix("```").map(str::trim).filter(|name| !name.is_empty());
            let Some(name) = language else {
                at += 1;
                continue;
            };
            let end = at + 1 + lines[at + 1..].iter().position(|line| line == "```").expect("a block ends");
            if let Some(language) = Language::of(name) {
                blocks.push(Block { language, text: lines[at + 1..end].join("\n"), line: at + 2 });
            }
            at = end + 1;
        }
        Page { path: path.to_owned(), lines, blocks }
    }

    /// Writes the page with its outputs as they are in the blocks now. A block with a line of `…` stays as it is.
    pub fn write(&self) {
        let mut written = Vec::new();
        let mut at = 0;
        for block in self.blocks.iter().filter(|block| block.language == Language::Output) {
            let begin = block.line - 1;
            let end = begin + self.lines[begin..].iter().position(|line| line == "```").expect("a block ends");
            written.extend_from_slice(&self.lines[at..begin]);
            if self.lines[begin..end].iter().any(|line| line == "…") {
                written.extend_from_slice(&self.lines[begin..end]);
            } else {
                written.extend(block.text.lines().map(str::to_owned));
            }
            at = end;
        }
        written.extend_from_slice(&self.lines[at..]);
        std::fs::write(&self.path, written.join("\n") + "\n").expect("the page can be written");
    }
}
