#!/usr/bin/env bash
# Runs `go build` with the arguments given, and says every ten seconds how far it
# is, because a first build takes minutes. Set GO to use another go command.
set -euo pipefail

every=10 # seconds between two lines
total=$("${GO:-go}" list -deps "${@: -1}" 2>/dev/null | wc -l || true)

said=$SECONDS compiled=0
# `go build -v` names each package as it is compiled and each module as it is
# fetched; anything else is an error to show.
"${GO:-go}" build -v "$@" 2>&1 | while IFS= read -r line; do
  case "$line" in
    "go: downloading "*) doing="fetching ${line#go: downloading }" ;;
    *[!A-Za-z0-9._~/+-]*) echo "$line" >&2; continue ;;
    *) compiled=$((compiled + 1)) doing="$compiled of at most $((total)) packages compiled" ;;
  esac
  if [ $((SECONDS - said)) -ge "$every" ]; then
    echo "  $doing (${SECONDS} s)" >&2
    said=$SECONDS
  fi
done
