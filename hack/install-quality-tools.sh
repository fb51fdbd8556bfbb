#!/usr/bin/env bash
# Installs what the figures of quality are set beside: pofilter of the Translate
# Toolkit. It never fails: without it the figures are printed without that peer.
set -euo pipefail
# shellcheck source=hack/lib/packages.sh
. "$(dirname "$0")/lib/packages.sh"

if command -v pofilter >/dev/null; then
  exit 0
fi
if packages_can; then
  echo "Installing the Translate Toolkit (a minute or two) ..."
  if packages_install translate-toolkit; then
    exit 0
  fi
fi
echo "pofilter is not here; going on without it. On Debian or Ubuntu: sudo apt-get install translate-toolkit" >&2
