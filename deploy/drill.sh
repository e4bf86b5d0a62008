#!/usr/bin/env bash
# The drill: what an operator is afraid of, done to a real daemon on a real Kafka, one after the other. It says what it does and
# what it saw, and ends with 1 at the first thing that is not as it has to be.
#   deploy/drill.sh [short|long] [BINARY]
# Needed: a JDK 17 and Maven (deploy/kafka), curl, openssl, Python, and root for a small disk of its own. Exit code 3: one is
# missing. Signing in needs node and what `npm ci --prefix tests/browser` gives; without them that step is skipped, and said to be,
# unless CI=true: then it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
length=${1:-short}
case $length in
  short) events=12000 batch=200 load_seconds=6 ;;
  long) events=2000000 batch=2000 load_seconds=120 ;;
  *) echo "usage: drill.sh [short|long] [BINARY]" >&2; exit 2 ;;
esac
binary=$(realpath "${2:-target/debug/tributary}")
for need in java mvn curl openssl python3 mount unshare; do
  command -v "$need" >/dev/null || { echo "drill.sh: $need is missing" >&2; exit 3; }
done
# A disk of its own needs a place among the mounts that goes with this process.
if [ -z "${DRILL_MOUNTS:-}" ]; then
  ((EUID == 0)) || { echo "drill.sh: only root makes a small disk" >&2; exit 3; }
  DRILL_MOUNTS=1 exec unshare -m "$0" "$length" "$binary"
fi
for name in $(compgen -e TRIBUTARY_ || true); do unset "$name"; done

work=$(mktemp -d)
daemon='' loader='' keys='' people=''
export LOCAL_KAFKA_DIR=$work/kafka LOCAL_KAFKA_PORT=${DRILL_KAFKA_PORT:-$((20000 + RANDOM % 10000))}
# shellcheck disable=SC2317
end() {
  local code=$?
  [ "$code" = 0 ] || { echo "the end of the daemon's log:"; tail -n 30 "$work/log" 2>/dev/null || true; } >&2
  for process in "$loader" "$keys" "$people"; do
    [ -z "$process" ] || kill "$process" 2>/dev/null || true
  done
  [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
  deploy/kafka/kafka.sh wipe >/dev/null 2>&1 || true
  umount "$work/disk" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
saw() { printf '   %s\n' "$*"; }
failed() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# Asks again until it is so; fails after so many seconds.
wait_for() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@"; do
    ((SECONDS < deadline)) || failed "waited $seconds s for: $what"
    sleep 0.2
  done
}
tributary() { "$binary" --log-level error "$@"; }

# --- keys, as a provider of identities publishes them at an address: tokens of each hold while the set has it
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
new_key() { # NAME
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$1.key" 2>/dev/null ||
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$1.key" 2>/dev/null
  local modulus
  modulus=$(openssl rsa -in "$work/$1.key" -noout -modulus | cut -d= -f2 | sed 's/../\\x&/g')
  modulus=$(printf '%b' "$modulus" | b64)
  printf '{"kty":"RSA","alg":"RS256","use":"sig","kid":"%s","n":"%s","e":"AQAB"}' "$1" "$modulus" >"$work/$1.jwk"
}
key_set() { # NAME...
  local all=()
  for name in "$@"; do all+=("$(cat "$work/$name.jwk")"); done
  (IFS=,; printf '{"keys":[%s]}\n' "${all[*]}") >"$work/jwks.new"
  mv "$work/jwks.new" "$work/published/jwks.json"
}
token() { # NAME
  local head body
  head=$(printf '{"alg":"RS256","typ":"JWT","kid":"%s"}' "$1" | b64)
  body=$(printf '{"iss":"drill","aud":"ledger","sub":"olga","ledger_role":["ledger-operators"],"exp":%s}' $(($(date +%s) + 86400)) | b64)
  printf '%s.%s.%s' "$head" "$body" "$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$work/$1.key" -binary | b64)"
}

publish() {
  mkdir -p "$work/published"
  python3 - "$work/published" >"$work/keys.port" 2>/dev/null <<'END' &
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
server.serve_forever()
END
  keys=$!
  wait_for 30 "the keys are published" test -s "$work/keys.port"
}

