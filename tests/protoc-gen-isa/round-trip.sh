#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages of every type of the .proto files, with every field set, are the same to protoc's own
# encoder: what C packs is decoded by protoc without an unknown field, encoded by it to the same bytes,
# and read by C again. Once with each choice of the oneofs, once with the defaults of the types.
# Usage: round-trip.sh PLUGIN PROTOC CC DIR PROTOC_OPTIONS... -- FILE.proto...
set -eu
plugin=$1 protoc=$2 cc=$3 work=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
mkdir -p "$work/c"

options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift

# shellcheck disable=SC2086 # a list of options
"$protoc" $options "--plugin=protoc-gen-isa=$plugin" "--isa_out=$work/c" "$@"
# shellcheck disable=SC2086
"$protoc" $options --include_imports "--descriptor_set_out=$work/all.pb" "$@"
# Entries of maps are in no .proto, and protoc knows none of their names.
{
    echo '#include <protobuf-c/protobuf-c.h>'
    find "$work/c" -name '*.pb-c.h' ! -name descriptors.pb-c.h | sed "s|$work/c/\(.*\)|#include \"\1\"|"
    echo 'static const ProtobufCMessageDescriptor *const types[] = {'
    find "$work/c" -name '*.pb-c.h' ! -name descriptors.pb-c.h -exec sed -n \
        's/^extern const ProtobufCMessageDescriptor \(.*\);/    \&\1,/p' {} + | grep -v 'entry__descriptor'
    echo '};'
} >"$work/c/descriptors.pb-c.h"

# shellcheck disable=SC2046 # a list of files
$cc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I "$work/c" -o "$work/round_trip" \
    "$here/round_trip.c" $(find "$work/c" -name '*.pb-c.c') -lprotobuf-c
cd "$work"
{
    echo 'syntax = "proto3";'
    printf 'import "%s";\n' "$@"
    ./round_trip proto
} >all.proto
./round_trip write >all
./round_trip read <all

to_all() {
    "$protoc" --descriptor_set_in=all.pb -I . "$@" all.proto 2>said || {
        echo "protoc does not take it:"
        head -n 20 said
        exit 1
    }
}
to_all --decode=All <all >text
# A field that protoc does not know is shown with its number.
grep -n '^ *[0-9]' text && exit 1
to_all --deterministic_output --encode=All <text >again
cmp all again
./round_trip read <again
