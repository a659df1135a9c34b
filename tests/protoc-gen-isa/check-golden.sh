#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The calls written for the .proto files of the tests are those in golden/, to the byte, whether the
# files are given together or one by one. UPDATE=1 records instead.
# Usage: check-golden.sh PLUGIN PROTOC
set -eu
plugin=$1 protoc=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/protos"
files=$(find . -name '*.proto' | sed 's|^\./||' | LC_ALL=C sort)

generate() { # DIR FILE...
    dir=$1
    shift
    "$protoc" "--plugin=protoc-gen-isa=$plugin" --isa_opt=no_messages "--isa_out=$dir" -I . "$@"
}

mkdir "$work/together" "$work/alone"
# shellcheck disable=SC2086 # a list of files
generate "$work/together" $files
for file in $files; do
    generate "$work/alone" "$file"
done
diff -u -r "$work/together" "$work/alone"
if [ "${UPDATE:-0}" != 0 ]; then
    rm -rf "$here/golden"
    cp -r "$work/together" "$here/golden"
fi
diff -u -r "$here/golden" "$work/together"
