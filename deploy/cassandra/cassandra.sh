#!/usr/bin/env bash
# Real Cassandra nodes on loopback, from Maven packages, without a container.
# `cassandra.sh help` lists the commands; README.md beside this file says more.
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program it needs is missing.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*"; }
die() { printf 'cassandra.sh: %s\n' "$*" >&2; exit 1; }
missing() { printf 'cassandra.sh: %s\n' "$*" >&2; exit 3; }

usage() {
  cat <<'USAGE'
usage: cassandra.sh COMMAND
  up                start the nodes, wait until they answer
  down [NODE]       stop them, or one of them, keep the data
  wipe              stop them, remove their data
  status            exit 0 if all answer, 1 if not
  env               the addresses, as NAME=value lines
environment: LOCAL_CASSANDRA_PORT (9042), LOCAL_CASSANDRA_DIR,
  LOCAL_CASSANDRA_NODES (1); the others are in README.md
USAGE
}
wrong() { printf 'cassandra.sh: %s\n' "$*" >&2; usage >&2; exit 2; }

# ---- settings -------------------------------------------------------------------------

dir=${LOCAL_CASSANDRA_DIR:-$here/.work}
[[ $dir == /* ]] || dir=$PWD/$dir
# It stands in a URL, in a file of settings and on a class path.
[[ $dir =~ ^[A-Za-z0-9._/+@=-]+$ ]] || die "LOCAL_CASSANDRA_DIR takes letters, digits and . _ / + @ = -: $dir"
settings_file=$dir/nodes.env
wait_s=${LOCAL_CASSANDRA_WAIT:-120}
lib=

port=${LOCAL_CASSANDRA_PORT:-9042}
is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); }
is_port "$port" || wrong "LOCAL_CASSANDRA_PORT is no port: $port"
storage_port=${LOCAL_CASSANDRA_STORAGE_PORT:-$((port + 1))}
nodes=${LOCAL_CASSANDRA_NODES:-1}
heap=${LOCAL_CASSANDRA_HEAP:-1g}
tls=${LOCAL_CASSANDRA_TLS:-0}
auth=${LOCAL_CASSANDRA_AUTH:-0}
# Certificates and stores. The stores' password guards nothing: it stands here.
tls_dir=$dir/tls
store_password=tributary-local

# The settings as NAME=value lines: what `up` leaves beside running nodes.
settings() {
  local name
  for name in port storage_port nodes heap tls auth; do printf '%s=%q\n' "$name" "${!name}"; done
}

check_settings() {
  is_port "$storage_port" || wrong "LOCAL_CASSANDRA_STORAGE_PORT is no port: $storage_port"
  [[ $port != "$storage_port" ]] || wrong "both ports are $port"
  [[ $nodes =~ ^[1-9]$ ]] || wrong "LOCAL_CASSANDRA_NODES takes 1 to 9, not $nodes"
  [[ $tls == [01] || $tls == mutual ]] || wrong "LOCAL_CASSANDRA_TLS takes 0, 1 or mutual, not $tls"
  [[ $auth == [01] ]] || wrong "LOCAL_CASSANDRA_AUTH takes 0 or 1, not $auth"
  [[ $heap =~ ^[1-9][0-9]{0,5}[mg]$ ]] || wrong "LOCAL_CASSANDRA_HEAP takes a size such as 512m or 1g, not $heap"
}

address() { say "127.0.0.$1"; } # NODE

# ---- the processes --------------------------------------------------------------------

# Prints a node's process id; fails when it is not running. A process id that has passed to another program does not
# count: its command line must name our settings.
running() { # NODE
  local pid words folder=$dir/node$1
  [[ -r $folder/node.pid ]] || return 1
  read -r pid <"$folder/node.pid" || return 1
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  words=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline") || return 1
  [[ $'\n'$words$'\n' == *$'\n'"-Dcassandra.config=file://$folder/cassandra.yaml"$'\n'* ]] || return 1
  say "$pid"
}

# Has a node ended? While a process becomes another program its command line is empty for a moment, so one look is not
# enough.
has_ended() { # NODE
  local look
  for ((look = 0; look < 30; look++)); do
    if running "$1" >/dev/null; then return 1; fi
    sleep 0.1
  done
}

any_running() {
  local node
  for node in 1 2 3 4 5 6 7 8 9; do
    if running "$node" >/dev/null; then return 0; fi
  done
  return 1
}

# Running nodes' own settings win over this shell's.
adopt() {
  # shellcheck source=/dev/null
  if any_running && [[ -r $settings_file ]]; then . "$settings_file"; fi
}

open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; } # ADDRESS PORT

# Does a node answer? It is asked what it supports (the protocol's OPTIONS), and says so once it takes part in the ring.
answers() { # NODE
  local first
  open "$(address "$1")" "$port" || return 1
  if [[ $tls == 0 ]]; then
    first=$(
      exec 3<>"/dev/tcp/$(address "$1")/$port"
      options >&3
      timeout 10 head -c 5 <&3 | od -An -tx1
    ) || return 1
  else
    # It ends when it has been told enough, which is no failure.
    first=$(
      set +o pipefail
      { options; sleep 3; } |
        timeout 10 openssl s_client -quiet -connect "$(address "$1"):$port" -CAfile "$tls_dir/ca.pem" \
          -cert "$tls_dir/client.pem" -key "$tls_dir/client.key" 2>/dev/null |
        head -c 5 | od -An -tx1
    ) || return 1
  fi
  [[ $first == " 84 00 00 00 06" ]]
}

options() { printf '\x04\x00\x00\x00\x05\x00\x00\x00\x00'; }

# ---- java and the packages ------------------------------------------------------------

java=java
find_java() {
  local version
  if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then java=$JAVA_HOME/bin/java; fi
  command -v "$java" >/dev/null || missing "java is missing (17 is needed)"
  version=$("$java" -version 2>&1) || missing "java does not run"
  # Later ones have no security manager any more, which Cassandra 5.0 installs.
  if ! [[ $version =~ version\ \"([0-9]+) ]] || ((BASH_REMATCH[1] < 17 || BASH_REMATCH[1] > 23)); then
    missing "java 17 is missing"
  fi
}

# The jars, in a folder named after the pom: a changed pom fetches anew. The folder appears whole or not at all, so that
# two may start at once.
find_lib() {
  local sum part
  sum=$(cksum <"$here/pom.xml")
  lib=$here/.lib/${sum%% *}
  if [[ -d $lib ]]; then return; fi
  command -v mvn >/dev/null || missing "mvn is missing (it fetches Cassandra's packages)"
  say "fetching Cassandra's packages"
  mkdir -p "$here/.lib"
  part=$(mktemp -d "$here/.lib/part.XXXXXX")
  if ! mvn -q -B -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$part/jars" </dev/null >"$part/mvn.log" 2>&1; then
    tail -n 20 "$part/mvn.log" >&2
    rm -rf "$part"
    die "mvn could not fetch the packages"
  fi
  mv -T "$part/jars" "$lib" 2>/dev/null || [[ -d $lib ]] || die "cannot write $lib"
  rm -rf "$part"
}

prepare() { find_java; find_lib; }

# ---- certificates ---------------------------------------------------------------------

store() { # FILE ARGUMENTS…
  local file=$1
  shift
  "$keytool" "$@" -keystore "$file" -storetype PKCS12 -storepass "$store_password"
}

pair() { # FILE ALIAS ARGUMENTS…
  local file=$1 name=$2
  shift 2
  store "$file" -genkeypair -alias "$name" -keyalg RSA -keysize 2048 -validity 825 -dname "CN=Tributary test $name" "$@"
}

# A certificate of the authority, put into the store beside the key that it is for.
sign() { # NAME ARGUMENTS…
  local name=$1
  shift
  store "$name.p12" -certreq -alias "$name" -file "$name.csr" &&
    store ca.p12 -gencert -alias ca -infile "$name.csr" -outfile "$name.crt" -rfc -validity 825 "$@" &&
    store "$name.p12" -importcert -noprompt -alias ca -file ca.pem &&
    store "$name.p12" -importcert -noprompt -alias "$name" -file "$name.crt"
}

# An authority, a certificate for the nodes' addresses in a keystore, a truststore, and a client's certificate in PEM; kept as
# long as there are that many nodes and they have a day to live.
make_certificates() {
  local node names='' keytool
  keytool=$(dirname "$(command -v "$java")")/keytool
  [[ -x $keytool ]] || missing "keytool is missing (it comes with Java)"
  command -v openssl >/dev/null || missing "openssl is missing (it takes a client's key out of its store)"
  for ((node = 1; node <= nodes; node++)); do names+=,ip:$(address "$node"); done
  if [[ -s $tls_dir/made && $(<"$tls_dir/made") == "$names" ]] &&
    openssl x509 -checkend 86400 -noout -in "$tls_dir/node.crt" >/dev/null 2>&1; then
    return
  fi
  rm -rf "$tls_dir"
  mkdir -p "$tls_dir"
  (
    cd "$tls_dir" && umask 077 &&
      pair ca.p12 ca -ext bc:c=ca:true && store ca.p12 -exportcert -alias ca -rfc -file ca.pem &&
      pair node.p12 node && sign node -ext "san=${names#,}" &&
      store trust.p12 -importcert -noprompt -alias ca -file ca.pem &&
      pair client.p12 client && sign client -ext eku=clientAuth && cp client.crt client.pem &&
      openssl pkcs12 -in client.p12 -nocerts -nodes -passin "pass:$store_password" -out client.key &&
      say "$names" >made
  ) >"$dir/tls.log" 2>&1 || { cat "$dir/tls.log" >&2; die "the certificates could not be made"; }
  rm -f "$dir/tls.log"
}

# What a node's settings say of who may come.
security() {
  if ((auth)); then say "authenticator: PasswordAuthenticator"; fi
  if [[ $tls == 0 ]]; then return; fi
  say "client_encryption_options:"
  say "  enabled: true"
  say "  optional: false"
  say "  store_type: PKCS12"
  say "  keystore: $tls_dir/node.p12"
  say "  keystore_password: $store_password"
  say "  truststore: $tls_dir/trust.p12"
  say "  truststore_password: $store_password"
  if [[ $tls == mutual ]]; then say "  require_client_auth: true"; else say "  require_client_auth: false"; fi
}

# ---- commands -------------------------------------------------------------------------

show_env() {
  local node
  printf 'LOCAL_CASSANDRA='
  for ((node = 1; node <= nodes; node++)); do
    if ((node > 1)); then printf ','; fi
    printf '%s:%s' "$(address "$node")" "$port"
  done
  printf '\n'
  if [[ $tls != 0 ]]; then printf 'LOCAL_CASSANDRA_CA=%s\n' "$tls_dir/ca.pem"; fi
  if [[ $tls == mutual ]]; then
    printf 'LOCAL_CASSANDRA_CERTIFICATE=%s\nLOCAL_CASSANDRA_KEY=%s\n' "$tls_dir/client.pem" "$tls_dir/client.key"
  fi
}

failed() { # NODE MESSAGE: with the end of the node's log, and no half-started node left
  local log=$dir/node$1/node.log
  printf '%s\n' "---- the end of $log" >&2
  tail -n 30 "$log" >&2 || true
  stop "$1" || true
  die "$2"
}

start() { # NODE
  local node=$1 folder=$dir/node$1 text pid deadline starter=(nohup)
  # So long a node waits for others; several that share few cores answer each other late.
  local ring_delay_ms=$((nodes == 1 ? 1000 : 5000))
  if running "$node" >/dev/null; then return; fi
  if open "$(address "$node")" "$port" || open "$(address "$node")" "$storage_port"; then
    die "port $port or $storage_port of $(address "$node") is in use by another program"
  fi
  mkdir -p "$folder"
  text=$(<"$here/cassandra.yaml.in")
  text=${text//@ADDRESS@/"$(address "$node")"}
  text=${text//@STORAGE_PORT@/"$storage_port"}
  text=${text//@PORT@/"$port"}
  text=${text//@SECURITY@/"$(security)"}
  say "$text" >"$folder/cassandra.yaml"
  if [[ -e $folder/node.log ]]; then mv -f "$folder/node.log" "$folder/node.log.1"; fi
  if command -v setsid >/dev/null; then starter=(setsid); fi
  "${starter[@]}" "$java" -Xms256m "-Xmx$heap" -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError \
    --add-opens java.base/jdk.internal.ref=ALL-UNNAMED --add-opens java.base/sun.nio.ch=ALL-UNNAMED \
    --add-opens java.base/java.io=ALL-UNNAMED \
    "-Dcassandra.config=file://$folder/cassandra.yaml" "-Dlogback.configurationFile=$here/logback.xml" \
    "-Dcassandra.storagedir=$folder/data" -Dcassandra-foreground=yes \
    "-Dcassandra.ring_delay_ms=$ring_delay_ms" -Dcassandra.skip_wait_for_gossip_to_settle=0 \
    -Dcassandra.superuser_setup_delay_ms=0 \
    -cp "$lib/*" org.apache.cassandra.service.CassandraDaemon </dev/null >"$folder/node.log" 2>&1 9>&- &
  pid=$!
  say "$pid" >"$folder/node.pid"
  deadline=$((SECONDS + wait_s))
  until answers "$node"; do
    if has_ended "$node"; then failed "$node" "node $node has ended"; fi
    ((SECONDS < deadline)) || failed "$node" "node $node did not answer on port $port within $wait_s s"
    sleep 0.2
  done
}

up() {
  local node
  check_settings
  prepare
  mkdir -p "$dir"
  command -v flock >/dev/null || missing "flock is missing"
  exec 9>"$dir/lock"
  flock -w $((wait_s + 60)) 9 || die "another cassandra.sh holds $dir"
  if any_running && [[ "$(settings)" != "$(<"$settings_file")" ]]; then
    die "nodes are up with other settings: cassandra.sh down first"
  fi
  settings >"$settings_file"
  if [[ $tls != 0 ]]; then make_certificates; fi
  # One after the other: each joins the ring of those before it.
  for ((node = 1; node <= nodes; node++)); do start "$node"; done
  say "up: $(show_env | head -n 1)"
}

# Asks a node to end, waits, and ends it by force if it stays.
stop() { # NODE
  local pid i
  if ! pid=$(running "$1"); then return; fi
  kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < 300; i++)); do
    if ! running "$1" >/dev/null; then return; fi
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do
    if ! running "$1" >/dev/null; then break; fi
    sleep 0.1
  done
  say "node $1 was killed: it did not end within 30 s"
}

down() {
  local node
  for node in 9 8 7 6 5 4 3 2 1; do stop "$node"; done
  say "down"
}

down_one() { # NODE
  [[ $1 =~ ^[1-9]$ ]] || wrong "no node: $1"
  stop "$1"
  say "node $1 is down"
}

# Only what this script made, whatever folder it was pointed at.
wipe() {
  local node
  down
  for node in 1 2 3 4 5 6 7 8 9; do
    rm -rf "$dir/node$node/data"
    rm -f "$dir/node$node"/{cassandra.yaml,node.log,node.log.1,node.pid}
    rmdir "$dir/node$node" 2>/dev/null || true
  done
  rm -rf "$tls_dir"
  rm -f "$settings_file" "$dir/lock" "$dir/tls.log"
  rmdir "$dir" 2>/dev/null || true
  say "wiped"
}

status() {
  local node state=0
  adopt
  for ((node = 1; node <= nodes; node++)); do
    if ! running "$node" >/dev/null; then
      say "node $node: down"
      state=1
    elif answers "$node"; then
      say "node $node: up, $(address "$node"):$port"
    else
      say "node $node: not answering, $(address "$node"):$port"
      state=1
    fi
  done
  return "$state"
}

takes() { # COUNT GIVEN
  [[ $1 == "$2" ]] || wrong "wrong number of arguments"
}

command=${1:-}
if (($#)); then shift; fi
case $command in
  up) takes 0 $#; up ;;
  down)
    if (($#)); then
      takes 1 $#
      down_one "$1"
    else
      down
    fi
    ;;
  wipe) takes 0 $#; wipe ;;
  status) takes 0 $#; status ;;
  env) takes 0 $#; adopt; check_settings; show_env ;;
  help | -h | --help) usage ;;
  *) wrong "no such command: $command" ;;
esac
