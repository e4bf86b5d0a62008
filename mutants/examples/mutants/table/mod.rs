//! The table of all mutants.

mod asking;
mod durability;
mod intake;
mod kept;
mod killer;
mod money;
mod routing;
mod twice;

pub use self::killer::Killer;

/// A fault that is seeded into the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What the code asks for.
    pub name: &'static str,
    /// What goes wrong with it.
    pub breaks: &'static str,
    /// What has to find it out, each by itself.
    pub killed_by: &'static [Killer],
}

/// All of them, what is most to be feared first.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    let most_feared = [durability::MUTANTS, intake::MUTANTS, money::MUTANTS, kept::MUTANTS];
    most_feared.into_iter().chain([asking::MUTANTS, twice::MUTANTS, routing::MUTANTS]).flatten()
}

const fn mutant(name: &'static str, breaks: &'static str, killed_by: &'static [Killer]) -> Mutant {
    Mutant { name, breaks, killed_by }
}

/// A test of a room, in a file of its `tests/`; `lib` for one within its sources.
const fn test(room: &'static str, file: &'static str, name: &'static str) -> Killer {
    Killer::Test { room, file, name }
}

const fn simulator(seeds: u64) -> Killer {
    Killer::Simulator { seeds }
}

/// The table as the documentation has it, a mutant a row.
pub fn markdown() -> String {
    let rows = all().map(|mutant| {
        let killers: Vec<String> = mutant.killed_by.iter().map(Killer::to_string).collect();
        format!("| `{}` | {} | {} |", mutant.name, mutant.breaks, killers.join("; "))
    });
    let head = ["| mutant | what goes wrong with it | found by |".to_owned(), "|---|---|---|".to_owned()];
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}
