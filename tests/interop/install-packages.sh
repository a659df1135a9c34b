#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the npm packages of package-lock.json, each in the version and with the checksum written
# there: DIR/node_modules. Does nothing when they are there.
# Exit status 77, with a line that says why, where they cannot be had.
# Usage: install-packages.sh DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
exec 9>node.lock
flock 9
! cmp -s "$here/package-lock.json" node_modules/installed-lock.json || exit 0

skip() {
    echo "SKIPPED: no server on @grpc/grpc-js: $*" | tee node.why
    exit 77
}

command -v node >/dev/null && command -v npm >/dev/null ||
    skip "node or npm is not installed; \`make deps\` installs both"
cp "$here/package.json" "$here/package-lock.json" .
npm ci --ignore-scripts --omit=peer --omit=optional --no-audit --no-fund --silent --fetch-retries=1 --fetch-timeout=30000 >node.log 2>&1 ||
    skip "npm could not install its packages: $(grep -m 1 . node.log || echo 'it did not say why')"
cp "$here/package-lock.json" node_modules/installed-lock.json
rm -f node.why
