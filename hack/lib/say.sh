# Sourced by the scripts of hack/: what they print.

began=${BERTH_BEGAN:-$(date +%s)}
export BERTH_BEGAN=$began

elapsed() { printf '%d' $(($(date +%s) - began)); }

say() { # a line of its own
  [ -t 1 ] && printf '\r\033[K'
  printf '[%4ds] %s\n' "$(elapsed)" "$*"
}

progress() { # on a terminal the same line over and over, elsewhere nothing
  if [ -t 1 ]; then printf '\r\033[K[%4ds] %s' "$(elapsed)" "$*"; fi
}

die() {
  [ -t 1 ] && printf '\r\033[K'
  printf '%s\n' "$*" >&2
  exit 1
}
