#!/usr/bin/env bash
# check.sh BINARY PYTHON: packs a binary twice and wants the same bytes; looks into the archive; judges what says what it is made of
# by CycloneDX' own schema (PYTHON has cyclonedx-python-lib). Exit codes: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if (($# != 2)) || [[ ! -x $1 || ! -x $2 ]]; then
  echo "usage: check.sh BINARY PYTHON" >&2
  exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/release.sh" pack "$1" "$work/one" >/dev/null
"$here/release.sh" pack "$1" "$work/two" >/dev/null
diff -r "$work/one" "$work/two" || { echo "release: packing twice gives two things" >&2; exit 1; }
tar -xzf "$work"/one/*.tar.gz -C "$work"
for file in bin/tributary man/man1/tributary-run.1 completions/tributary.bash systemd/tributary.service LICENSE-MIT; do
  [[ -s $(echo "$work"/tributary-*/"$file") ]] || { echo "release: there is no $file in the archive" >&2; exit 1; }
done
bash -n "$work"/tributary-*/completions/tributary.bash
"$2" - "$work"/one/*.cdx.json <<'PYTHON'
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1], encoding="utf-8").read()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert error is None, error
document = json.loads(text)
names = {component["name"] for component in document["components"]}
assert {"rdkafka", "zstd-sys", "axum"} <= names and "criterion" not in names and "thirtyfour" not in names, "what is built in, and no more"
assert all(component["licenses"] for component in document["components"]), "a package without a licence"
print(f"release: packed twice the same; made of {len(names)} packages")
PYTHON
