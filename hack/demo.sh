#!/usr/bin/env bash
# demo.sh up|down: a cluster of its own under .berth/demo, with the operator and
# the samples. up makes the checkout ready first and can be run again at any time.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. hack/lib/say.sh

dir=.berth/demo

up() {
  bash hack/setup.sh
  exec node_modules/.bin/node hack/demo/main.ts
}

down() {
  end_operator
  if [ -e "$dir/lock" ] && [ ! -x bin/localcluster ]; then
    die 'bin/localcluster is needed to end the cluster and is not there: make build'
  fi
  if [ -x bin/localcluster ]; then bin/localcluster down --dir "$dir"; fi
  rm -rf "$dir"
}

# Number of the operator's process, if it is still the operator's.
operator() {
  local pid
  pid=$(cat "$dir/operator.pid" 2>/dev/null) || return 0
  case "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" || ps -o command= -p "$pid" 2>/dev/null)" in
    *operator/main.ts*) printf '%s' "$pid" ;;
  esac
}

end_operator() { # in good order; by force after 15 seconds
  local pid signal
  pid=$(operator)
  [ -n "$pid" ] || return 0
  for signal in TERM KILL; do
    kill -s "$signal" "$pid" 2>/dev/null || true
    for _ in $(seq 150); do
      kill -0 "$pid" 2>/dev/null || { say 'the operator has ended'; return 0; }
      sleep 0.1
    done
  done
  die "the operator, process $pid, does not end"
}

case "${1:-}" in
  up | down) "$1" ;;
  *) die 'usage: demo.sh up|down' ;;
esac
