#!/usr/bin/env bash
# keep-operator.sh PIDFILE CLUSTER COMMAND...: runs COMMAND, the operator, for as
# long as the process CLUSTER lives, so that a cluster that ends takes it along.
set -u
pidfile=$1 cluster=$2
shift 2

"$@" &
operator=$!
printf '%s\n' "$operator" >"$pidfile"
trap 'kill "$operator"' TERM INT HUP

while kill -0 "$operator" 2>/dev/null; do
  kill -0 "$cluster" 2>/dev/null || kill "$operator"
  sleep 1
done
wait "$operator"
