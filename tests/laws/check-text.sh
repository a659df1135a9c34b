#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sources keep to 600 lines, name their licence, and leave nothing for later.
# Usage: check-text.sh SOURCE_DIR
set -eu
cd "$1"
sources() {
    find . \( -path ./build -o -path ./.git \) -prune -o -type f \( -name '*.[chly]' \
        -o -name '*.cc' -o -name '*.sh' -o -name '*.awk' -o -name '*.fsm' -o -name '*.proto' \
        -o -name '*.cmake' -o -name CMakeLists.txt -o -name Makefile -o -path ./.ci/run \) -print |
        sort
}
failed=0

# Written so that this line does not match itself.
later='\b(TO''DO|FIX''ME|XX''X)\b'
# Recorded output of a generator is not source: golden files and exports are as long as they are.
for file in $(sources | grep -v -e '/golden/' -e '/exports/'); do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 600 ]; then
        echo "$file: $lines lines, 600 are allowed"
        failed=1
    fi
    if ! head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
        case $file in
        */tests/*/faulty/* | */hostile/*) ;; # input of a test, where line numbers matter
        *) echo "$file: no SPDX line at its head" && failed=1 ;;
        esac
    fi
    if grep -nE "$later" "$file" /dev/null; then
        failed=1
    fi
done
exit $failed
