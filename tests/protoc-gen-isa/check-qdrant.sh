#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Qdrant's whole published interface: every file is generated, every message is the same to protoc's
# own encoder (round-trip.sh).
# Usage: check-qdrant.sh PLUGIN PROTOC QDRANT_DIR WORK_DIR CC
set -eu
plugin=$1 protoc=$2 dir=$3 work=$4 cc=$5
here=$(cd "$(dirname "$0")" && pwd)
[ -f "$dir/version" ] || { echo "SKIPPED: Qdrant's interface could not be had"; exit 77; }
known='google/protobuf/struct.proto google/protobuf/timestamp.proto google/protobuf/empty.proto
    google/protobuf/wrappers.proto'
mkdir -p "$work"

for set in qdrant common; do
    files=common.proto
    [ $set = common ] || files=$(cat "$dir/names")
    # shellcheck disable=SC2086 # lists of files
    "$here/round-trip.sh" "$plugin" "$protoc" "$cc" "$work/$set" "--descriptor_set_in=$dir/$set.pb" -- \
        $files $known
done
[ "$(cat "$work"/qdrant/c/*.isa.h | grep -c '^int ')" -ge 50 ]
