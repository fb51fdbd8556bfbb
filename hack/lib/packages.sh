# shellcheck shell=bash
# Sourced by the install scripts: Debian packages, quietly and only when needed.

# packages_missing prints those of its arguments that dpkg does not have.
packages_missing() {
  local name
  for name in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
      echo "$name"
    fi
  done
}

# packages_known prints those of its arguments that the archive offers.
packages_known() {
  local name
  for name in "$@"; do
    if apt-cache show "$name" >/dev/null 2>&1; then
      echo "$name"
    fi
  done
}

# packages_can says whether this is Debian or a relative, and we are root.
packages_can() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && [ "$(id -u)" = 0 ]
}

# packages_install installs its arguments as far as the archive offers them. The
# output goes to a log that is shown on failure alone.
packages_install() {
  local log known
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1; then
    echo "apt-get update failed; going on with the lists there are." >&2
  fi
  known=$(packages_known "$@")
  # The list is split into words on purpose: one package a word.
  # shellcheck disable=SC2086
  if [ -z "$known" ] || ! DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $known >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
