#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The README's two commands, as a stranger types them: in a fresh Debian with git and make, in a clone of
# the commit that is checked out. First as root, then the demo again as a user without sudo, for whom
# everything is installed. Prints how long each took.
# Then, each in a root of its own: every group of cmake/debian-packages.txt alone, and what it is for.
#
# Downloaded packages are kept in ISA_FRESH_CACHE (default: /var/cache/isa-fresh) for the next time; the
# mirror is the one that this machine's own apt uses. Exit status 77 where the machine does not allow it.
# Usage: fresh.sh [SUITE [GROUP...]]    SUITE: bookworm (default), trixie, sid
#   With groups named, only these are tried; `commands` means the two commands, `demo` the first alone.
set -uo pipefail
{ # All of it is read before it runs, so that it may be edited meanwhile.
suite=${1:-bookworm}
[ $# -eq 0 ] || shift
steps=${*:-commands build bench interop check package}
top=$(cd "$(dirname "$0")/../.." && pwd)
cache=${ISA_FRESH_CACHE:-/var/cache/isa-fresh}/$suite

skip() { echo "SKIPPED: no fresh $suite: $*"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "debootstrap and chroot need root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed; \`make deps\` installs it"
grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || skip "this machine has no overlayfs"
unshare --mount true 2>/dev/null || skip "this machine allows no mount namespaces"
mirror=$(apt-get indextargets --format '$(SITE) $(LABEL) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || skip "apt on this machine names no Debian mirror"
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=$(mktemp -d) && remove_cache=$cache; }

# Everything that is mounted, and every process, ends with this script: it runs in namespaces of its own.
if [ "${ISA_FRESH_INSIDE:-}" = "" ]; then
    export ISA_FRESH_INSIDE=1
    # shellcheck disable=SC2086
    unshare --mount --pid --fork --kill-child -- "$0" "$suite" $steps
    status=$?
    [ -z "${remove_cache:-}" ] || rm -rf "$remove_cache"
    exit $status
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/isa-fresh.XXXXXX")
trap 'umount -R "$work"/*/merged "$work"/*/layer 2>/dev/null; rm -rf "$work"' EXIT

base=$work/base
mkdir "$base"
began=$SECONDS
if ! debootstrap --variant=minbase --include=git,make,ca-certificates --cache-dir="$cache" \
    "$suite" "$base" "$mirror" >"$work/debootstrap.log" 2>&1; then
    tail -n 5 "$work/debootstrap.log" | sed "s|$mirror|(mirror)|g"
    skip "debootstrap failed, see above"
fi
cp /etc/resolv.conf "$base/etc/resolv.conf" 2>/dev/null
git clone -q --no-local "$top" "$base/root/isa" || exit 1
git -C "$base/root/isa" checkout -q "$(git -C "$top" rev-parse HEAD)" || exit 1
useradd --root "$base" --create-home stranger 2>/dev/null || chroot "$base" useradd -m stranger
cp -r "$base/root/isa" "$base/home/stranger/isa" && chroot "$base" chown -R stranger: /home/stranger/isa
echo "a fresh $suite: $((SECONDS - began)) s"

# enter LAYER COMMAND...: in a root that is `base` until it is written to.
enter() {
    local layer=$work/$1
    shift
    if [ ! -d "$layer" ]; then
        mkdir -p "$layer/layer"
        mount -t tmpfs -o size=6g none "$layer/layer"
        mkdir -p "$layer/layer/upper" "$layer/layer/work" "$layer/merged"
        mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer/layer/upper,workdir=$layer/layer/work" \
            "$layer/merged" || return 1
        mount -t proc proc "$layer/merged/proc"
        mount --rbind /sys "$layer/merged/sys" && mount --make-rslave "$layer/merged/sys"
        mount --rbind /dev "$layer/merged/dev" && mount --make-rslave "$layer/merged/dev"
        mount -t tmpfs none "$layer/merged/run"
        mount -t tmpfs none "$layer/merged/tmp"
        mount --bind "$cache" "$layer/merged/var/cache/apt/archives"
        # Debian's images for containers delete each package once it is installed; here it stays.
        rm -f "$layer/merged/etc/apt/apt.conf.d/docker-clean"
    fi
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} ${JOBS:+JOBS="$JOBS"} chroot "$layer/merged" "$@" </dev/null
}

# leave LAYER...: what was written there is forgotten.
leave() {
    local layer
    for layer in "$@"; do
        umount -R "$work/$layer/merged" "$work/$layer/layer" && rm -rf "${work:?}/$layer"
    done
}

failed=0
# try WHAT LAYER COMMAND...: when it fails, shows what the tests that failed have said, and the end.
try() {
    local what=$1 began=$SECONDS log=$work/log status
    shift
    enter "$@" >"$log" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
        echo "$suite: $what: $((SECONDS - began)) s: $(grep -E '^[0-9]+ passed|kept' "$log" | tail -n 1)"
        return 0
    fi
    grep -A 30 -E '\*\*\*(Failed|Timeout|Exception|Not Run)' "$log" | head -n 200
    tail -n 60 "$log"
    echo "$suite: $what: FAILED with status $status after $((SECONDS - began)) s"
    failed=$((failed + 1))
    return $status
}
as_user='exec su stranger -c'

for step in $steps; do
    case $step in
    commands)
        try "make demo" commands sh -c 'cd /root/isa && make demo' &&
            try "make test" commands sh -c 'cd /root/isa && make test' &&
            try "make demo, again, without a network" commands unshare --net \
                sh -c 'ip link set lo up && cd /root/isa && make demo' &&
            try "make demo, as a user without sudo" commands sh -c "$as_user 'cd ~/isa && make demo'"
        ;;
    demo) try "make demo" demo sh -c 'cd /root/isa && make demo' ;;
    build)
        # In a folder with a space, and as people type it.
        try "group build alone: make -j8" build sh -c 'cp -r /root/isa "/root/a folder" && cd "/root/a folder" &&
            cmake/install-deps.sh build && make -j8 && make install PREFIX=/opt/isa && DESTDIR=/root/staged make install'
        ;;
    bench)
        try "group bench alone: its programs" bench sh -c 'cd /root/isa && cmake/install-deps.sh bench &&
            cmake/configure.sh build -DISA_BUILD_TESTS=OFF -DISA_BUILD_BENCH=ON && cmake --build build -j "$(nproc)"'
        ;;
    interop)
        try "group interop alone: grpc-go's server" interop sh -c 'cd /root/isa &&
            cmake/install-deps.sh interop && mkdir -p build/interop && tests/interop/build-go-server.sh build/interop'
        ;;
    check)
        try "group check alone: its tools" check sh -c 'cd /root/isa && cmake/install-deps.sh check &&
            for tool in clang clang-tidy clang-format cppcheck valgrind strace spin dot vim groff debootstrap; do
                command -v $tool >/dev/null || { echo "no $tool" && exit 1; }
            done && tools/check/format.sh && make CC=clang CXX=clang++'
        ;;
    package)
        # The tarball is the same when it is made from what came out of a tarball, without git.
        try "group package alone: make package, make dist" package sh -c 'cd /root/isa && make package &&
            make dist && mkdir /root/no-git && cd /root/no-git && tar xf /root/isa/build/packages/isa-common-*.tar.xz &&
            cd isa-common-* && make dist && tar tf build/packages/isa-common-*.tar.xz | grep -v "/$" | sort >/root/second &&
            tar tf /root/isa/build/packages/isa-common-*.tar.xz | grep -v "/$" | sort | diff - /root/second' || { leave package && continue; }
        grep -h "^[EW]:" "$work/log"
        enter packages true
        cp "$work"/package/merged/root/isa/build/packages/*.deb "$work/packages/merged/root/"
        rm -f "$work"/packages/merged/root/*-dbgsym_*
        # The packages bring what a stranger's program needs, but for his compilers; and leave nothing.
        try "packages, installed: a stranger's programs" packages sh -c 'cd /root && { apt-get install -y -qq \
            --no-install-recommends ./*.deb gcc g++ libc6-dev cmake make pkg-config || { apt-get update -qq &&
            apt-get install -y -qq --no-install-recommends ./*.deb gcc g++ libc6-dev cmake make pkg-config; }; } &&
            isa/tools/check/use-installed.sh --system && isa-watch --version &&
            apt-get purge -y -qq libisa-common0 libisa-common-dev isa-tools fsm-gen protoc-gen-isa &&
            left=$(find / -xdev \( -path /root -o -path /home -o -path /proc -o -path /sys -o -path /tmp \
                -o -path "*/apt/*" -o -path "*/dpkg/*" \) -prune -o \( -name "*isa[-_]*" -o -name "*fsm-gen*" \) -print) &&
            { [ -z "$left" ] || { echo "left behind: $left" && false; }; }'
        ;;
    *) echo "no such step: $step" && exit 2 ;;
    esac
    leave $(cd "$work" && ls -d */merged 2>/dev/null | sed 's|/merged||')
done
[ "$failed" -eq 0 ]
exit
}
