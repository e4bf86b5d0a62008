#!/usr/bin/env bash
# check.sh BINARY: a real nginx with tributary.conf before a real daemon. README.md beside this file says what is shown.
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a program that it needs is missing.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if (($# != 1)) || [[ ! -x $1 ]]; then
  echo "usage: check.sh BINARY" >&2
  exit 2
fi
binary=$(realpath "$1")
for need in nginx:nginx-light openssl:openssl curl:curl unshare:util-linux ip:iproute2; do
  PATH=$PATH:/usr/sbin:/sbin command -v "${need%%:*}" >/dev/null || { echo "${need%%:*} is missing (Debian's package ${need##*:})" >&2; exit 3; }
done

# A network of its own, so that nginx has its ports whatever else runs here.
if [[ ${1:-} && ${CHECK_NGINX_INSIDE:-} != 1 ]]; then
  CHECK_NGINX_INSIDE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$here/check.sh" "$binary"
fi
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
work=$(mktemp -d)
chmod 755 "$work"
trap 'nginx -p "$work" -c "$work/nginx.conf" -s stop 2>/dev/null || true; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
failed() {
  echo "nginx: $1" >&2
  tail -n 20 "$work"/*.log >&2
  exit 1
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=referrals.example -addext subjectAltName=DNS:referrals.example \
  -keyout "$work/referrals.example.key" -out "$work/referrals.example.pem" 2>"$work/openssl.log"
sed "s#/etc/nginx/tls/#$work/#" "$here/tributary.conf" >"$work/tributary.conf"
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/error.log;
events {}
http {
  access_log $work/access.log;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  include $work/tributary.conf;
}
CONF
# The daemon's settings are those that the example's own head says.
sed -n '/^# The daemon/,/^$/p' "$here/tributary.conf" | sed -n 's/^#   //p' >"$work/tributary.toml"
echo 'a secret of more than thirty-two bytes, for the check' >"$work/secret"
printf '[auth]\nhs256_secret_file = "%s"\n' "$work/secret" >>"$work/tributary.toml"
nginx -p "$work" -c "$work/nginx.conf" -t 2>"$work/test.log" || failed "the configuration is refused"
mapfile -t settings < <(compgen -e TRIBUTARY_ || true)
env "${settings[@]/#/--unset=}" "$binary" run --config "$work/tributary.toml" --data "$work/data" >/dev/null 2>"$work/daemon.log" &
nginx -p "$work" -c "$work/nginx.conf"
for ((i = 0; i < 300; i++)); do
  if curl -fsS -o /dev/null http://127.0.0.1:8081/readyz 2>/dev/null; then break; fi
  sleep 0.1
done

web() { curl -sS --cacert "$work/referrals.example.pem" --resolve referrals.example:443:127.0.0.1 --resolve referrals.example:80:127.0.0.1 "$@"; }
is() { # WHAT EXPECTED FOUND
  [[ $2 == "$3" ]] || failed "$1: expected $2, found $3"
}
token=$(env "${settings[@]/#/--unset=}" "$binary" token --role operator --hs256-secret-file "$work/secret")
bearer="Authorization: Bearer $token"

is "plain http" "308 https://referrals.example/v1/status" "$(web -o /dev/null -w '%{http_code} %{redirect_url}' http://referrals.example/v1/status)"
is "the API, over HTTP/2" "200 2" "$(web -o /dev/null -w '%{http_code} %{http_version}' -H "$bearer" https://referrals.example/v1/status)"
is "without a token" 401 "$(web -o /dev/null -w '%{http_code}' https://referrals.example/v1/status)"
for probe in metrics healthz readyz; do
  is "/$probe from outside" 404 "$(web -o /dev/null -w '%{http_code}' "https://referrals.example/$probe")"
done

web -o "$work/page" -D "$work/head" -c "$work/cookies" https://referrals.example/sign-in
# What the form says beside the token, as a browser would send it.
sent=(--data-urlencode "token=$token")
while IFS='"' read -r _ _ _ name _ value _; do sent+=(--data-urlencode "$name=$value"); done < <(
  grep -oE '<input type="hidden" name="[^"]*" value="[^"]*"' "$work/page"
)
is "signing in" 303 "$(web -o /dev/null -D "$work/head" -w '%{http_code}' -b "$work/cookies" -c "$work/cookies" \
  -H 'Origin: https://referrals.example' "${sent[@]}" https://referrals.example/sign-in)"
grep -qiE '^set-cookie:.*; *secure' "$work/head" || failed "signing in sets no cookie that is Secure: $(cat "$work/head")"
is "a page, signed in" 200 "$(web -L -o /dev/null -w '%{http_code}' -b "$work/cookies" https://referrals.example/)"

# A stranger's words about the way that it came are not passed on: a form sent from another origin stays refused.
is "a form of another origin" 403 "$(web -o /dev/null -w '%{http_code}' -b "$work/cookies" -H 'Origin: https://stranger.example' \
  -H 'X-Forwarded-Host: stranger.example' "${sent[@]}" https://referrals.example/sign-in)"

# Live: the feed is open, then an event is sent, and it is there while the feed goes on.
web -N -H "$bearer" -H 'Accept: text/event-stream' 'https://referrals.example/v1/feed?after=0' >"$work/feed" 2>/dev/null &
feed=$!
sleep 0.5
event='{"specversion":"1.0","type":"referral.registration.v1","source":"/accounts","id":"r-1","time":"2025-01-01T00:00:00Z","data":{"uid":7,"account_type":"major"}}'
is "an event" 200 "$(web -o /dev/null -w '%{http_code}' -H "$bearer" -H 'Content-Type: application/cloudevents+json' --data "$event" https://referrals.example/v1/events)"
for ((i = 0; i < 100; i++)); do
  if grep -q '"id":"r-1"' "$work/feed"; then break; fi
  sleep 0.1
done
grep -q '"id":"r-1"' "$work/feed" || failed "the live feed through nginx does not show the event"
kill -0 "$feed" 2>/dev/null || failed "the feed was over before the event was there"
echo "nginx: TLS, sign-in, probes and a live feed are as they should be"
