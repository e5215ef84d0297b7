#!/usr/bin/env bash
# Builds bin/localcluster, bin/localcluster-virt-api and bin/kubectl from
# hack/localcluster, unless they are up to date. The first build downloads and
# compiles Kubernetes and KubeVirt, which takes minutes: it says how far it is.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source_dir=$root/hack/localcluster
generated=$source_dir/install/generated
bin=$root/bin
work=$bin/.localcluster-build
stamp=$bin/.localcluster.stamp
began=$SECONDS

# ---- what it prints ----

say() { # a line of its own
  [ -t 1 ] && printf '\r\033[K'
  printf '[%4ds] %s\n' $((SECONDS - began)) "$*"
}

progress() { # on a terminal, the same line over and over
  if [ -t 1 ]; then
    printf '\r\033[K[%4ds] %s' $((SECONDS - began)) "$*"
  else
    say "$*"
  fi
}

die() {
  [ -t 1 ] && printf '\r\033[K'
  printf 'build-localcluster: %s\n' "$*" >&2
  exit 1
}

# follow TITLE FUNCTION LOG COMMAND...: runs COMMAND with its output in LOG and
# keeps printing TITLE with what FUNCTION reads from LOG.
follow() {
  local title=$1 describe=$2 log=$3 every=5 next=0
  shift 3
  [ -t 1 ] && every=1
  : >"$log"
  "$@" >>"$log" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    if ((SECONDS >= next)); then
      progress "$title: $("$describe" "$log")"
      next=$((SECONDS + every))
    fi
    sleep 0.2
  done
  if ! wait "$child"; then
    child=''
    tail -n 25 "$log" >&2
    die "$title failed; all of its output is in $log"
  fi
  child=''
}

child=''
stop_child() { [ -z "$child" ] || kill "$child" 2>/dev/null || true; }
trap stop_child EXIT
trap 'exit 130' INT TERM HUP

# ---- is there anything to do? ----

sources() {
  find "$source_dir" -type f \( -name '*.go' ! -name '*_test.go' -o -name go.mod -o -name go.sum \) | LC_ALL=C sort
  printf '%s\n' "$root/hack/build-localcluster.sh"
}

fingerprint() { (cd "$root" && sources | tr '\n' '\0' | xargs -0 cksum | sed "s#$root/##" | cksum); }

up_to_date() {
  [ -x "$bin/localcluster" ] && [ -x "$bin/localcluster-virt-api" ] && [ -e "$bin/kubectl" ] &&
    [ "$(cat "$stamp" 2>/dev/null)" = "$1" ]
}

wanted=$(fingerprint)
up_to_date "$wanted" && exit 0

# ---- is everything there? ----

needed=$(awk '$1 == "go" { print $2 }' "$source_dir/go.mod")
command -v go >/dev/null || die "Go is not installed, or not on the PATH: Go $needed or newer builds the local cluster (https://go.dev/doc/install)"
cd "$source_dir"
found=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
if [ "$(printf '%s\n%s\n' "$needed" "$found" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" != "$needed" ]; then
  die "Go $found is too old: Go $needed or newer builds the local cluster, and GOTOOLCHAIN=$(go env GOTOOLCHAIN) does not let this one fetch it"
fi

mkdir -p "$work" "$generated"
if command -v flock >/dev/null; then # two builds at once would only slow each other down
  exec 9>"$work/lock"
  if ! flock -n 9; then
    say 'waiting for another build of the local cluster'
    flock 9
    up_to_date "$wanted" && exit 0
  fi
fi

# ---- modules ----

generator=sigs.k8s.io/controller-tools/cmd/controller-gen
modules=$(grep -vc '/go.mod ' go.sum)
downloads() { printf '%d of at most %d' "$(grep -c '^go: downloading' "$1" || true)" "$modules"; }
list_packages() { go list -deps -f '{{if .Stale}}{{.ImportPath}}{{end}}' . ./virt-api "$generator"; }

export CGO_ENABLED=0
follow 'Go modules downloaded' downloads "$work/modules.log" list_packages

packages=$(grep -vc '^go: ' "$work/modules.log" || true)
: >"$work/generator.log"
: >"$work/build.log"
compiled() {
  local done
  done=$(cat "$work/generator.log" "$work/build.log" | grep -vc '^go: ' || true)
  printf '%d of about %d' "$done" "$packages"
  if ((done >= packages)); then printf ', linking'; fi
}

# ---- CDI's kinds ----

# They come out of the comments of the Go types in CDI's API module.
types=kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1
cdi_kinds() {
  rm -f "$generated"/*.yaml
  "$work/controller-gen" crd "paths=$types" "output:crd:dir=$generated"
}
kinds_written() { printf '%d' "$(find "$generated" -name '*.yaml' | wc -l)"; }
follow 'packages compiled' compiled "$work/generator.log" go build -v -o "$work/controller-gen" "$generator"
follow "CDI's kinds generated" kinds_written "$work/cdi.log" cdi_kinds

# ---- the binaries ----

version_of() { awk -v module="$1" '$1 == module && $2 ~ /^v/ { print $2; exit }' go.mod; }
kubernetes=$(version_of k8s.io/kubernetes)
kubevirt=$(version_of kubevirt.io/kubevirt)
minor=${kubernetes#v1.}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
done
flags+=" -X kubevirt.io/client-go/version.gitVersion=$kubevirt"

follow 'packages compiled' compiled "$work/build.log" go build -v -ldflags "$flags" -o "$work/" . ./virt-api

mv -f "$work/localcluster" "$bin/localcluster"
mv -f "$work/virt-api" "$bin/localcluster-virt-api"
ln -sf localcluster "$bin/kubectl"
printf '%s\n' "$wanted" >"$stamp"
say "built bin/localcluster (Kubernetes $kubernetes, KubeVirt $kubevirt)"
