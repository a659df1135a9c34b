#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the commit that is checked out against the newest grpc-core that Debian has, which is in experimental,
# in a fresh root of sid, and runs the tests of the transport, the pool, the promises and the live ones there.
# docs/NEWER_CORE.md has the outcome. Not part of .ci/run.
#
# The mirror is the one that this machine's own apt uses; packages are kept as fresh.sh keeps them. Exit status 77
# where the machine does not allow it, or the packages cannot be had.
# Usage: newer-core.sh [REGEX]     REGEX: tests of ctest to run
set -uo pipefail
tests=${1:-^test_(transport|pool|acceptance|live)_}
top=$(cd "$(dirname "$0")/../.." && pwd)
cache=${ISA_FRESH_CACHE:-/var/cache/isa-fresh}/sid

skip() { echo "SKIPPED: no newer grpc-core: $*"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "debootstrap and chroot need root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed; \`make deps\` installs it"
unshare --mount true 2>/dev/null || skip "this machine allows no mount namespaces"
mirror=$(apt-get indextargets --format '$(SITE) $(LABEL) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || skip "apt on this machine names no Debian mirror"
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=$(mktemp -d) && remove_cache=$cache; }

# Everything that is mounted, and every process, ends with this script: it runs in namespaces of its own.
if [ "${ISA_FRESH_INSIDE:-}" = "" ]; then
    ISA_FRESH_INSIDE=1 unshare --mount --pid --fork --kill-child -- "$0" "$tests"
    status=$?
    [ -z "${remove_cache:-}" ] || rm -rf "$remove_cache"
    exit $status
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/isa-newer-core.XXXXXX")
root=$work/root
trap 'umount -R "$root"/proc "$root"/dev "$root"/sys "$root/var/cache/apt/archives" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT

debootstrap --variant=minbase --include=ca-certificates --cache-dir="$cache" sid "$root" "$mirror" \
    >"$work/log" 2>&1 || { tail -n 5 "$work/log" | sed "s|$mirror|(mirror)|g"; skip "debootstrap failed, see above"; }
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
printf 'deb %s %s main\n' "$mirror" sid "$mirror" experimental >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/sources.list.d/*
# A mirror that stands still is good enough for a look at a newer core.
printf 'APT::Install-Recommends "false";\nAcquire::Check-Valid-Until "false";\n' >"$root/etc/apt/apt.conf.d/99isa"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
mount --rbind /sys "$root/sys" && mount --make-rslave "$root/sys"
mount --bind "$cache" "$root/var/cache/apt/archives"
enter() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} chroot "$root" "$@" </dev/null
}
# What each group needs, but for grpc-core itself and for what is written on grpc-core in another language.
packages=$(awk '/^\[/ { is_wanted = /build|demo|test/ } is_wanted && !/^\[/ && !/^#/ && $1 != "" { print $1 }' \
    "$top/cmake/debian-packages.txt" | grep -vE '^libgrpc|^python3-grpcio|^$')
# shellcheck disable=SC2086
{ enter apt-get update -q && enter apt-get install -y -q git $packages &&
    enter apt-get install -y -q -t experimental libgrpc-dev; } >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log" | sed "s|$mirror|(mirror)|g"; skip "the packages cannot be had, see above"; }
git clone -q --no-local "$top" "$root/root/isa" || exit 1
git -C "$root/root/isa" checkout -q "$(git -C "$top" rev-parse HEAD)" || exit 1
echo "grpc-core: $(enter dpkg-query -W -f '${Version}' libgrpc-dev)"
enter sh -c 'cd /root/isa && cmake -S . -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DISA_BUILD_TESTS=ON \
    --log-level=NOTICE && cmake --build build --parallel "$(nproc)"' >"$work/log" 2>&1 ||
    { grep -E 'error|Error' "$work/log" | head -n 20; echo "FAILED: it does not build"; exit 1; }
enter sh -c 'cd /root/isa && ctest --test-dir build -R "$1" --output-on-failure --parallel "$(nproc)"' sh "$tests" \
    >"$work/log" 2>&1
status=$?
grep -E '^\[(FAIL|----)|tests passed|\((Failed|Timeout)\)' "$work/log"
exit $status
