#!/usr/bin/env bash
# Makes a checkout ready to run: looks for the tools that it needs, then installs
# the npm packages and builds the local cluster, both at once where both are due.
# Nothing is done twice: what is up to date is left alone.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. hack/lib/say.sh

# ---- is everything there? ----

missing=''
need() { # COMMAND WHAT-FOR HOW-TO-GET-IT
  command -v "$1" >/dev/null 2>&1 || missing+="  $1: $2. $3"$'\n'
}
go_version=$(awk '$1 == "go" { print $2 }' hack/localcluster/go.mod)
need go "builds the local cluster (Go $go_version or newer)" 'See https://go.dev/doc/install'
need node 'runs npm; Berth itself runs on a Node of its own' 'See https://nodejs.org/en/download'
need npm 'installs the packages' 'It comes with Node: see https://nodejs.org/en/download'
[ -z "$missing" ] || die "What is missing, or not on the PATH:
$missing"

# ---- npm packages ----

stamp=node_modules/.berth-stamp
npm_log=.berth/npm.log
wanted=$(cksum <package-lock.json)

packages_are_there() { [ -x node_modules/.bin/node ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }

install_packages() {
  npm ci --no-progress >"$npm_log" 2>&1 </dev/null || return 1
  [ -x node_modules/.bin/node ] || {
    echo "npm has no Node for $(uname -sm), or optional dependencies are switched off (npm config get omit)" >>"$npm_log"
    return 1
  }
  printf '%s\n' "$wanted" >"$stamp"
  say 'npm packages are installed'
}

# ---- both at once ----

npm_job='' build_job=''
end_jobs() {
  local job
  for job in $npm_job $build_job; do kill "$job" 2>/dev/null || true; done
}
trap end_jobs EXIT
trap 'exit 130' INT TERM HUP

over() { [ -n "$1" ] && ! kill -0 "$1" 2>/dev/null; }

finish_npm() {
  wait "$npm_job" || die "$(tail -n 60 "$npm_log")"$'\n'"npm ci failed; all of its output is in $npm_log"
  npm_job=''
}

finish_build() {
  wait "$build_job" || exit 1 # it has said why
  build_job=''
}

mkdir -p .berth
if ! packages_are_there; then
  say 'installing the npm packages'
  install_packages &
  npm_job=$!
fi
bash hack/build-localcluster.sh &
build_job=$!

while [ -n "$npm_job$build_job" ]; do
  if over "$npm_job"; then finish_npm; fi
  if over "$build_job"; then finish_build; fi
  if [ -n "$npm_job" ] && [ -z "$build_job" ]; then progress 'installing the npm packages'; fi
  sleep 0.1
done
