# One door: what CI runs, a developer runs by the same names.

default:
    @just --list

# The tests that need no server.
test:
    cargo test

# Inputs that were once answered wrongly, each a test.
cases:
    cargo test --test cases

# A ledger run whole on a simulated disk, clock and topic: so many seeds, from one that is drawn or from FIRST on.
sim SEEDS="1000" FIRST="":
    cargo run --release -p tributary-simulator -- --seeds {{SEEDS}} --threads 2 {{ if FIRST == "" { "" } else { "--first " + FIRST } }}

# What threads see of each other, in so many orders a test, drawn anew each time.
interleavings ORDERS="2000":
    TRIBUTARY_ORDERS={{ORDERS}} cargo test --features tributary-ingest/shuttle --test interleavings

# `tributary sql`, which a build has that is told to: some minutes of building.
test-sql:
    cargo test --features tributary/sql -p tributary-sql -p tributary --test exact --test narrowing --test refused --test cli_sql --test analysts

# Faults seeded into the code, each of which its tests have to find: all, or those that are named.
mutants *NAMES:
    cargo test --no-run --message-format=json-render-diagnostics >target/built.json
    target/debug/examples/mutants --built target/built.json {{NAMES}}

# The table of them, as docs/RELIABILITY.md has it.
mutants-table:
    cargo run -p tributary-mutants --example mutants -- --table

# All changes of the rules and of what is durable that `cargo mutants` (27.1) thinks of, tried in one build.
every-mutant ONLY="":
    cargo mutants --workspace --list --json {{ every_mutant_in }} >target/listed.json
    cargo run -p tributary-mutants --example woven -- --listed target/listed.json --into target/woven {{ every_mutant_by }} {{ if ONLY == "" { "" } else { "--only '" + ONLY + "'" } }}

every_mutant_in := "-f projections/src/rating.rs -f projections/src/family.rs -f projections/src/apply.rs -f 'projections/src/apply/**' -f ledger/src/acceptance.rs -f 'ledger/src/acceptance/**' -f ledger/src/recovery.rs"
every_mutant_by := "--by ledger/lib --by ledger/ledger --by projections/batches --by projections/places --by projections/far --by projections/content --by projections/excerpts --by projections/oracle_agrees --by projections/snapshots --by projections/oracle_scenarios --by projections/lib --by simulator/60"

# Whatever reads bytes from outside, given bytes that nobody meant: so many runs of each target, or of those named. A build for
# development, which stops at a sum that overflows; a release would pass over it.
fuzz RUNS="1000000" *TARGETS="":
    cargo run -p tributary-fuzz --bin fuzz -- --runs {{RUNS}} {{TARGETS}}

# Format, lints as errors, documentation.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# A history recorded with a story in it, a live stream, the API and the dashboard, on one's own machine.
demo *args:
    cargo run -- demo {{args}}

# A real Kafka broker on loopback, from packages; needs a JDK 17 and Maven.
kafka-up:
    deploy/kafka/kafka.sh up

kafka-down:
    deploy/kafka/kafka.sh down

# Three brokers, three Cassandra nodes, two routers, three shards with a standby each and two serving nodes on loopback, and
# events through all of it. `deploy/cluster/cluster.py` does more with it; `just cluster --small` is a small one.
cluster *ARGS:
    cargo build --release
    cargo build --release -p tributary-workload --example ndjson
    deploy/cluster/cluster.py {{ARGS}} up
    target/release/examples/ndjson --events 100000 --seed 1 --clean --out - | deploy/cluster/cluster.py {{ARGS}} feed -
    deploy/cluster/cluster.py {{ARGS}} status

# The tests with Kafka, Cassandra and so many shards.
test-shards SHARDS="1,2,5":
    TEST_SHARDS={{SHARDS}} TRIBUTARY_REQUIRE_KAFKA=1 TRIBUTARY_REQUIRE_CASSANDRA=1 cargo test --test cassandra -- --nocapture

# The tests against the real broker; they start one of their own.
test-kafka:
    TRIBUTARY_REQUIRE_KAFKA=1 cargo test -p tributary-ingest --test kafka_real -- --nocapture
    TRIBUTARY_REQUIRE_KAFKA=1 cargo test --test kafka_million -- --nocapture

# An upgrade from an earlier binary or commit and the way back, on a ledger of the demo's events.
upgrade OLD:
    deploy/upgrade.sh {{OLD}}

# What an operator is afraid of, done to a real daemon on a real Kafka, with two million events; needs root.
drill:
    cargo build --release
    deploy/drill.sh long target/release/tributary

# A daemon killed and stopped at random under load from a real Kafka, and surroundings that turn hostile; some need root.
rounds ROUNDS="200":
    TEST_ROUNDS={{ROUNDS}} TRIBUTARY_REQUIRE_KAFKA=1 TRIBUTARY_REQUIRE_MACHINE=1 cargo test --release --test faults -- --nocapture

# A leader and its standbys for so many rounds: killed, stopped and cut off under load, and another one leads: by hand, and by an
# election on a real Kafka.
standby ROUNDS="200":
    TEST_ROUNDS={{ROUNDS}} TRIBUTARY_REQUIRE_KAFKA=1 cargo test --release --test standby -- --nocapture

# A daemon with everything on for so many hours, drawn over time in target/tmp/soak/index.html; fails when a law is broken.
soak HOURS="1" RATE="2000":
    TEST_SOAK_HOURS={{HOURS}} TEST_SOAK_RATE={{RATE}} TRIBUTARY_REQUIRE_KAFKA=1 cargo test --release --test soak -- --nocapture

# The pages in a real browser; needs chromium, chromedriver, node and npm.
test-browser:
    npm ci --ignore-scripts --prefix tests/browser
    TRIBUTARY_REQUIRE_BROWSER=1 cargo test --test browser

# Pictures of every page, wide and narrow, light and dark, under target/tmp/browser/screenshots.
screenshots:
    cargo test --test browser -- --ignored screenshots

# Keeps new pictures of the pages that look otherwise than in docs/screenshots/pages: look at what changed before it is committed.
pictures:
    TEST_ACCEPT_PICTURES=1 TRIBUTARY_REQUIRE_BROWSER=1 cargo test -p tributary --test browser -- every_page_looks --nocapture

# Figures for docs/BENCHMARKS.md: the whole, its peers beside it, then the parts.
bench:
    benches/scripts/all.sh
    cargo bench -p tributary-ingest
    cargo bench -p tributary-workload
    cargo bench -p tributary-ledger
    cargo bench -p tributary-schemas
    cargo bench -p tributary-exports

# Advisories, licences and sources of all packages; needs cargo-deny and its database.
deny:
    cargo deny check

# JSON Schemas, written from the types.
schemas:
    cargo run -p tributary-schemas --example write_json_schemas