# --- a provider that people sign in with
can_sign_in=no
bring_people() {
  if ! command -v node >/dev/null || [ ! -d tests/browser/node_modules/oidc-provider ]; then
    [ "${CI:-}" != true ] || failed "nobody can sign in: node, or what npm ci --prefix tests/browser gives, is missing"
    return 0
  fi
  can_sign_in=yes
  mkfifo "$work/people.in"
  # It ends when nobody holds its input any more.
  (cd tests/browser && exec node provider.mjs) <"$work/people.in" >"$work/people.port" 2>"$work/people.log" &
  people=$!
  exec 7>"$work/people.in"
  wait_for 60 "the provider listens" test -s "$work/people.port"
  issuer=http://localhost:$(head -n 1 "$work/people.port")
}
# A browser that shows its certificate's authorities and keeps its cookies.
browse() { curl -sS -L --max-time 60 --cacert "$work/trusted.pem" -b "$work/cookies" -c "$work/cookies" "$@" 2>>"$work/browse.err"; }
form_of() { grep -o -m 1 'action="[^"]*/interaction/[^"]*"' "$1" | head -n 1 | cut -d'"' -f2; }

# --- certificates
new_certificate() {
  openssl req -x509 -addext basicConstraints=critical,CA:FALSE -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/server.key.new" -out "$work/server.pem.new" 2>/dev/null
  cat "$work/server.pem.new" >>"$work/trusted.pem"
  mv "$work/server.key.new" "$work/server.key"
  mv "$work/server.pem.new" "$work/server.pem"
}

