//! What is to find a mutant out.

use std::fmt;

/// A test, or seeds of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Killer {
    /// One test.
    Test {
        /// The room that it stands in; empty for the binary's.
        room: &'static str,
        /// The file of tests, as cargo calls it; `lib` for those within the sources.
        file: &'static str,
        /// Its name, with its modules.
        name: &'static str,
    },
    /// The simulator, within so many seeds from the first one on.
    Simulator {
        /// How many.
        seeds: u64,
    },
}

impl fmt::Display for Killer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Killer::Test { room: "", file, name } => write!(out, "`tests/{file}` `{name}`"),
            Killer::Test { room, file: "lib", name } => write!(out, "`{room}/src` `{name}`"),
            Killer::Test { room, file, name } => write!(out, "`{room}/tests/{file}` `{name}`"),
            Killer::Simulator { seeds } => write!(out, "the simulator, within {seeds} seeds"),
        }
    }
}
