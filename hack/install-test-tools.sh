#!/usr/bin/env bash
# Installs what the tests call beside Go: curl, Python with requests, and Node.js
# (18 or later, for fetch), which run the samples of the REST documentation, and a
# PostgreSQL server, which the tests of the translation memory start for themselves.
set -euo pipefail
# shellcheck source=hack/lib/packages.sh
. "$(dirname "$0")/lib/packages.sh"

# missing_tools prints the Debian package of each tool that is not there. A
# python3 earlier in PATH may lack what Debian's has; either will do.
missing_tools() {
  command -v curl >/dev/null || echo curl
  python3 -c 'import requests' 2>/dev/null || /usr/bin/python3 -c 'import requests' 2>/dev/null ||
    echo python3-requests
  node -e 'process.exit(typeof fetch === "function" ? 0 : 1)' 2>/dev/null || echo nodejs
  # Debian keeps the programs of each version apart, and links few of them.
  { command -v postgres && command -v initdb; } >/dev/null ||
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
}

missing=$(missing_tools | tr '\n' ' ')
if [ -z "$missing" ]; then
  exit 0
fi

if packages_can; then
  echo "Installing what the tests call: $missing..."
  # One package a word.
  # shellcheck disable=SC2086
  packages_install $missing || true
  missing=$(missing_tools | tr '\n' ' ')
fi
if [ -n "$missing" ]; then
  echo "The tests need these programs, which are not installed: $missing" >&2
  echo "On Debian or Ubuntu: sudo apt-get install $missing" >&2
  echo "Elsewhere: install them by your package manager, so that they are in PATH." >&2
  exit 1
fi
