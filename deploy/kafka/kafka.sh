#!/usr/bin/env bash
# A real Kafka broker on loopback, or several, from Maven packages, without a container.
# `kafka.sh help` lists the commands; README.md beside this file says more.
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program it needs is missing.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*"; }
die() { printf 'kafka.sh: %s\n' "$*" >&2; exit 1; }
missing() { printf 'kafka.sh: %s\n' "$*" >&2; exit 3; }

usage() {
  cat <<'USAGE'
usage: kafka.sh COMMAND
  up                                    start the broker, wait until it answers
  down [NODE]                           stop it, or one of several, keep its data
  wipe                                  stop it, remove its data
  status                                exit 0 if it answers, 1 if not
  env                                   the addresses, as NAME=value lines
  topic NAME PARTITIONS [CONFIG=VALUE ...]
                                        create a topic, or say that it exists
  add-partitions NAME PARTITIONS        raise a topic's number of partitions
  delete-topic NAME                     delete a topic
  offsets NAME                          end offsets: a line "PARTITION OFFSET" each
  tool CLASS [ARG ...]                  run one of Kafka's own tools
environment: LOCAL_KAFKA_PORT (9092), LOCAL_KAFKA_DIR, LOCAL_KAFKA_NODES (1),
  LOCAL_KAFKA_SASL=1, LOCAL_KAFKA_TLS=1; the others are in README.md
USAGE
}
wrong() { printf 'kafka.sh: %s\n' "$*" >&2; usage >&2; exit 2; }

# ---- settings -------------------------------------------------------------------------

