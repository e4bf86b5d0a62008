#!/usr/bin/env bash
# Makes a Python environment with the packages that are asked for, once, and prints the path of its python:
#   deploy/analysts/venv.sh FOLDER REQUIREMENTS...
# Made anew where the requirements have changed. Two at once wait for each other.
set -euo pipefail
if [ "$#" -lt 2 ]; then
  echo "usage: venv.sh FOLDER REQUIREMENTS..." >&2
  exit 2
fi
folder=$1
shift
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
wanted=$(cat "$@")
if [ "$(cat "$folder/requirements" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  flags=()
  for requirements in "$@"; do flags+=(-r "$requirements"); done
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${flags[@]}" >&2
  printf '%s\n' "$wanted" >"$folder/requirements"
fi
echo "$folder/bin/python"
