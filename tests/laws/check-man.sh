#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages: each is good troff; each exported function has one that names it, what it returns and
# its thread; each tool's page has every option of its --help.
# Usage: check-man.sh SOURCE_DIR MAN3_DIR PROGRAM...
set -u
root=$1 man3=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v groff >/dev/null || { echo "groff is not installed" && exit 77; }
failed=0

fail() { echo "$1" && failed=1; }
render() { groff -rHY=0 -Tascii -P-cbou -man "$1"; }

for page in "$root"/docs/*.[1-8] "$man3"/*.3; do
    groff -ww -z -Tutf8 -man "$page" >"$work/warnings" 2>&1
    [ ! -s "$work/warnings" ] || fail "$page: $(head -n 3 "$work/warnings")"
done

for function in $(grep -o '^isa_[a-z0-9_]*' "$root/src/exports.txt"); do
    page=$man3/$function.3
    [ -s "$page" ] || { fail "$function has no manual page" && continue; }
    render "$page" | tr -s ' \n' ' ' >"$work/text"
    # The name, a dash, and what it is for: what `man -k` finds.
    grep -q "NAME $function - [a-z]" "$work/text" || fail "$function.3: no line of NAME"
    grep -q "SYNOPSIS #include <isa/[a-z]*.h> [a-z ].*[ *]$function(.*);" "$work/text" ||
        fail "$function.3: no prototype"
    grep -q 'THREADS [a-z]' "$work/text" || fail "$function.3: no thread"
    grep -q "void $function(" "$work/text" || grep -q 'RETURN VALUE [^ ]' "$work/text" ||
        fail "$function.3: no return value"
done

for program in "$@"; do
    page=$root/docs/$(basename "$program").1
    render "$page" >"$work/text"
    "$program" --help >"$work/help" || fail "$program has no --help"
    for option in $(grep -oE '(^|[^a-zA-Z0-9_-])--[a-z0-9_-]+' "$work/help" | grep -oE -- '--.*' | sort -u); do
        grep -q -- "$option\b" "$work/text" || fail "$page: $option is missing"
    done
done
exit $failed
