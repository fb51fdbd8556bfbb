#!/usr/bin/env bash
# Checks everything that can be checked without running the program. `make verify`
# builds the tools and calls it.
#
# Every check runs, also after one has failed, so that one run tells all.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()

# check runs a command under a title and notes when it fails.
check() {
  local title="$1"
  shift
  echo "==> $title"
  if ! "$@"; then
    failed+=("$title")
  fi
}

# tree prints all that differs from the last commit, so that a check can tell
# whether it changed anything.
tree() {
  git status --porcelain
  git diff HEAD
}

modules() {
  local file
  git ls-files -co --exclude-standard -- go.mod '*/go.mod' | while read -r file; do dirname "$file"; done
}

tidy() {
  local module ok=0
  for module in $(modules); do
    (cd "$module" && go mod tidy -diff) || ok=1
  done
  return "$ok"
}

formatted() {
  local files
  files=$(git ls-files -co --exclude-standard -- '*.go' | xargs gofmt -l)
  [ -z "$files" ] || { echo "not formatted, run make fmt:"; echo "$files"; return 1; }
}

# Hand-written files stay short enough to be read at one go.
short() {
  local file lines ok=0
  while read -r file; do
    [ -f "$file" ] || continue
    if head -n 5 "$file" | grep -q '^// Code generated .* DO NOT EDIT\.$'; then
      continue
    fi
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 500 ]; then
      echo "$file has $((lines)) lines; 500 is the limit"
      ok=1
    fi
  done < <(git ls-files -co --exclude-standard -- '*.go' '*.sh' Makefile)
  return "$ok"
}

renders() {
  local dir ok=0
  for dir in config/default config/samples config/components/policy config/components/prometheus config/components/secret-delivery config/components/shards; do
    bin/kustomize build "$dir" >/dev/null || { echo "$dir does not render"; ok=1; }
  done
  return "$ok"
}

readme() {
  local command ok=0
  for command in 'make run' 'make test'; do
    grep -q "$command" README.md || { echo "README.md does not name: $command"; ok=1; }
  done
  return "$ok"
}

unchanged() {
  local after
  after=$(tree)
  [ "$after" = "$before" ] && return 0
  echo "generated files were not up to date; commit what changed:"
  diff <(echo "$before") <(echo "$after") | sed -n '1,200p' || true
  return 1
}

before=$(tree)
check "regenerate code and manifests" make generate
check "nothing changed by that" unchanged
check "gofmt" formatted
check "go.mod and go.sum are tidy" tidy
check "go vet" go vet ./...
check "lint" make lint
check "API conventions" make api-lint
check "file length" short
check "manifests render" renders
check "README names the commands" readme
check "the tree is as it was" unchanged

if [ "${#failed[@]}" -gt 0 ]; then
  echo
  echo "verify failed:"
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
echo "verify: all good"
