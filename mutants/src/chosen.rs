//! The mutant that the environment chooses, read once a process.

use std::sync::{LazyLock, Once};

use crate::{CHOSEN_BY, MET_AT};

struct Chosen {
    name: String,
    met: Once,
}

static CHOSEN: LazyLock<Option<Chosen>> = LazyLock::new(|| {
    let name = std::env::var(CHOSEN_BY).ok().filter(|name| !name.is_empty())?;
    Some(Chosen { name, met: Once::new() })
});

pub(crate) fn is_chosen(name: &str) -> bool {
    let Some(chosen) = CHOSEN.as_ref().filter(|chosen| chosen.name == name) else { return false };
    chosen.met.call_once(tell);
    true
}

/// Makes the file that says it was met, where one is asked for: a test that fails for another reason kills nothing.
fn tell() {
    if let Some(path) = std::env::var_os(MET_AT) {
        std::fs::write(path, "met").expect("the file that says that a mutant was met can be written");
    }
}
