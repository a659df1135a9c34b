#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is written for the .proto files of the tests, and for those that come with protobuf, compiles
# without a warning (compile.sh).
# Usage: check-compiles.sh PLUGIN PROTOC PROTO_DIR CC INCLUDE_DIR
set -eu
plugin=$1 protoc=$2 protos=$3 cc=$4 include=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$protos"
known=
for name in any api compiler/plugin descriptor duration empty field_mask source_context struct timestamp \
    type wrappers; do
    known="$known google/protobuf/$name.proto"
done
# shellcheck disable=SC2046,SC2086 # lists of files
"$protoc" "--plugin=protoc-gen-isa=$plugin" "--isa_out=$work" -I . \
    $(find . -name '*.proto' | sed 's|^\./||') $known
"$here/compile.sh" "$work" "$cc" "$include"
