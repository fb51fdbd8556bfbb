#!/usr/bin/env bash
# Installs Apertium and its language pairs: the engine that translates on this
# machine, without a network and for nothing. It never fails: without Apertium
# Dragoman still runs, and offers fewer pairs.
set -euo pipefail
# shellcheck source=hack/lib/packages.sh
. "$(dirname "$0")/lib/packages.sh"

packages=(
  apertium
  apertium-eng-cat
  apertium-eng-spa
  apertium-es-pt
  apertium-fr-es
  apertium-fra-cat
  apertium-isl-eng
  apertium-nno-nob
  apertium-spa-cat
)

if command -v dpkg-query >/dev/null; then
  missing=$(packages_missing "${packages[@]}" | tr '\n' ' ')
elif command -v apertium >/dev/null; then
  missing=""
else
  missing="${packages[*]} "
fi
if [ -z "$missing" ]; then
  exit 0
fi

if packages_can; then
  echo "Installing the Apertium translation engine and its language pairs (up to a minute or two) ..."
  # One package a word.
  # shellcheck disable=SC2086
  if packages_install $missing; then
    exit 0
  fi
  echo "Apertium could not be installed; going on without it." >&2
elif command -v apt-get >/dev/null; then
  echo "To translate on this machine, run: sudo apt-get install $missing" >&2
elif [ "$(uname -s)" = Darwin ]; then
  echo "To translate on this machine, install Apertium and its language pairs; wiki.apertium.org says how on macOS." >&2
else
  echo "To translate on this machine, install these with your package manager: $missing" >&2
fi