dir=${LOCAL_KAFKA_DIR:-$here/.work}
[[ $dir == /* ]] || dir=$PWD/$dir
[[ $dir != *[,$'\n\\']* ]] || die "LOCAL_KAFKA_DIR must hold no comma, backslash or line break: $dir"
data=$dir/data
log=$dir/broker.log
pid_file=$dir/broker.pid
settings_file=$dir/broker.env
properties=$dir/server.properties
tls=$dir/tls
wait_s=${LOCAL_KAFKA_WAIT:-60}
lib=

port=${LOCAL_KAFKA_PORT:-9092}
is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); }
is_port "$port" || wrong "LOCAL_KAFKA_PORT is no port: $port"
controller_port=${LOCAL_KAFKA_CONTROLLER_PORT:-$((port + 1))}
sasl_port=${LOCAL_KAFKA_SASL_PORT:-$((port + 2))}
tls_port=${LOCAL_KAFKA_TLS_PORT:-$((port + 3))}
sasl_tls_port=${LOCAL_KAFKA_SASL_TLS_PORT:-$((port + 4))}
sasl=${LOCAL_KAFKA_SASL:-0}
with_tls=${LOCAL_KAFKA_TLS:-0}
# Listeners behind proxies: PORT:ADVERTISED, by commas.
proxied=${LOCAL_KAFKA_PROXIED:-}
user=${LOCAL_KAFKA_USER:-tributary}
password=${LOCAL_KAFKA_PASSWORD:-tributary-secret}
# Of several brokers each is one of its own, in a directory within this one, which these tell what it is.
nodes=${LOCAL_KAFKA_NODES:-1}
node=${LOCAL_KAFKA_NODE:-1}
voters=${LOCAL_KAFKA_VOTERS:-1@127.0.0.1:$controller_port}
cluster_id=${LOCAL_KAFKA_CLUSTER_ID:-}
nodes_file=$dir/nodes.env

# The settings as NAME=value lines: what `up` leaves beside a running broker.
settings() {
  local name
  for name in port controller_port sasl_port tls_port sasl_tls_port sasl with_tls proxied user password node voters; do
    printf '%s=%q\n' "$name" "${!name}"
  done
}

check_settings() {
  local name
  for name in controller_port sasl_port tls_port sasl_tls_port; do
    is_port "${!name}" || wrong "$name is no port: ${!name}"
  done
  for name in sasl with_tls; do
    [[ ${!name} == [01] ]] || wrong "LOCAL_KAFKA_SASL and LOCAL_KAFKA_TLS take 0 or 1, not ${!name}"
  done
  [[ $nodes =~ ^[1-9]$ && $node =~ ^[1-9]$ ]] || wrong "LOCAL_KAFKA_NODES takes 1 to 9, not $nodes"
  [[ $voters =~ ^[1-9]@127\.0\.0\.1:[0-9]+(,[1-9]@127\.0\.0\.1:[0-9]+)*$ ]] || wrong "LOCAL_KAFKA_VOTERS takes N@127.0.0.1:PORT, by commas"
  [[ -z $proxied || $proxied =~ ^[0-9]+:[0-9]+(,[0-9]+:[0-9]+)*$ ]] || wrong "LOCAL_KAFKA_PROXIED takes PORT:ADVERTISED, by commas"
  [[ $user =~ ^[A-Za-z][A-Za-z0-9_-]*$ ]] || wrong "LOCAL_KAFKA_USER takes letters, digits, _ and -"
  [[ $password =~ ^[A-Za-z0-9._~!@%+:-]+$ ]] || wrong "LOCAL_KAFKA_PASSWORD takes letters, digits and . _ ~ ! @ % + : -"
}

# The ports that this broker listens on, with the settings in force.
ports() {
  say "$port"
  say "$controller_port"
  if ((sasl)); then say "$sasl_port"; fi
  if ((with_tls)); then say "$tls_port"; fi
  if ((sasl && with_tls)); then say "$sasl_tls_port"; fi
  local pair
  for pair in ${proxied//,/ }; do say "${pair%%:*}"; done
}

# ---- the process ----------------------------------------------------------------------

# Prints the broker's process id; fails when it is not running. A process id that has
# passed to another program does not count: its command line must name our properties.
running() {
  local pid words
  [[ -r $pid_file ]] || return 1
  read -r pid <"$pid_file" || return 1
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  words=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline") || return 1
  [[ $'\n'$words$'\n' == *$'\n'"$properties"$'\n'* ]] || return 1
  say "$pid"
}

# Has the broker ended? While a process becomes another program (setsid becomes java, and java may start itself anew), its
# command line is empty for a moment, so one look is not enough.
has_ended() {
  local look
  for ((look = 0; look < 30; look++)); do
    if running >/dev/null; then return 1; fi
    sleep 0.1
  done
}

# A running broker's own settings win over this shell's.
adopt() {
  # shellcheck source=/dev/null
  if running >/dev/null && [[ -r $settings_file ]]; then . "$settings_file"; fi
}

open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ---- java and the packages ------------------------------------------------------------

java=java
find_java() {
  local version
  if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then java=$JAVA_HOME/bin/java; fi
  command -v "$java" >/dev/null || missing "java is missing (17 or newer is needed)"
  version=$("$java" -version 2>&1) || missing "java does not run"
  if ! [[ $version =~ version\ \"([0-9]+) ]] || ((BASH_REMATCH[1] < 17)); then missing "java 17 or newer is missing"; fi
}

# The jars, in a folder named after the pom: a changed pom fetches anew. The folder appears
# whole or not at all, so that two brokers may start at once.
find_lib() {
  local sum part
  sum=$(cksum <"$here/pom.xml")
  lib=$here/.lib/${sum%% *}
  if [[ -d $lib ]]; then return; fi
  command -v mvn >/dev/null || missing "mvn is missing (it fetches Kafka's packages)"
  say "fetching Kafka's packages"
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

# One of Kafka's own programs: a short-lived JVM, tuned to start soon.
tool() {
  local class=$1
  shift
  "$java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$lib/*" "$class" "$@"
}

topics() { tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" "$@"; }

# What a tool said of its failure: its own line, or all of it when it has none.
explain() { grep -m 1 '^Error' <<<"$1" >&2 || printf '%s\n' "$1" >&2; }

# Does the broker answer a request, on the given port, with the given client settings?
answers() {
  local config=()
  if (($# > 1)); then config=(--config "$2"); fi
  open "$1" || return 1
  timeout 20 "$java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$lib/*" \
    org.apache.kafka.tools.ClusterTool cluster-id --bootstrap-server "127.0.0.1:$1" \
    ${config[@]+"${config[@]}"} >"$dir/answer.log" 2>&1 </dev/null
}

need_up() {
  prepare
  running >/dev/null || die "the broker is down: kafka.sh up"
  adopt
}

# ---- files that `up` writes -----------------------------------------------------------

# A CA and a certificate for 127.0.0.1 and localhost, kept while they have a day to live.
make_tls() {
  command -v openssl >/dev/null || missing "openssl is missing (it makes the TLS certificates)"
  if [[ -s $tls/server.pem && -s $tls/ca.pem ]] &&
    openssl x509 -checkend 86400 -noout -in "$tls/server.crt" >/dev/null 2>&1; then
    return
  fi
  rm -rf "$tls"
  mkdir -p "$tls"
  cat >"$tls/openssl.cnf" <<'CNF'
[req]
distinguished_name = name
prompt = no
[name]
CN = 127.0.0.1
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
CNF
  {
    openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 825 -config "$tls/openssl.cnf" -extensions ca \
      -subj '/CN=Tributary test CA' -keyout "$tls/ca.key" -out "$tls/ca.pem" &&
      openssl req -newkey rsa:2048 -nodes -sha256 -config "$tls/openssl.cnf" \
        -keyout "$tls/server.key" -out "$tls/server.csr" &&
      openssl x509 -req -sha256 -days 825 -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" \
        -CAcreateserial -extfile "$tls/openssl.cnf" -extensions server -out "$tls/server.crt"
  } >"$tls/openssl.log" 2>&1 || { cat "$tls/openssl.log" >&2; die "openssl could not make the certificates"; }
  (umask 077 && cat "$tls/server.key" "$tls/server.crt" "$tls/ca.pem" >"$tls/server.pem")
}

client_properties() { # FILE PROTOCOL [MECHANISM]
  local file=$1 module=plain.PlainLoginModule
  {
    say "security.protocol=$2"
    if [[ $2 == *SSL ]]; then
      say "ssl.truststore.type=PEM"
      say "ssl.truststore.location=$tls/ca.pem"
    fi
    if (($# > 2)); then
      if [[ $3 == SCRAM* ]]; then module=scram.ScramLoginModule; fi
      say "sasl.mechanism=$3"
      say "sasl.jaas.config=org.apache.kafka.common.security.$module required username=\"$user\" password=\"$password\";"
    fi
  } >"$file"
}

write_properties() {
  local text listeners advertised protocols name pair brokers
  local jaas=org.apache.kafka.common.security
  listeners="PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port"
  if ((sasl)); then listeners+=",SASL_PLAINTEXT://127.0.0.1:$sasl_port"; fi
  if ((with_tls)); then listeners+=",SSL://127.0.0.1:$tls_port"; fi
  if ((sasl && with_tls)); then listeners+=",SASL_SSL://127.0.0.1:$sasl_tls_port"; fi
  advertised=${listeners/CONTROLLER:\/\/127.0.0.1:$controller_port/}
  advertised=${advertised/,,/,}
  advertised=${advertised%,}
  protocols=
  for pair in ${proxied//,/ }; do
    listeners+=",PROXIED${pair%%:*}://127.0.0.1:${pair%%:*}"
    advertised+=",PROXIED${pair%%:*}://127.0.0.1:${pair##*:}"
    protocols+=",PROXIED${pair%%:*}:PLAINTEXT"
  done
  text=$(<"$here/server.properties.in")
  text=${text//@PROTOCOLS@/"$protocols"}
  brokers=$(tr , '\n' <<<"$voters" | wc -l)
  text=${text//@NODE@/"$node"}
  text=${text//@VOTERS@/"$voters"}
  # Everything is on three brokers where there are so many, and one of them may be missing.
  text=${text//@REPLICAS@/"$((brokers < 3 ? 1 : 3))"}
  text=${text//@IN_SYNC@/"$((brokers < 3 ? 1 : 2))"}
  text=${text//@LISTENERS@/"$listeners"}
  text=${text//@DATA@/"$data"}
  {
    say "$text"
    if [[ -n $proxied ]]; then say "advertised.listeners=$advertised"; fi
    if ((sasl)); then
      say ""
      say "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,OAUTHBEARER"
      for name in sasl_plaintext sasl_ssl; do
        if [[ $name == sasl_ssl ]] && ((!with_tls)); then continue; fi
        say "listener.name.$name.plain.sasl.jaas.config=$jaas.plain.PlainLoginModule required user_$user=\"$password\";"
        say "listener.name.$name.scram-sha-256.sasl.jaas.config=$jaas.scram.ScramLoginModule required;"
        # Tokens are taken unsigned: this broker is for trying.
        say "listener.name.$name.oauthbearer.sasl.jaas.config=$jaas.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"$user\";"
      done
    fi
    if ((with_tls)); then
      say ""
      say "ssl.keystore.type=PEM"
      say "ssl.keystore.location=$tls/server.pem"
    fi
  } >"$properties"
  rm -f "$dir"/client-*.properties
  if ((sasl)); then
    client_properties "$dir/client-plain.properties" SASL_PLAINTEXT PLAIN
    client_properties "$dir/client-scram.properties" SASL_PLAINTEXT SCRAM-SHA-256
  fi
  if ((with_tls)); then client_properties "$dir/client-tls.properties" SSL; fi
  if ((sasl && with_tls)); then
    client_properties "$dir/client-plain-tls.properties" SASL_SSL PLAIN
    client_properties "$dir/client-scram-tls.properties" SASL_SSL SCRAM-SHA-256
  fi
}

# An id of a cluster: 16 random bytes, URL-safe base64.
drawn_id() {
  local id
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_')
  id=${id:0:22}
  say "T${id:1}"
}

# The storage is formatted once, with the id of its cluster.
format() {
  if [[ -s $data/meta.properties ]]; then return; fi
  tool kafka.tools.StorageTool format --ignore-formatted -t "${cluster_id:-$(drawn_id)}" -c "$properties" >"$dir/format.log" 2>&1 </dev/null ||
    { tail -n 20 "$dir/format.log" >&2; die "the storage could not be formatted"; }
}

# ---- commands -------------------------------------------------------------------------

show_env() {
  printf 'LOCAL_KAFKA_BOOTSTRAP=127.0.0.1:%s\n' "$port"
  if ((sasl)); then
    printf 'LOCAL_KAFKA_SASL_BOOTSTRAP=127.0.0.1:%s\n' "$sasl_port"
    printf 'LOCAL_KAFKA_USER=%q\n' "$user"
    printf 'LOCAL_KAFKA_PASSWORD=%q\n' "$password"
  fi
  if ((with_tls)); then
    printf 'LOCAL_KAFKA_TLS_BOOTSTRAP=127.0.0.1:%s\n' "$tls_port"
    printf 'LOCAL_KAFKA_CA=%q\n' "$tls/ca.pem"
  fi
  if ((sasl && with_tls)); then printf 'LOCAL_KAFKA_SASL_TLS_BOOTSTRAP=127.0.0.1:%s\n' "$sasl_tls_port"; fi
}

failed() { # MESSAGE: with the end of the broker's log, and no half-started broker left
  printf '%s\n' "---- the end of $log" >&2
  tail -n 30 "$log" >&2 || true
  stop >/dev/null || true
  die "$1"
}

# Tries until the deadline, for as long as the broker lives.
until_answers() { # DEADLINE PORT [CLIENT_PROPERTIES]
  local deadline=$1
  shift
  until answers "$@"; do
    if has_ended; then failed "the broker has ended"; fi
    ((SECONDS < deadline)) || failed "the broker did not answer on port $1 within $wait_s s"
    sleep 0.2
  done
}

up() {
  local pid deadline p starter=(nohup)
  check_settings
  prepare
  mkdir -p "$dir"
  command -v flock >/dev/null || missing "flock is missing"
  exec 9>"$dir/lock"
  flock -w $((wait_s + 60)) 9 || die "another kafka.sh holds $dir"
  if pid=$(running); then
    [[ "$(settings)" == "$(<"$settings_file")" ]] ||
      die "the broker is up with other settings: kafka.sh down first"
    answers "$port" || die "the broker (process $pid) is up but does not answer: kafka.sh down first"
    say "already up: 127.0.0.1:$port (process $pid)"
    return
  fi
  [[ -z $(ports | sort | uniq -d) ]] || die "two listeners have the same port"
  for p in $(ports); do
    if open "$p"; then die "port $p is in use by another program"; fi
  done
  if ((with_tls)); then make_tls; fi
  write_properties
  format
  settings >"$settings_file"
  if [[ -e $log ]]; then mv -f "$log" "$log.1"; fi
  if command -v setsid >/dev/null; then starter=(setsid); fi
  "${starter[@]}" "$java" -Xms128m -Xmx512m -XX:+UseG1GC -Dtributary.kafka.log=info \
    -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$lib/*" \
    kafka.Kafka "$properties" </dev/null >"$log" 2>&1 9>&- &
  pid=$!
  say "$pid" >"$pid_file"
  deadline=$((SECONDS + wait_s))
  until_answers "$deadline" "$port"
  if ((sasl)); then
    tool kafka.admin.ConfigCommand --bootstrap-server "127.0.0.1:$port" --alter --entity-type users \
      --entity-name "$user" --add-config "SCRAM-SHA-256=[password=$password]" >"$dir/answer.log" 2>&1 </dev/null ||
      { cat "$dir/answer.log" >&2; failed "the SCRAM user could not be set"; }
    until_answers "$deadline" "$sasl_port" "$dir/client-scram.properties"
  fi
  if ((with_tls)); then until_answers "$deadline" "$tls_port" "$dir/client-tls.properties"; fi
  say "up: 127.0.0.1:$port (process $pid)"
}

# Asks the broker to end, waits, and ends it by force if it stays.
stop() {
  local pid i
  if ! pid=$(running); then
    rm -f "$pid_file"
    say "down"
    return
  fi
  kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < 300; i++)); do
    if ! running >/dev/null; then
      rm -f "$pid_file"
      say "down"
      return
    fi
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do
    if ! running >/dev/null; then break; fi
    sleep 0.1
  done
  rm -f "$pid_file"
  say "down (killed: it did not end within 30 s)"
}

# Only what this script made, whatever folder it was pointed at.
wipe() {
  stop
  rm -rf "$data" "$tls"
  rm -f "$dir"/client-{plain,scram,tls,plain-tls,scram-tls}.properties "$properties" "$settings_file" \
    "$log" "$log.1" "$dir"/{answer,format}.log "$dir/lock"
  rmdir "$dir" 2>/dev/null || true
  say "wiped"
}

status() {
  local pid
  if ! pid=$(running); then
    say "down"
    return 1
  fi
  adopt
  prepare
  if ! answers "$port"; then
    say "not answering: 127.0.0.1:$port (process $pid)"
    return 1
  fi
  say "up: 127.0.0.1:$port (process $pid)"
}

topic_name() {
  [[ $1 =~ ^[A-Za-z0-9._-]{1,249}$ ]] || wrong "no topic's name: $1"
}
count() {
  [[ $1 =~ ^[1-9][0-9]{0,5}$ ]] || wrong "no number of partitions: $1"
}

# Prints a topic's number of partitions.
partitions_of() {
  topics --describe --topic "${1//./\\.}" 2>/dev/null | sed -n 's/.*PartitionCount: *\([0-9]*\).*/\1/p'
}

topic() {
  local name=$1 partitions=$2 out setting config=()
  shift 2
  topic_name "$name"
  count "$partitions"
  for setting; do
    [[ $setting == ?*=* ]] || wrong "no CONFIG=VALUE: $setting"
    config+=(--config "$setting")
  done
  need_up
  if out=$(topics --create --topic "$name" --partitions "$partitions" ${config[@]+"${config[@]}"} 2>&1); then
    say "topic $name: created, $partitions partitions"
  elif [[ $out == *"already exists"* ]]; then
    say "topic $name: exists, $(partitions_of "$name") partitions"
  else
    explain "$out"
    die "topic $name could not be created"
  fi
}

add_partitions() {
  local out
  topic_name "$1"
  count "$2"
  need_up
  out=$(topics --alter --topic "${1//./\\.}" --partitions "$2" 2>&1) ||
    { explain "$out"; die "topic $1 could not be given $2 partitions"; }
  say "topic $1: $2 partitions"
}

delete_topic() {
  local out
  topic_name "$1"
  need_up
  if out=$(topics --delete --topic "${1//./\\.}" 2>&1); then
    say "topic $1: deleted"
  elif [[ $out == *"does not exist"* ]]; then
    say "topic $1: was not there"
  else
    explain "$out"
    die "topic $1 could not be deleted"
  fi
}

offsets() {
  local out
  topic_name "$1"
  need_up
  out=$(tool org.apache.kafka.tools.GetOffsetShell --bootstrap-server "127.0.0.1:$port" \
    --topic "${1//./\\.}" 2>&1) ||
    { explain "$out"; die "no offsets of topic $1"; }
  awk -F: -v name="$1" '$1 == name { print $2, $3 }' <<<"$out" | sort -n
}

# A word without a dot is one of Kafka's command-line tools.
run_tool() {
  local class=$1
  shift
  case $class in
    *.*) ;;
    ConsoleConsumer) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    ConsumerGroupCommand) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    ConfigCommand) class=kafka.admin.ConfigCommand ;;
    *) class=org.apache.kafka.tools.$class ;;
  esac
  prepare
  tool "$class" "$@"
}

