//! Mutants: faults that are seeded into the code on purpose, each of which a test has to find.
//!
//! Where one is, the code asks [`mutant!`] for its name. It says no: in every build but that of the tests it is a constant,
//! and what hangs on it is not built. With the feature `seeded`, which dev-dependencies alone switch on, and debug
//! assertions, it says yes for the one name that the variable [`CHOSEN_BY`] holds. So one build of the tests serves all of
//! them. `examples/mutants` has the table of what each breaks and which tests are to find it out, and runs those.

#[cfg(all(feature = "seeded", debug_assertions))]
mod chosen;

/// The variable of the environment that chooses a mutant.
pub const CHOSEN_BY: &str = "MUTANT";
/// The variable that names a file to be made when the chosen mutant is met.
pub const MET_AT: &str = "MUTANT_MET_AT";

/// Whether this fault is chosen; a constant `false` where the tests were not built.
#[macro_export]
macro_rules! mutant {
    ($name:literal) => {
        $crate::is_chosen($name)
    };
}

/// What [`mutant!`] asks.
#[cfg(not(all(feature = "seeded", debug_assertions)))]
#[inline(always)]
#[must_use]
pub const fn is_chosen(_name: &str) -> bool {
    false
}

/// What [`mutant!`] asks.
///
/// # Panics
/// If the file that is to say that it was met cannot be made.
#[cfg(all(feature = "seeded", debug_assertions))]
#[inline]
#[must_use]
pub fn is_chosen(name: &str) -> bool {
    chosen::is_chosen(name)
}

/// Whether this build has mutants to choose from.
#[must_use]
pub const fn are_seeded() -> bool {
    cfg!(all(feature = "seeded", debug_assertions))
}
