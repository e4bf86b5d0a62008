#!/usr/bin/env bash
# check.sh BINARY: judges the units, then lets a real systemd run them, on the machine that machine.sh makes. README.md beside
# this file says what is shown by it. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such machine can be had here.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if (($# != 1)); then
  echo "usage: check.sh BINARY" >&2
  exit 2
fi
CHECKOUT=$(realpath "$here/../..") exec "$here/machine.sh" "$1" bash /run/checkout/deploy/systemd/in_systemd.sh