# ---- several brokers ------------------------------------------------------------------

# This script for one of several brokers: its ports are ten above those of the one before.
of_node() { # NODE COMMAND [ARG ...]
  local number=$1 own all=() at
  shift
  for ((at = 1; at <= nodes; at++)); do all+=("$at@127.0.0.1:$((port + 10 * (at - 1) + 1))"); done
  own=$((port + 10 * (number - 1)))
  env -u LOCAL_KAFKA_CONTROLLER_PORT -u LOCAL_KAFKA_SASL_PORT -u LOCAL_KAFKA_TLS_PORT -u LOCAL_KAFKA_SASL_TLS_PORT \
    -u LOCAL_KAFKA_NODES LOCAL_KAFKA_DIR="$dir/node$number" LOCAL_KAFKA_PORT="$own" LOCAL_KAFKA_NODE="$number" \
    LOCAL_KAFKA_VOTERS="$(IFS=,; printf '%s' "${all[*]}")" LOCAL_KAFKA_CLUSTER_ID="$cluster_id" "$here/kafka.sh" "$@"
}

# How many there are of a directory that has had several, whatever this shell says; and where they begin.
adopt_nodes() {
  # shellcheck source=/dev/null
  if [[ -r $nodes_file ]]; then . "$nodes_file"; fi
}

