//! How fast the generator is: `cargo run --release -p tributary-workload --example rate`

use std::time::Instant;

use schemas::Timestamp;
use workload::Workload;

fn main() {
    let Some(end) = Timestamp::parse("2026-03-31T00:00:00Z") else { return };
    for (name, workload) in [("demo", Workload::demo(1, end)), ("large", Workload::large(1, end))] {
        let began = Instant::now();
        let mut events = workload.events();
        let people = began.elapsed();
        let count = events.by_ref().count() as u128;
        let millis = began.elapsed().as_millis().max(1);
        println!(
            "{name}: {count} events in {millis} ms, {} events/s; of that the people {} ms",
            count * 1_000 / millis,
            people.as_millis()
        );
    }
}
