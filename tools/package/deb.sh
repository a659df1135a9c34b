#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes Debian packages for the Debian that it runs on into OUT, from the tarball of dist.sh, and has
# lintian judge them.
# Usage: deb.sh OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tarball=$("$here/dist.sh" "$out")
tar -C "$work" -xf "$tarball"
tree=$(echo "$work"/isa-common-*)
version=${tree##*-}
cat >"$tree/debian/changelog" <<EOF
isa-common ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' "$tree/debian/control")  $(LC_ALL=C date -R -d "@$(stat -c %Y "$tree/CHANGELOG.md")")
EOF
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign --jobs="$(nproc)") >"$out/build.log" 2>&1 || {
    tail -n 30 "$out/build.log"
    exit 1
}
rm -f "$out"/*.deb
mv "$work"/*.deb "$out/"
# Debug symbols come in packages of their own; nobody has asked for these to be perfect.
for deb in "$out"/*.deb; do
    case $deb in *-dbgsym_*) ;; *) set -- "$@" "$deb" ;; esac
done
shift
lintian --fail-on error "$@"
ls "$out"/*.deb