several_up() {
  local number jobs=() state=0
  [[ $nodes =~ ^[2-9]$ ]] || wrong "LOCAL_KAFKA_NODES takes 1 to 9, not $nodes"
  [[ -z $proxied ]] || wrong "LOCAL_KAFKA_PROXIED is for one broker"
  ((port + 10 * nodes <= 65535)) || wrong "$nodes brokers from port $port on end above 65535"
  prepare
  mkdir -p "$dir"
  [[ -n $cluster_id ]] || cluster_id=$(drawn_id)
  printf 'nodes=%q\nport=%q\ncluster_id=%q\n' "$nodes" "$port" "$cluster_id" >"$nodes_file"
  # At once: none of them answers before most are there.
  for ((number = 1; number <= nodes; number++)); do
    of_node "$number" up &
    jobs+=("$!")
  done
  for number in "${jobs[@]}"; do wait "$number" || state=1; done
  ((state == 0)) || die "not all brokers are up"
}

several() { # COMMAND [ARG ...]
  local command=$1 number state=0
  shift
  case $command in
    up) takes 0 $#; several_up ;;
    down)
      if (($#)); then
        takes 1 $#
        if ! [[ $1 =~ ^[1-9]$ ]] || (($1 > nodes)); then wrong "no broker: $1"; fi
        of_node "$1" down
      else
        for ((number = nodes; number >= 1; number--)); do of_node "$number" down & done
        wait
      fi
      ;;
    status | wipe)
      takes 0 $#
      # All end at once: the last one alone would wait for the others.
      if [[ $command == wipe ]]; then several down; fi
      for ((number = 1; number <= nodes; number++)); do of_node "$number" "$command" || state=1; done
      if [[ $command == wipe ]]; then
        rm -f "$nodes_file"
        rmdir "$dir" 2>/dev/null || true
      fi
      return "$state"
      ;;
    env)
      # The first of each kind of address, then those of the others behind it.
      for ((number = 1; number <= nodes; number++)); do of_node "$number" env; done |
        awk -F= '{ if (!($1 in of)) { order[++count] = $1; of[$1] = $2 } else if ($1 ~ /BOOTSTRAP$/) of[$1] = of[$1] "," $2 }
          END { for (at = 1; at <= count; at++) print order[at] "=" of[order[at]] }'
      ;;
    *)
      # Any of them that runs.
      for ((number = 1; number <= nodes; number++)); do
        if of_node "$number" running; then
          of_node "$number" "$command" "$@"
          return
        fi
      done
      die "no broker is up: kafka.sh up"
      ;;
  esac
}