# --- the daemon, as the unit starts it
unit=deploy/systemd/tributary.service
settings() {
  cat >"$work/tributary.toml" <<END
listen = "$address"
[http]
public_url = "https://$address"
[http.tls]
certificate = "$work/server.pem"
key = "$work/server.key"
[kafka]
brokers = ["127.0.0.1:$LOCAL_KAFKA_PORT"]
topics = ["drill"]
[auth]
jwks_url = "http://127.0.0.1:$(cat "$work/keys.port")/jwks.json"
# Only a token of a key that is not known has it ask again.
jwks_seconds = 3600
jwks_pause_seconds = 1
issuer = "drill"
audience = ["ledger"]
[auth.claims]
role = "ledger_role"
uid = "exchange_uid"
[auth.claims.roles]
ledger-operators = "operator"
END
  if [ "$can_sign_in" = yes ]; then
    cat >>"$work/tributary.toml" <<END
[auth.oidc]
issuer = "$issuer"
client_id = "tributary"
client_secret = "a secret of these walks, and of nothing else"
END
  fi
  cat >>"$work/tributary.toml" <<END
[backup]
to = "$work/shipped"
interval_seconds = 1
END
}
start() { # DATA
  local command
  command=$(sed -n 's|^ExecStart=/usr/local/bin/tributary ||p' "$unit")
  command=${command//\/etc\/tributary\/tributary.toml/$work/tributary.toml}
  command=${command//\/var\/lib\/tributary/$1}
  : >"$work/log"
  (
    umask "$(sed -n 's/^UMask=//p' "$unit")"
    ulimit -c "$(sed -n 's/^LimitCORE=//p' "$unit")"
    # As many open files as the unit gives, or as this machine lets us have.
    ulimit -n "$(sed -n 's/^LimitNOFILE=//p' "$unit")" 2>/dev/null || ulimit -n "$(ulimit -H -n)"
    # shellcheck disable=SC2086
    exec "$binary" $command 2>>"$work/log"
  ) >/dev/null &
  daemon=$!
  wait_for 60 "it listens" listening
  wait_for 120 "it answers for the whole ledger" ask /readyz
}
listening() {
  kill -0 "$daemon" 2>/dev/null || failed "the daemon ended"
  grep -q "address=$address" "$work/log"
}
call() { curl -sS --max-time 30 --cacert "$work/trusted.pem" -H "Authorization: Bearer $(cat "$work/token")" "$@"; }
ask() { call -f "$url$1" -o "$work/answer" 2>/dev/null; }
status() { call -f "$url/v1/status"; }
position() { status | grep -o -m 1 '"position":[0-9]*' | head -n 1 | cut -d: -f2; }
post() { call -f -H 'Content-Type: application/x-ndjson' --data-binary "@$1" "$url/v1/events" -o "$work/sent"; }
stop() {
  kill -TERM "$daemon"
  wait "$daemon" || failed "it did not end with 0"
  daemon=''
}
digest() { tributary replay --data "$1" --json | grep -o '"digest":"[0-9a-f]*"' | cut -d'"' -f4; }

# --- what comes in
send() { # FILE: to Kafka, by uid
  sed -E 's/^(.*"uid":([0-9]+).*)$/\2\t\1/; t; s/^/platform\t/' "$1" |
    deploy/kafka/kafka.sh tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "127.0.0.1:$LOCAL_KAFKA_PORT" \
      --topic drill --property parse.key=true >/dev/null
}
read_all() {
  ask '/readyz?ingest=true' || return 1
  local ends reached
  ends=$(deploy/kafka/kafka.sh offsets drill | awk '{ sum += $2 } END { print sum }')
  reached=$(status | grep -o '"next_offset":[0-9]*,"high_watermark"' | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum + 0 }')
  [ "$ends" = "$reached" ]
}

step "a broker, keys, a certificate, a history of $events events"
deploy/kafka/kafka.sh up >/dev/null
deploy/kafka/kafka.sh topic drill 3 >/dev/null
tributary demo --seed 5 --events "$events" --end 2026-04-05T00:00:00Z --out "$work/history.ndjson"
third=$(($(wc -l <"$work/history.ndjson") / 3))
head -n "$third" "$work/history.ndjson" >"$work/first.ndjson"
tail -n "+$((third + 1))" "$work/history.ndjson" >"$work/later.ndjson"
# Accounts of their own, which come by HTTP alone.
http_event() { # NUMBER
  printf '{"specversion":"1.0","type":"referral.note.v1","source":"/drill","id":"%s","time":"2026-03-01T00:00:00Z","data":{"uid":%s,"note":"n"}}\n' "$1" $((9000000 + $1))
}
for ((number = 0; number < 500; number++)); do http_event "$number"; done >"$work/http.ndjson"
touch "$work/trusted.pem"
publish
new_key one
key_set one
token one >"$work/token"
new_certificate
bring_people
address=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=https://$address
settings
saw "TLS; keys by an address; a provider to sign in with: $can_sign_in; the command line, umask and limits of $unit"

step "loaded from Kafka and by HTTP, backed up while it runs"
start "$work/data"
send "$work/first.ndjson" &
sending=$!
post "$work/http.ndjson"
wait "$sending"
tributary backup --data "$work/data" --to "$work/backup" >"$work/said"
TRIBUTARY_TOKEN=$(cat "$work/token") tributary backup --url "$url" --ca "$work/trusted.pem" --to "$work/pulled" >"$work/said-pulled"
saw "$(grep '^position' "$work/said"), and by HTTP: $(grep '^position' "$work/said-pulled")"
if [ "$can_sign_in" = yes ]; then
  curl -fsS --max-time 30 "$issuer/-/client?redirect_uri=$(printf '%s/sign-in/provider/back' "$url" | sed 's|:|%3A|g; s|/|%2F|g')" >/dev/null
  rules="$url/operator/rules"
  code=$(browse "$rules" -o "$work/page" -w '%{http_code}')
  [ "$code" = 401 ] || failed "who has not signed in is answered with $code"
  browse "$url/sign-in/provider?next=%2Foperator%2Frules" -o "$work/page"
  browse -d prompt=login -d login=olga -d password=any "$(form_of "$work/page")" -o "$work/page"
  browse -d prompt=consent "$(form_of "$work/page")" -o "$work/page"
  grep -q 'You are signed in' "$work/page" || failed "nobody was signed in: $(cat "$work/browse.err" "$work/page")"
  browse "$rules" -o "$work/page"
  grep -q 'action="/operator/rules"' "$work/page" || failed "who signed in is no operator"
  saw "an operator signed in by the provider: code flow with PKCE"
else
  saw "SKIPPED: nobody signed in by a provider (node, or npm ci --prefix tests/browser, is missing)"
fi
send "$work/later.ndjson"
wait_for 240 "all of Kafka is read" read_all
before=$(position)
is_shipped() { status | grep -q "\"backup\":{\"to\":\"[^\"]*\",\"position\":$before,"; }
wait_for 60 "all is shipped" is_shipped
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null || true
expected=$(digest "$work/data")
saw "killed at position $before, digest $expected"

for from in backup pulled shipped; do
  step "the directory is gone; restored from: $from"
  rm -rf "$work/data"
  tributary restore --from "$work/$from" --data "$work/data" >"$work/said"
  saw "$(grep '^position' "$work/said")"
  start "$work/data"
  wait_for 240 "it has caught up from Kafka" read_all
  stop
  found=$(digest "$work/data")
  [ "$found" = "$expected" ] || failed "digest $found, expected $expected"
  saw "caught up, and the digest is the same"
done

step "keys and certificates exchanged under load"
start "$work/data"
load() {
  local number=1000 code
  while [ ! -e "$work/enough" ]; do
    http_event $((number += 1)) >"$work/one.json"
    for target in '/v1/overview?uid=1' /v1/events; do
      local given=()
      [ "$target" != /v1/events ] || given=(-H 'Content-Type: application/cloudevents+json' --data-binary "@$work/one.json")
      code=$(call "${given[@]}" "$url$target" -o /dev/null -w '%{http_code}' 2>>"$work/load.err") || code="no answer"
      echo "$code" >>"$work/codes"
    done
  done
}
load &
loader=$!
hangup() {
  local told
  told=$(grep -c 'read again what can be' "$work/log" || true)
  kill -HUP "$daemon"
  read_again() { [ "$(grep -c 'read again what can be' "$work/log")" -gt "$told" ]; }
  wait_for 30 "it has read again" read_again
}
use() { token "$1" >"$work/token.new" && mv "$work/token.new" "$work/token"; }
sleep $((load_seconds / 2))
# The provider publishes a new key, and signs with it at once: nobody told the daemon.
new_key two
key_set one two
use two
new_certificate
hangup
sleep 2
token one >"$work/token-of-before"
# The first key goes, and another one comes.
new_key three
key_set two three
use three
sleep $((load_seconds / 2))
touch "$work/enough"
wait "$loader"
loader=''
refused=$(grep -cv '^200$' "$work/codes" || true)
[ "$refused" = 0 ] || { sort "$work/codes" | uniq -c; cat "$work/load.err"; failed "$refused requests were refused"; }
code=$(curl -sS --cacert "$work/trusted.pem" -H "Authorization: Bearer $(cat "$work/token-of-before")" "$url/v1/status" -o /dev/null -w '%{http_code}')
[ "$code" = 401 ] || failed "a token of the key that was taken away is answered with $code"
saw "$(wc -l <"$work/codes") requests, none refused; the key of before holds no more"
serial() { openssl x509 -noout -serial; }
shown=$(openssl s_client -connect "$address" </dev/null 2>/dev/null | serial)
[ "$shown" = "$(serial <"$work/server.pem")" ] || failed "it shows another certificate"
saw "it shows the new certificate"
stop

step "the disk is full"
mkdir "$work/disk"
mount -t tmpfs -o size=170m tmpfs "$work/disk"
sed -i "/^\[backup\]/,\$d" "$work/tributary.toml"
sed -i '/^brokers/d' "$work/tributary.toml"
start "$work/disk/data"
# Long messages, so that a segment of 64 MiB is soon full. No room is left for the next one.
long=$(printf 'x%.0s' $(seq 1 1900))
messages() { # FROM COUNT
  for ((at = $1; at < $1 + $2; at++)); do
    printf '{"specversion":"1.0","type":"referral.application.v1","source":"/drill","id":"%s","time":"2026-03-01T00:00:00Z","data":{"uid":%s,"message":"%s"}}\n' "$at" "$at" "$long"
  done
}
free() { df --output=avail -k "$work/disk" | tail -n 1 | tr -d ' '; }
messages 1 "$batch" >"$work/messages"
post "$work/messages"
fallocate -l $(($(free) - 20000))k "$work/disk/ballast"
saw "$(free) KiB left"
accepted=0 from=1
while post "$work/messages" 2>/dev/null; do
  accepted=$((from + batch - 1))
  from=$((from + batch))
  ((accepted < 60000)) || failed "it never was full"
  messages "$from" "$batch" >"$work/messages"
done
if wait "$daemon"; then failed "it ended with 0"; fi
daemon=''
grep -q 'disk is full' "$work/log" || failed "it does not say that the disk is full"
saw "it ended after $accepted acknowledged events: $(grep -o 'the disk is full[^;]*' "$work/log" | head -n 1)"
rm "$work/disk/ballast"
start "$work/disk/data"
[ "$(position)" -ge "$accepted" ] || failed "at position $(position), acknowledged were $accepted"
post "$work/messages"
[ "$(position)" = $((from + batch - 1)) ] || failed "at position $(position), expected $((from + batch - 1))"
saw "with room again it goes on, at position $(position); nothing acknowledged is lost"
stop

step "a segment is damaged, and repaired from the backup"
# A repair writes the segment beside the damaged one, which it keeps.
mount -o remount,size=500m "$work/disk"
tributary backup --data "$work/disk/data" --to "$work/second-backup" >/dev/null
expected=$(digest "$work/disk/data")
segment=$(find "$work/disk/data/ledger" -name '00000001-*.segment')
printf '\377\377\377\377' | dd of="$segment" bs=1 seek=300000 conv=notrunc status=none
code=0
timeout 60 "$binary" run --config "$work/tributary.toml" --data "$work/disk/data" >"$work/log" 2>&1 || code=$?
[ "$code" = 3 ] || [ "$code" = 1 ] || failed "a damaged ledger was opened ($code)"
saw "the daemon refuses it with exit code $code"
tributary repair --data "$work/disk/data" --from "$work/second-backup" >"$work/said" || failed "$(cat "$work/said")"
saw "$(tail -n 1 "$work/said")"
[ "$(digest "$work/disk/data")" = "$expected" ] || failed "another digest"
start "$work/disk/data"
stop
saw "the digest is the same, and it starts"

step "done: everything was as it has to be"
