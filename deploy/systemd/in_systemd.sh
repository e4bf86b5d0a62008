#!/usr/bin/env bash
# What check.sh asks of the units, on a machine that machine.sh makes: never on another, for it changes /etc and /var.
set -euo pipefail
tr "\0" "\n" </proc/1/environ | grep -qx container=tributary || { echo "not on this machine" >&2; exit 1; }
here=/run/checkout/deploy/systemd

step() { printf 'systemd: %s\n' "$1"; }
failed() {
  printf 'systemd: %s\n' "$*" >&2
  systemctl status --no-pager tributary.service >&2 || true
  journalctl --no-pager --lines 20 --output cat --unit tributary.service --unit tributary-backup.service >&2 || true
  exit 1
}
is() { # WHAT EXPECTED FOUND
  [[ $2 == "$3" ]] || failed "$1: expected $2, found $3"
}
until_is() { # EXPECTED COMMAND...
  local expected=$1 i
  shift
  for ((i = 0; i < 600; i++)); do
    if [[ $("$@" 2>/dev/null) == "$expected" ]]; then return; fi
    sleep 0.1
  done
  failed "it never said $expected: $*"
}
of_unit() { systemctl show --value --property "$1" tributary.service; }

step "the units are sound"
systemd-analyze verify --man=no /etc/systemd/system/tributary*.service /etc/systemd/system/tributary-backup.timer
tributary man --out /var/tmp/pages
while read -r page; do
  [[ -s /var/tmp/pages/$page.1 ]] || failed "there is no page $page of the manual"
done < <(sed -n 's/^Documentation=man:\(.*\)(1)/\1/p' /etc/systemd/system/tributary*)
systemd-analyze security --offline=true --threshold=15 /etc/systemd/system/tributary.service >/dev/null ||
  failed "the daemon is less confined than 1.5"
systemd-analyze security --offline=true --threshold=8 /etc/systemd/system/tributary-backup.service >/dev/null ||
  failed "the backup is less confined than 0.8"

step "user and directories"
systemd-sysusers "$here/sysusers.conf"
mkdir -p /etc/tributary
printf 'a secret of more than thirty-two bytes, read again\n' >/etc/tributary/hs256.secret
printf '[auth]\nhs256_secret_file = "/etc/tributary/hs256.secret"\n' >/etc/tributary/tributary.toml
systemd-tmpfiles --create "$here/tmpfiles.conf"
is "settings are root's" "750 root tributary" "$(stat -c '%a %U %G' /etc/tributary)"
is "keys are root's" "640 root tributary" "$(stat -c '%a %U %G' /etc/tributary/hs256.secret)"
is "backups are the daemon's" "700 tributary tributary" "$(stat -c '%a %U %G' /var/backups/tributary)"

# What takes long in production is short.
mkdir /etc/systemd/system/tributary.service.d
printf '[Service]\nRestartSec=200ms\nWatchdogSec=3s\n' >/etc/systemd/system/tributary.service.d/short.conf
systemctl daemon-reload

step "started is ready"
systemctl start tributary.service || failed "it did not start"
is "ready" ready "$(curl -fsS http://127.0.0.1:8080/readyz -o /dev/null && echo ready)"
is "what it tells of itself" answering "$(of_unit StatusText)"
is "its directory" "700 tributary tributary" "$(stat -c '%a %U %G' /var/lib/tributary)"

step "it has no more than it needs"
process=$(of_unit MainPID)
of_process() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$process/status"; }
is "no new privileges" 1 "$(of_process NoNewPrivs)"
is "calls are filtered" 2 "$(of_process Seccomp)"
is "no capability" 0000000000000000 "$(of_process CapEff)"
is "none to be had" 0000000000000000 "$(of_process CapBnd)"
# Where this machine itself may have fewer, no more can be given.
most=$(awk '/^Max open files/ { print $5 }' /proc/1/limits)
is "open files" "$((most < 65536 ? most : 65536))" "$(awk '/^Max open files/ { print $4 }' "/proc/$process/limits")"
writable=$(for folder in etc usr var/log var/lib var/lib/tributary; do
  if touch "/proc/$process/root/$folder/x" 2>/dev/null; then echo "$folder"; fi
done)
is "what it can write" var/lib/tributary "$writable"

step "settings are read again"
token=$(tributary token --role operator --hs256-secret-file /etc/tributary/hs256.secret)
status() { curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" http://127.0.0.1:8080/v1/status; }
is "the key is known" 200 "$(status)"
printf 'another secret of more than thirty-two bytes, read again\n' >/etc/tributary/hs256.secret
systemctl reload tributary.service
until_is 401 status
token=$(tributary token --role operator --hs256-secret-file /etc/tributary/hs256.secret)
is "the new key is known" 200 "$(status)"
is "it was not started again" "$process" "$(of_unit MainPID)"

step "a backup beside it"
event='{"specversion":"1.0","type":"referral.registration.v1","source":"/accounts","id":"r-1","time":"2025-01-01T00:00:00Z","data":{"uid":7,"account_type":"major"}}'
is "an event is taken" 200 "$(curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" \
  -H 'Content-Type: application/cloudevents+json' --data "$event" http://127.0.0.1:8080/v1/events)"
systemctl start tributary-backup.service || failed "the backup failed"
tributary verify --data /var/backups/tributary >/dev/null || failed "the backup is not whole"
is "it has the event" 1 "$(tributary verify --data /var/backups/tributary --json | grep -o '"position":[0-9]*' | cut -d: -f2)"
systemctl start tributary-backup.timer
[[ $(systemctl show --value --property NextElapseUSecRealtime tributary-backup.timer) ]] || failed "the timer never comes"

step "it is started again after a crash, and when it hangs"
kill -KILL "$process"
until_is 1 of_unit NRestarts
until_is active of_unit ActiveState
process=$(of_unit MainPID)
kill -STOP "$process"
until_is 2 of_unit NRestarts
until_is active of_unit ActiveState
is "the event is there" 200 "$(curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" 'http://127.0.0.1:8080/v1/overview?uid=7')"

step "it ends well"
systemctl stop tributary.service
is "its end" "0 success" "$(of_unit ExecMainStatus) $(of_unit Result)"

step "what no other start mends is not started again"
systemctl reset-failed
printf '[nothing]\nknown = 1\n' >>/etc/tributary/tributary.toml
systemctl start tributary.service 2>/dev/null && failed "settings that cannot be taken are taken"
sleep 1
is "settings" "failed 2 0" "$(of_unit ActiveState) $(of_unit ExecMainStatus) $(of_unit NRestarts)"
printf '[auth]\nhs256_secret_file = "/etc/tributary/hs256.secret"\n' >/etc/tributary/tributary.toml
systemctl reset-failed
rm -r /var/lib/tributary/checkpoint /var/lib/tributary/past
printf '\377' | dd of=/var/lib/tributary/ledger/00000001-0000000001.segment bs=1 seek=200 conv=notrunc status=none
systemctl start tributary.service 2>/dev/null && failed "a damaged ledger is opened"
sleep 1
is "damage" "failed 3 0" "$(of_unit ActiveState) $(of_unit ExecMainStatus) $(of_unit NRestarts)"
journalctl --no-pager --output cat --unit tributary.service | grep -q 'the ledger is damaged' || failed "it does not say that the ledger is damaged"
step "done"
