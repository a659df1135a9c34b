#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of the named groups that are missing; quiet, and without any
# network traffic, when nothing is.  Usage: install-deps.sh [--missing] GROUP...
# --missing only says what is missing. Groups and packages: debian-packages.txt beside this file.
set -eu
list=$(dirname "$0")/debian-packages.txt

only_say=false
if [ "${1:-}" = --missing ]; then
    only_say=true
    shift
fi
[ $# -gt 0 ] || { echo "usage: $0 [--missing] GROUP..." >&2; exit 2; }

# A line each, `package` or `package|command`; a group's own groups first.
packages_of() ( # GROUP
    sed 's/#.*//' "$list" | awk -v group="[$1]" '/^\[/ { on = ($1 == group); next } on && NF { print $1 $2 }' |
        while read -r entry; do
            case $entry in
            @*) packages_of "${entry#@}" ;;
            *) echo "$entry" ;;
            esac
        done
)

is_installed() { # PACKAGE
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

wanted=
for group in "$@"; do
    packages=$(packages_of "$group")
    [ -n "$packages" ] || { echo "$0: no group '$group' in $list" >&2; exit 2; }
    wanted="$wanted $packages"
done

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    $only_say || exit 0 # another system: its own packages may well be there, CMake will tell
    echo "This is not a Debian system; what Debian calls these packages is needed:" \
        $(echo "$wanted" | sed 's/|[^ ]*//g') >&2
    exit 0
fi

missing=
for entry in $wanted; do
    package=${entry%%|*}
    command=${entry#"$package"}
    [ -z "$command" ] || ! command -v "${command#?}" >/dev/null || continue
    case " $missing " in *" $package "*) continue ;; esac
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if $only_say; then
    echo "Missing packages:$missing" >&2
    echo "Run \`make deps\` to install them." >&2
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root='sudo env'
    command -v sudo >/dev/null || { echo "As root, install:$missing" >&2; exit 1; }
fi
# What an interrupted installation left half done would fail every later one.
if [ -n "$(dpkg --audit)" ]; then
    echo "Finishing an installation that was interrupted"
    ${as_root:-env} DEBIAN_FRONTEND=noninteractive dpkg --configure -a
fi
echo "Installing:$missing"
# Another one at work in dpkg, such as a fresh machine's own first update, is waited for.
lock_wait='-o DPkg::Lock::Timeout=300'
install_missing() {
    # shellcheck disable=SC2086 # all are lists of words
    ${as_root:-env} DEBIAN_FRONTEND=noninteractive apt-get $lock_wait install -y -qq \
        --no-install-recommends $missing
}
# For the lock of the lists apt-get does not wait by itself.
update_lists() {
    for _ in $(seq 60); do
        said=$(${as_root:-env} LC_ALL=C apt-get update -qq 2>&1) && return
        case $said in
        *'Could not get lock'*) sleep 5 ;;
        *) break ;;
        esac
    done
    printf '%s\n' "$said" >&2
    return 1
}
# The package lists of a fresh machine are empty or old: then the first try fails and they are fetched.
install_missing || {
    update_lists
    install_missing
}
