//! Three members of an election in a world that is drawn: processes are killed and stopped, broker and network are cut off, messages
//! come late or never. Whatever happens, what was answered stands in the ledger of whoever leads, and no position is answered twice;
//! and once all is well again, somebody leads.
//!
//! `TEST_SEED` is the first of so many worlds as `TEST_WORLDS` says (400).

mod node;
mod world;

use crate::world::World;

#[test]
fn what_was_answered_stands_in_the_ledger_of_whoever_leads_whatever_happens() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let first = number("TEST_SEED", u64::from(rand::random::<u32>()));
    let (mut answered, mut terms) = (0, 0);
    for seed in first..first + number("TEST_WORLDS", 400) {
        println!("TEST_SEED={seed} TEST_WORLDS=1");
        let mut world = World::new(seed);
        world.run();
        answered += world.answered.len();
        terms += world.term();
    }
    println!("{answered} entries were answered, in {terms} terms");
    assert!(answered > 0 && terms > 0, "something happened");
}
