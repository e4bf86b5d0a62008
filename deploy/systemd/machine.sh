#!/usr/bin/env bash
# machine.sh BINARY COMMAND [ARG ...]: runs a command on a machine that systemd runs, with the binary installed and the units
# beside it: PID 1 of namespaces of its own, with layers over /etc and /var, an empty /root, a journal, and a loopback. Nothing of this
# machine is changed but below /tmp, and all of it is gone when the command ends. With CHECKOUT set, that folder is /run/checkout there.
# Exit codes: the command's; 2 wrong usage, 3 no such machine can be had here.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

if (($# < 2)) || [[ ! -x $1 ]]; then
  echo "usage: machine.sh BINARY COMMAND [ARG ...]" >&2
  exit 2
fi
binary=$(realpath "$1")
shift
cannot() { echo "machine.sh: $*" >&2; exit 3; }
((EUID == 0)) || cannot "only root makes namespaces in which systemd runs"
for need in systemd-analyze:systemd nsenter:util-linux ip:iproute2; do
  command -v "${need%%:*}" >/dev/null || cannot "${need%%:*} is missing (Debian's package ${need##*:})"
done
groups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
[[ -n $groups ]] || cannot "there is no cgroup2"

work=$(mktemp -d)
starter=
cgroup=$groups/tributary-machine.$$
# shellcheck disable=SC2317
end() {
  local left
  if [[ -n $starter ]]; then
    # The end of the namespaces' first process is the end of all in them.
    if [[ -s $work/first ]]; then kill -KILL "$(<"$work/first")" 2>/dev/null || true; else kill -KILL "$starter" 2>/dev/null || true; fi
    wait "$starter" 2>/dev/null || true
  fi
  for ((left = 0; left < 50; left++)); do
    find "$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [[ -d $cgroup ]] || break
    sleep 0.1
  done
  rm -rf "$work"
}
trap end EXIT
# A group of its own, below which that systemd has its own.
mkdir "$cgroup" || cannot "no cgroup can be made"

# What a booted system has, as far as the units ask for it.
mkdir "$work/units"
for target in basic default local-fs multi-user network-online shutdown sysinit time-sync timers umount; do
  printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"$work/units/$target.target"
done
printf 'Wants=systemd-journald.service\n' >>"$work/units/default.target"
cp /usr/lib/systemd/system/systemd-journald{.service,.socket,-dev-log.socket} "$work/units/"
cp "$here"/*.service "$here"/*.timer "$work/units/"

# Runs as the first process of the new namespaces, and becomes systemd.
# shellcheck disable=SC2016
first='
set -e
work=$1 binary=$2 checkout=$3
mount --make-rprivate /
mount -t tmpfs tmpfs /run
for part in etc var; do
  mkdir -p /run/layers/$part && mount -t tmpfs tmpfs /run/layers/$part && mkdir /run/layers/$part/upper /run/layers/$part/work
  mount -t overlay overlay -o "lowerdir=/$part,upperdir=/run/layers/$part/upper,workdir=/run/layers/$part/work" "/$part"
done
mount -t tmpfs -o mode=700 tmpfs /root
mkdir /run/dev
for node in null zero full random urandom tty; do touch /run/dev/$node; mount --bind /dev/$node /run/dev/$node; done
touch /run/dev/console && mount --bind /dev/null /run/dev/console
mount --rbind /run/dev /dev
ln -s /proc/self/fd /dev/fd && ln -s fd/0 /dev/stdin && ln -s fd/1 /dev/stdout && ln -s fd/2 /dev/stderr && ln -s pts/ptmx /dev/ptmx
mkdir /dev/shm /dev/pts && mount -t tmpfs tmpfs /dev/shm && mount -t devpts -o ptmxmode=0666,newinstance devpts /dev/pts
mkdir -p /run/bin && cp "$binary" /run/bin/tributary && mount --bind /run/bin /usr/local/bin
if [ -n "$checkout" ]; then mkdir /run/checkout && mount --bind "$checkout" /run/checkout; fi
ip link set lo up
for group in $(findmnt -rn -t cgroup,cgroup2 -o TARGET | sort -r); do umount "$group"; done
umount /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
rm -rf /etc/systemd/system /var/log/journal && mkdir -p /etc/systemd/system && cp "$work"/units/* /etc/systemd/system/
export container=tributary SYSTEMD_UNIT_PATH=/etc/systemd/system SYSTEMD_PROC_CMDLINE=systemd
export SYSTEMD_GENERATOR_PATH= SYSTEMD_ENVIRONMENT_GENERATOR_PATH=
exec /lib/systemd/systemd --system --unit=default.target --log-target=journal --show-status=no
'
(
  echo "$BASHPID" >"$cgroup/cgroup.procs"
  exec unshare --cgroup --mount --uts --ipc --pid --net --fork --kill-child --mount-proc \
    bash -c "$first" first "$work" "$binary" "${CHECKOUT:-}" </dev/null >"$work/systemd.log" 2>&1
) &
starter=$!

child_of() { tr -d ' \n' <"/proc/$1/task/$1/children" 2>/dev/null; }
inside() { nsenter --target "$(<"$work/first")" --all "$@"; }
up=
for ((i = 0; i < 600; i++)); do
  if ! kill -0 "$starter" 2>/dev/null; then
    tail -n 5 "$work/systemd.log" >&2
    cannot "there are no namespaces as systemd needs them"
  fi
  id=$(child_of "$starter" || true)
  if [[ -n $id && $(cat "/proc/$id/comm" 2>/dev/null) == systemd ]]; then
    echo "$id" >"$work/first"
    # A few units are no whole system: it may say that it is degraded, and answers all the same.
    up=$(inside systemctl is-system-running 2>/dev/null) || true
    if [[ $up == running || $up == degraded ]]; then break; fi
  fi
  sleep 0.1
done
if [[ $up != running && $up != degraded ]]; then
  tail -n 20 "$work/systemd.log" >&2
  echo "machine.sh: systemd did not start (${up:-no answer})" >&2
  exit 1
fi
# What the surroundings set for tests is no setting of this machine.
mapfile -t settings < <(compgen -e TRIBUTARY_ || true)
code=0
inside env --chdir=/root "${settings[@]/#/--unset=}" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@" || code=$?
exit "$code"
