#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual page is good troff, and describes each option and warning of --help, and no other.
# Usage: check-man.sh FSM_GEN SOURCE_DIR
set -u
fsm_gen=$1
page=$2/docs/fsm-gen.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v groff >/dev/null || { echo "groff is not installed" && exit 77; }
failed=0

groff -ww -z -Tutf8 -man "$page" >"$work/warnings" 2>&1
if [ -s "$work/warnings" ]; then
    cat "$work/warnings"
    failed=1
fi
groff -Tascii -P-cbou -man "$page" >"$work/text"
"$fsm_gen" --help >"$work/help"

# Words that begin with -, and the warnings, which --help writes as -WNAME.
words() { # FILE
    grep -oE '(^|[^a-zA-Z0-9_-])--[a-z0-9-]+' "$1" | grep -oE -- '--.*' | sort -u
}
words "$work/help" >"$work/known"
sed '/^EXAMPLE/,$d' "$work/text" >"$work/described"
words "$work/described" >"$work/shown"
diff "$work/known" "$work/shown" || { echo "--help (<) and the page (>) differ" && failed=1; }
for warning in $(sed -n 's/^  -W\([a-z-]*\)  *[a-zA-Z].*/\1/p' "$work/help" | grep -v '^no-\|^error'); do
    sed -n '/^WARNINGS/,/^EXIT/p' "$work/text" | grep -qE "^ +$warning( |$)" ||
        { echo "warning $warning is missing" && failed=1; }
done
exit $failed
