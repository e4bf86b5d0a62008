#!/usr/bin/env bash
# What is handed on: an archive with the binary, manual pages, completions, units and licences; what it is made of; checksums.
#   release.sh build OUT           builds twice, from two copies of the commit in two folders, wants the same bytes, and packs them
#   release.sh pack BINARY OUT     packs a binary that is there
# The same commit gives the same bytes with the same toolchain and C compiler. OUT must not be there.
# Exit codes: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail
house=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

wrong() {
  sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
failed() {
  echo "release.sh: $1" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing hangs on when it is built: the commit's own time is the time of everything.
SOURCE_DATE_EPOCH=$(git -C "$house" log -1 --format=%ct)
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC

# One build: of the commit, in a folder of its own, with nothing kept from another one. Paths of this machine become names.
build() { # NAME
  local tree=$work/$1/checkout flags
  mkdir -p "$tree"
  git -C "$house" archive HEAD | tar -x -C "$tree"
  flags="--remap-path-prefix=$tree=tributary --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
  flags+=" --remap-path-prefix=$(rustc --print sysroot)=rust"
  (
    cd "$tree"
    export RUSTFLAGS=$flags CARGO_INCREMENTAL=0 CARGO_TARGET_DIR=$work/$1/target
    export CFLAGS="-ffile-prefix-map=$tree=tributary -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=cargo -ffile-prefix-map=$CARGO_TARGET_DIR=target"
    cargo build --release --locked --bin tributary
  )
}

pack() { # BINARY OUT
  local binary out=$2 version name shell
  binary=$(realpath "$1")
  version=$("$binary" --version | cut -d' ' -f 2)
  name=tributary-$version-$(uname -m)-linux
  mkdir -p "$work/pack/$name"/{bin,man/man1,completions,systemd}
  install -m 755 "$binary" "$work/pack/$name/bin/tributary"
  "$binary" man --out "$work/pack/$name/man/man1"
  for shell in bash zsh fish; do "$binary" completions "$shell" >"$work/pack/$name/completions/tributary.$shell"; done
  cp "$house"/deploy/systemd/*.{service,timer,conf} "$work/pack/$name/systemd/"
  cp "$house"/{LICENSE-APACHE,LICENSE-MIT,CHANGELOG.md,deploy/tributary.example.toml} "$work/pack/$name/"
  chmod -R u=rwX,go=rX "$work/pack/$name"
  mkdir -p "$work/out"
  tar --create --directory "$work/pack" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar "$name" |
    gzip --no-name --best >"$work/out/$name.tar.gz"
  python3 "$house/deploy/release/sbom.py" >"$work/out/$name.cdx.json"
  (cd "$work/out" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
  mv "$work/out" "$out"
  (cd "$out" && sha256sum --check --quiet SHA256SUMS)
  echo "release.sh: $out/$name.tar.gz"
}

case "${1:-} $#" in
  "pack 3")
    [[ -x $2 && ! -e $3 ]] || wrong
    pack "$2" "$3"
    ;;
  "build 2")
    [[ ! -e $2 ]] || wrong
    [[ -z $(git -C "$house" status --porcelain) ]] || failed "the checkout is not what the commit says"
    for name in one another-one; do build "$name"; done
    cmp "$work/one/target/release/tributary" "$work/another-one/target/release/tributary" || failed "two builds are not the same"
    pack "$work/one/target/release/tributary" "$2"
    ;;
  *) wrong ;;
esac
