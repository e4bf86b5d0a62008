#!/usr/bin/env bash
# Every figure of docs/BENCHMARKS.md that is of the whole, in about a quarter of an hour on an idle machine:
#   benches/scripts/all.sh [PART...]     parts: imports kafka load latency replay long peers; without any, all of them
# TRIBUTARY_BENCH_SMALL=1 makes them small, to see that all runs, TRIBUTARY_BENCH_PROFILE=debug takes what is built so. TRIBUTARY_BENCH_DIR: where ledgers lie meanwhile.
# Needed besides Rust: Python 3.11 with venv, the packages wrk and postgresql, a JDK 17 and mvn. A part that fails is told
# at the end, and the others go on.
set -uo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit
parts=("$@")
if [ "${#parts[@]}" = 0 ]; then parts=(imports kafka load latency replay long peers); fi
if [ "${TRIBUTARY_BENCH_SMALL:-0}" = 1 ]; then
  import_events=50000 kafka_events=50000 replay_events=50000 long_events=100000 peer_events=20000
  load=(--events 100000 --rate 1000 --seconds 3) latency=(--rate 1000 --seconds 3)
else
  import_events=5000000 kafka_events=2000000 replay_events='' long_events=20000000 peer_events=1000000
  load=(--large) latency=()
fi
cargo=${CARGO:-cargo}
profile=${TRIBUTARY_BENCH_PROFILE:-release} bench_profile=()
if [ "$profile" = debug ]; then bench_profile=(--profile dev); fi
export TRIBUTARY=${TRIBUTARY:-target/$profile/tributary} NDJSON=${NDJSON:-target/$profile/examples/ndjson}
export PEERS_BUILD=${PEERS_BUILD:-$PWD/target/peers}
mkdir -p "$PEERS_BUILD"
if [ "$profile" = release ]; then
  $cargo build --release --bin tributary && $cargo build --release -p tributary-workload --example ndjson || exit 1
fi
python=$(deploy/analysts/venv.sh target/peers/python benches/peers/requirements.txt) || exit 1

bench() { # EVENTS PACKAGE BENCH PART...
  local events=$1 package=$2 name=$3
  shift 3
  if [ -n "$events" ]; then export TRIBUTARY_BENCH_EVENTS=$events; else unset TRIBUTARY_BENCH_EVENTS; fi
  $cargo bench -q "${bench_profile[@]}" -p "$package" --bench "$name" -- "$@"
}

part() {
  case $1 in
    imports) python3 benches/scripts/imports.py "$import_events" 3 ;;
    kafka) bench "$kafka_events" tributary-ingest rates kafka ;;
    load) python3 benches/scripts/under_load.py "${load[@]}" ;;
    latency) "$python" benches/scripts/kafka_to_answer.py "${latency[@]}" ;;
    replay) TRIBUTARY_BENCH_REPLAYS=3 bench "$replay_events" tributary-workload replay ;;
    long) bench "$long_events" tributary-ingest long ;;
    peers) "$python" benches/peers/run.py --events "$peer_events" ;;
    *) echo "there is no part $1" >&2; return 2 ;;
  esac
}

echo "machine: $(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-), load $(cut -d' ' -f1 /proc/loadavg)"
failed=()
for one in "${parts[@]}"; do
  printf '\n## %s\n\n' "$one"
  SECONDS=0
  part "$one" || failed+=("$one")
  printf '\n(%s: %s s)\n' "$one" "$SECONDS"
done
if [ "${#failed[@]}" != 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
