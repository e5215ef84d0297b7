#!/usr/bin/env bash
# Builds bin/promcheck out of hack/promcheck, unless it is up to date: what promtool says of alerts and metrics, without the
# ten minutes that all of Prometheus takes to compile.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. hack/lib/say.sh

stamp=bin/.promcheck.stamp log=.berth/promcheck.log
wanted=$(cat hack/promcheck/main.go hack/promcheck/go.mod hack/promcheck/go.sum | cksum)
[ -x bin/promcheck ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0
command -v go >/dev/null || die 'Go is needed to build promcheck: see https://go.dev/doc/install'
mkdir -p bin .berth
say 'building bin/promcheck'
CGO_ENABLED=0 go -C hack/promcheck build -trimpath -ldflags '-s -w' -o "$root/bin/promcheck" . >"$log" 2>&1 ||
  die "$(tail -n 20 "$log")"$'\n'"building promcheck failed; all of the output is in $log"
printf '%s\n' "$wanted" >"$stamp"
say 'built bin/promcheck'
