#!/usr/bin/env bash
# Tries an upgrade and a way back between two binaries on a ledger of the demo's events:
#   deploy/upgrade.sh OLD [NEW]      two binaries
#   deploy/upgrade.sh COMMIT [NEW]   the first one built from a commit, in a tree and a target directory of its own
# It ends with 0 if both give the same numbers, and what the old one does not read it says and leaves as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -ge 1 ] || { echo "usage: upgrade.sh OLD_BINARY|COMMIT [NEW_BINARY]" >&2; exit 2; }
old=$1
new=${2:-target/debug/tributary}
work=$(mktemp -d)
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  git worktree remove --force "$work/tree" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

step() { printf '\n== %s\n' "$1"; }
failed() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
# No setting of the surroundings, which the other version may not know.
plain() { env -u TRIBUTARY_CONFIG "$@"; }
digest() { plain "$1" replay --data "$2" --json 2>/dev/null | grep -oE '"digest":"[0-9a-f]+"' | cut -d'"' -f4; }
sums() { (cd "$1" && find . -type f ! -name LOCK -print0 | sort -z | xargs -0 sha256sum); }

# Starts a daemon and waits until it answers for the whole ledger; sets pid and url.
start() {
  local log=$1
  : >"$log"
  shift
  (exec env -u TRIBUTARY_CONFIG "$@" --listen 127.0.0.1:0 >/dev/null 2>"$log") &
  pid=$!
  pids+=("$pid")
  local deadline=$((SECONDS + 120)) address
  until address=$(grep -m 1 -oE 'address=[0-9.]+:[0-9]+' "$log") && url=http://${address#address=} &&
    curl -fsS "$url/readyz" -o /dev/null 2>/dev/null; do
    kill -0 "$pid" 2>/dev/null || { cat "$log" >&2; failed "it ended: $*"; }
    ((SECONDS < deadline)) || failed "not ready within 120 s: $*"
    sleep 0.2
  done
}
stop() {
  kill -TERM "$1"
  wait "$1" || failed "it did not end with exit code 0"
}

if [ ! -x "$old" ]; then
  step "build $old in a tree of its own"
  git worktree add --quiet --detach "$work/tree" "$old"
  (cd "$work/tree" && CARGO_TARGET_DIR="${UPGRADE_TARGET:-$work/target}" cargo build --locked --bin tributary)
  old=${UPGRADE_TARGET:-$work/target}/debug/tributary
fi
[ -x "$new" ] || cargo build --locked --bin tributary

step "the old one writes: $("$old" --version)"
export TRIBUTARY_INDEX_RUN_EVENTS=10000 TRIBUTARY_CHECKPOINT_EVENTS=5000
plain "$old" demo --seed 3 --events 30000 --end 2026-04-05T00:00:00Z --out "$work/history.ndjson" 2>/dev/null
head -n 20000 "$work/history.ndjson" >"$work/first.ndjson"
tail -n +20001 "$work/history.ndjson" >"$work/later.ndjson"
plain "$old" import --data "$work/ledger" "$work/first.ndjson" --quiet >/dev/null 2>&1
before=$(digest "$old" "$work/ledger")
cp -a "$work/ledger" "$work/kept"
echo "digest $before, $(cat "$work/ledger/ledger/FORMAT")"

step "the new one reads it: $("$new" --version)"
[ "$(digest "$new" "$work/ledger")" = "$before" ] || failed "another digest"
plain "$new" verify --data "$work/ledger" >"$work/verified" 2>/dev/null || { cat "$work/verified"; failed "verify"; }
tail -n 1 "$work/verified"

step "the new one beside the old one, which writes on"
start "$work/old.log" "$old" run --data "$work/ledger"
old_pid=$pid old_url=$url
start "$work/new.log" "$new" run --data "$work/ledger" --read-only
new_pid=$pid new_url=$url
curl -fsS -H 'Content-Type: application/x-ndjson' --data-binary "@$work/later.ndjson" "$old_url/v1/events" -o "$work/sent"
position() { curl -fsS "$1/v1/status" | grep -oE '"position":[0-9]+' | head -n 1 | cut -d: -f2; }
wanted=$(position "$old_url") deadline=$((SECONDS + 60))
until [ "$(position "$new_url")" = "$wanted" ]; do
  ((SECONDS < deadline)) || failed "the one beside does not follow"
  sleep 0.2
done
answer() { curl -fsS "$1/v1/overview?from=2026-03-01&to=2026-03-31"; }
[ "$(answer "$old_url" | grep -oE '"metrics":\{[^}]*\}')" = "$(answer "$new_url" | grep -oE '"metrics":\{[^}]*\}')" ] ||
  failed "other figures"
echo "both at position $wanted, with the same figures"
stop "$old_pid"
stop "$new_pid"
after=$(digest "$old" "$work/ledger")

step "the new one writes"
began=$SECONDS
start "$work/new.log" "$new" run --data "$work/ledger"
echo "ready after $((SECONDS - began)) s; of the checkpoint it said: $(grep -oE 'the checkpoint is not used[^"]*' "$work/new.log" || echo 'it is used')"
# A second try of something that never got in is said in the ledger whatever the version.
curl -fsS -H 'Content-Type: application/x-ndjson' --data-binary "@$work/first.ndjson" "$url/v1/events" -o "$work/sent"
curl -fsS -X POST -H 'Content-Type: application/json' -d '{"message": "I would like to"}' "$url/v1/account/apply?uid=7" -o "$work/applied" ||
  echo "(no command was taken)"
stop "$pid"
echo "digest before it $after, now $(digest "$new" "$work/ledger"); $(cat "$work/ledger/ledger/FORMAT")"

step "the way back"
sums "$work/ledger" >"$work/sums"
if plain "$old" replay --data "$work/ledger" >"$work/said" 2>&1; then
  [ "$(digest "$old" "$work/ledger")" = "$(digest "$new" "$work/ledger")" ] || failed "the old one reads it with another digest"
  echo "the old one reads it with the same digest"
else
  cat "$work/said"
  grep -q 'use a newer program' "$work/said" || failed "the old one does not say what to do"
  plain "$old" run --data "$work/ledger" --listen 127.0.0.1:0 >"$work/said" 2>&1 && failed "the old one writes a newer format"
  sums "$work/ledger" | diff "$work/sums" - || failed "the old one changed something"
  echo "the old one refuses it, and left everything as it is"
fi
[ "$(digest "$old" "$work/kept")" = "$before" ] || failed "the copy from before is not what it was"
echo "the copy from before the upgrade is what the old one goes back to, and Kafka gives what came since"
