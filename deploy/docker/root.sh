#!/usr/bin/env bash
# root.sh BINARY FOLDER: makes what the image's root is to be: the binary, the libraries that it is linked to, the authorities of
# this machine, a user, and a folder that belongs to it. The Containerfile calls it; check.sh does too.
set -euo pipefail

if (($# != 2)) || [[ ! -x $1 || -e $2 ]]; then
  echo "usage: root.sh BINARY FOLDER; the folder must not be there" >&2
  exit 2
fi
binary=$1 root=$2
mkdir -p "$root"/{etc/ssl/certs,etc/tributary,tmp,usr/local/bin,var/lib/tributary}
install -m 755 "$binary" "$root/usr/local/bin/tributary"
# Each library at its own path, as the loader looks for it; the loader itself is named by the binary.
ldd "$binary" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
  install -D -m 755 "$(realpath "$library")" "$root$library"
done
if [[ -r /etc/ssl/certs/ca-certificates.crt ]]; then
  install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
echo 'tributary:x:10001:10001:Tributary:/var/lib/tributary:/nonexistent' >"$root/etc/passwd"
echo 'tributary:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chown 10001:10001 "$root/var/lib/tributary"
chmod 700 "$root/var/lib/tributary"
chmod 1777 "$root/tmp"
