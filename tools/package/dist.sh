#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes a release tarball of the commit that is checked out: OUT/isa-common-VERSION.tar.xz. It builds
# without git. In a tree that is no clone (an unpacked tarball) it packs the tree itself.
# Usage: dist.sh OUT
set -eu
out=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/.*define ISA_VERSION_STRING "\(.*\)"/\1/p' "$top/include/isa/version.h")
name=isa-common-$version
mkdir -p "$out"
out=$(cd "$out" && pwd)
if git -C "$top" rev-parse --show-toplevel >/dev/null 2>&1 && [ -e "$top/.git" ]; then
    git -C "$top" archive --format=tar --prefix="$name/" HEAD | xz -T0 >"$out/$name.tar.xz"
else
    tar -C "$top" --exclude=./build --transform "s|^\.|$name|" -cJf "$out/$name.tar.xz" .
fi
echo "$out/$name.tar.xz"