takes() { # COUNT GIVEN
  [[ $1 == "$2" ]] || wrong "wrong number of arguments"
}

command=${1:-}
if (($#)); then shift; fi
if [[ -z ${LOCAL_KAFKA_NODE:-} && ! $command =~ ^(|help|-h|--help|tool)$ ]]; then
  adopt_nodes
  if [[ $command == up && -n ${LOCAL_KAFKA_NODES:-} && $nodes != "$LOCAL_KAFKA_NODES" ]]; then
    die "$dir is of $nodes brokers: kafka.sh wipe first"
  fi
  if [[ $nodes != 1 ]]; then
    several "$command" "$@"
    exit
  fi
fi
case $command in
  running) running >/dev/null ;;
  up) takes 0 $#; up ;;
  down) takes 0 $#; stop ;;
  wipe) takes 0 $#; wipe ;;
  status) takes 0 $#; status ;;
  env) takes 0 $#; adopt; check_settings; show_env ;;
  topic) (($# >= 2)) || wrong "topic takes a name and a number of partitions"; topic "$@" ;;
  add-partitions) takes 2 $#; add_partitions "$@" ;;
  delete-topic) takes 1 $#; delete_topic "$@" ;;
  offsets) takes 1 $#; offsets "$@" ;;
  tool) (($# >= 1)) || wrong "tool takes a class"; run_tool "$@" ;;
  help | -h | --help) usage ;;
  *) wrong "no such command: $command" ;;
esac
