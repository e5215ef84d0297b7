#!/usr/bin/env bash
# All checks and all tests, in a checkout that is made ready first.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
rm -f .berth/test/summary # of an earlier run
bash hack/setup.sh
bash hack/build-helm.sh # the chart's tests need both
bash hack/build-promcheck.sh
exec node_modules/.bin/node hack/checks/main.ts
