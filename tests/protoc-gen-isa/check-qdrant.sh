#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Qdrant's whole published interface: every file is generated and compiles without a warning, every
# message is the same to protoc's own encoder (round-trip.sh).
# Usage: check-qdrant.sh PLUGIN PROTOC QDRANT_DIR WORK_DIR INCLUDE_DIR CC...
set -eu
plugin=$1 protoc=$2 dir=$3 work=$4 include=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
[ -f "$dir/version" ] || { echo "SKIPPED: Qdrant's interface could not be had"; exit 77; }
known='google/protobuf/struct.proto google/protobuf/timestamp.proto google/protobuf/empty.proto
    google/protobuf/wrappers.proto'
mkdir -p "$work"

for set in qdrant common; do
    files=common.proto
    [ $set = common ] || files=$(cat "$dir/names")
    # shellcheck disable=SC2086 # lists of files
    "$here/round-trip.sh" "$plugin" "$protoc" "$1" "$work/$set" "--descriptor_set_in=$dir/$set.pb" -- \
        $files $known
    for cc in "$@"; do
        "$here/compile.sh" "$work/$set/c" "$cc" "$include"
    done
done
[ "$(cat "$work"/qdrant/c/*.isa.h | grep -c '^int ')" -ge 50 ]
