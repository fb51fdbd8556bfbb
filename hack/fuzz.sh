#!/usr/bin/env bash
# Runs each fuzz target for FUZZTIME, one after the other: Go fuzzes one at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

time="${FUZZTIME:-10s}"
found=0
while IFS=: read -r file target; do
  found=1
  package="./$(dirname "$file")"
  echo "Fuzzing $target in $package for $time ..."
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
done < <(git grep --untracked -oE '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sed 's/:func /:/')
if [ "$found" = 0 ]; then
  echo "There are no fuzz targets."
fi
