#!/usr/bin/env bash
# Builds bin/helm (Helm 4) and bin/helm3 out of their Go modules, unless these versions are there. The first build compiles
# for minutes and says so. The checksums are Go's: a module that was changed is refused (https://sum.golang.org).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. hack/lib/say.sh

helm4=v4.3.1
helm3=v3.22.0

build() { # NAME PACKAGE VERSION
  local target=bin/$1 stamp=bin/.$1.stamp log=.berth/$1.log job
  [ -x "$target" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$3" ] && return 0
  command -v go >/dev/null || die 'Go is needed to build Helm: see https://go.dev/doc/install'
  local out
  out=$(mktemp -d)
  say "building $target ($3)"
  GOBIN=$out CGO_ENABLED=0 GOFLAGS=-trimpath go install -ldflags '-s -w' "$2@$3" >"$log" 2>&1 &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    progress "building $target"
    sleep 1
  done
  wait "$job" || die "$(tail -n 20 "$log")"$'\n'"building Helm failed; all of the output is in $log"
  mv -f "$out/helm" "$target"
  rmdir "$out"
  printf '%s\n' "$3" >"$stamp"
  say "built $target ($3)"
}

mkdir -p bin .berth
build helm helm.sh/helm/v4/cmd/helm "$helm4"
build helm3 helm.sh/helm/v3/cmd/helm "$helm3"
