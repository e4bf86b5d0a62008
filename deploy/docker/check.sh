#!/usr/bin/env bash
# check.sh BINARY TOOLS: judges the Containerfile and compose.yaml with what lies in TOOLS (hadolint, docker-compose), then runs
# the binary in the root that the image would have. Exit codes: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if (($# != 2)) || [[ ! -x $1 || ! -d $2 ]]; then
  echo "usage: check.sh BINARY TOOLS" >&2
  exit 2
fi
binary=$(realpath "$1") tools=$2

"$tools/hadolint" "$here/Containerfile"

work=$(mktemp -d)
pid=
# shellcheck disable=SC2317
end() {
  if [[ -n $pid ]]; then kill -KILL "$pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT
failed() {
  echo "docker: $1" >&2
  cat "$work/log" >&2 || true
  exit 1
}

# Compose wants the secrets' files; it is shown a copy.
mkdir -p "$work/deploy/docker/secrets"
cp "$here/compose.yaml" "$work/deploy/docker/"
cp -r "$here/../prometheus" "$here/../grafana" "$work/deploy/"
touch "$work/deploy/docker/secrets/hs256" "$work/deploy/docker/secrets/grafana"
"$tools/docker-compose" --file "$work/deploy/docker/compose.yaml" config --quiet
"$tools/docker-compose" --file "$work/deploy/docker/compose.yaml" config --format json >"$work/compose.json"
# What compose says is one configuration with what is in the repository.
python3 - "$work/compose.json" <<'PYTHON'
import json, sys
services = json.load(open(sys.argv[1]))["services"]
ours = services["tributary"]
assert ours["read_only"] and ours["cap_drop"] == ["ALL"], "the daemon has a root that it can write, or capabilities"
assert not ours.get("deploy", {}).get("replicas"), "two daemons on one volume"
for name, service in services.items():
    assert ":" in service["image"] or name == "tributary", f"{name} has no version"
    for port in service.get("ports", []):
        assert port["host_ip"] == "127.0.0.1", f"{name} is open to the network"
print(f"docker: {len(services)} services")
PYTHON

# The image's variables, as the Containerfile has them.
mapfile -t variables < <(sed -n '/^ENV/,/[^\\]$/p' "$here/Containerfile" | grep -oE 'TRIBUTARY_[A-Z_]+=[^ ]+')
((${#variables[@]} >= 3)) || failed "the Containerfile has no variables"
"$here/root.sh" "$binary" "$work/root"
size=$(du -sm "$work/root" | cut -f 1)
echo 'a secret of more than thirty-two bytes, for the check' >"$work/secret"
chmod 644 "$work/secret"

# Its own namespaces: the root alone, read-only but for the volume; the loopback alone. The change of user takes the capabilities away.
# shellcheck disable=SC2016
inside='
set -e
ip link set lo up
mount --make-rprivate /
mount --bind "$1/root" "$1/root"
mount -t tmpfs -o "uid=10001,gid=10001,mode=700" tmpfs "$1/root/var/lib/tributary"
# What an engine puts into every container.
mkdir "$1/root/dev" "$1/root/proc"
mount -t tmpfs -o mode=755 tmpfs "$1/root/dev"
for node in null zero random urandom; do touch "$1/root/dev/$node" && mount --bind "/dev/$node" "$1/root/dev/$node"; done
mount -t proc proc "$1/root/proc"
touch "$1/root/etc/tributary/secret"
mount --bind "$1/secret" "$1/root/etc/tributary/secret"
mount -o remount,bind,ro "$1/root"
work=$1
shift
echo $$ >"$work/pid"
cd "$work/root"
exec setpriv --no-new-privs --inh-caps=-all chroot --userspec=10001:10001 "$work/root" "$@"
'
command=(/usr/local/bin/tributary run)
env -i "${variables[@]}" TRIBUTARY_AUTH_HS256_SECRET_FILE=/etc/tributary/secret PATH="$PATH" \
  unshare --mount --net --ipc --uts bash -c "$inside" inside "$work" "${command[@]}" >"$work/log" 2>&1 &
pid=$!
ready() {
  env -i "${variables[@]}" nsenter --target "$pid" --mount --net --root=/proc/"$pid"/root --setuid 10001 --setgid 10001 \
    /usr/local/bin/tributary ready
}
said=
for ((i = 0; i < 300; i++)); do
  kill -0 "$pid" 2>/dev/null || failed "it ended"
  if said=$(ready 2>/dev/null); then break; fi
  sleep 0.1
done
[[ $said == "ready, position 0" ]] || failed "its health check never says that it is ready: $said"
of_process() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$pid/status"; }
[[ $(of_process Uid) == 10001 ]] || failed "it runs as $(of_process Uid)"
[[ $(of_process CapEff) == 0000000000000000 ]] || failed "it has capabilities: $(of_process CapEff)"
if touch "/proc/$pid/root/x" 2>/dev/null; then failed "its root can be written"; fi
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
pid=
((code == 0)) || failed "it ended with $code"
echo "docker: ready, confined and ended well in a root of $size MB (a debug build's binary is the most of it)"
