#!/bin/sh
# Measures the real Nova: installs it first, in a folder of its own (133 packages, about a minute).
#   hack/bench/nova/peer.sh HOSTS... [--seconds S]
set -eu
here=$(dirname "$0")
venv=$here/../../../.berth/nova
command -v python3 >/dev/null || { echo "missing: python3 (3.11 is known to work with nova 34)" >&2; exit 2; }
if [ ! -e "$venv/installed" ]; then
  echo "installing nova 34.0.0 into .berth/nova" >&2
  python3 -m venv "$venv" && "$venv/bin/pip" -q install nova==34.0.0 && touch "$venv/installed"
fi
exec "$venv/bin/python" "$here/bench_nova.py" "$@"
