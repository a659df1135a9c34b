#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the plugin says to what it cannot do: which file, what is wrong, what to do about it; and never
# a crash, of its own or of protoc-gen-c.
# Usage: check-errors.sh PLUGIN PROTOC PROTO_DIR
set -u
plugin=$1 protoc=$2 protos=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0 count=0

expect() { # WANTED
    count=$((count + 1))
    if [ "$status" -eq 0 ] || [ "$status" -gt 125 ] || ! grep -qF -e "$1" said; then
        echo "wanted: $1"
        echo "status $status: $(cat said)"
        failed=1
    fi
}

# A .proto, without its first line; options for the plugin; what must be said.
refuses() { # SYNTAX TEXT OPTIONS WANTED
    printf 'syntax = "%s";\n%s\n' "$1" "$2" >a.proto
    "$protoc" "--plugin=protoc-gen-isa=$plugin" "--isa_opt=$3" --isa_out=. -I . -I "$protos" \
        a.proto >said 2>&1
    status=$?
    expect "$4"
}

# The request as text, as protoc would never send it. What is wrong with a .proto is in the answer.
answers() { # REQUEST WANTED
    echo "$1" | "$protoc" --encode=google.protobuf.compiler.CodeGeneratorRequest -I "$protos" \
        google/protobuf/compiler/plugin.proto | "$plugin" >answer 2>said
    status=$?
    [ $status -ne 0 ] || "$protoc" --decode=google.protobuf.compiler.CodeGeneratorResponse -I "$protos" \
        google/protobuf/compiler/plugin.proto <answer | sed "s/\\\\'/'/g" >said
    grep -q '^error: ' said && status=1
    expect "$2"
}

says() { # FILE WANTED
    "$plugin" <"$1" >answer 2>said
    status=$?
    expect "$2"
}

refuses proto2 'message A { optional group Res = 1 { } }' '' "a.proto: 'A.res' is a group"
refuses proto3 'import "protobuf-c/protobuf-c.proto"; option (pb_c_file).c_package = "x";' '' \
    'Give the file a package'
refuses proto3 'import "protobuf-c/protobuf-c.proto"; package a; option (pb_c_file).c_package = "*/";' '' \
    "c_package is '*/', which is not a name"
refuses proto3 'package p; message FooBar {} message Foo_bar {}' '' \
    "a.proto: 'p.Foo_bar' and 'p.FooBar' of a.proto would have the same name in C, P__FooBar"
refuses proto3 'message A {}' 'colour=red' "unknown option 'colour=red'; --isa_opt takes"
refuses proto3 'message A {}' 'protoc_gen_c=not-there' 'not-there cannot be run'
refuses proto3 'message A {}' 'protoc_gen_c=not-there' 'Debian: protobuf-c-compiler'
refuses proto3 'message A {}' 'protoc_gen_c=false' 'false ended with status 1'
refuses proto3 'message A {}' 'protoc_gen_c=true' 'true has answered nonsense: it is empty'
printf '#!/bin/sh\nkill -9 $$\n' >killed && chmod +x killed
refuses proto3 'message A {}' 'protoc_gen_c=./killed' './killed was killed by signal 9'
# It answers before it has read what it is told, and more than a pipe holds.
printf '#!/bin/sh\nyes | head -c 1000000\n' >chatters && chmod +x chatters
refuses proto3 'message A {}' 'protoc_gen_c=./chatters' './chatters has answered nonsense'

answers 'file_to_generate: "x.proto"' 'x.proto is to be generated, but is not described'
answers 'proto_file { name: "x.proto" }' 'there is no file to generate'
answers 'file_to_generate: "a" proto_file { name: "a" syntax: "editions" }' "its syntax is 'editions'"
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "A b" } }' \
    "a message is called 'A b', which is not a name"
answers 'file_to_generate: "a" proto_file { name: "a" package: "p..q" }' 'is not the name of a package'
answers 'file_to_generate: "a\"" proto_file { name: "a\"" }' 'which no #include can name'
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "M" field { name: "f"
    number: 1 type: TYPE_MESSAGE type_name: ".N" } } }' "of the type '.N', which no file defines"
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "M" field { name: "f"
    number: 1 oneof_index: 3 } } }' "'M.f' is in a oneof that there is not"
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "M" } service { name: "S"
    method { name: "m" input_type: ".M" output_type: ".N" } } }' "'S.m' takes or returns '.N'"
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "M" field { name: "f"
    number: 1 type: TYPE_FLOAT default_value: "0; int x" } } }' 'is not a number: 0; int x'
answers 'file_to_generate: "a" proto_file { name: "a" message_type { name: "M" } message_type {
    name: "M" } }' "there are two types 'M'"

: >empty
says empty 'is not a request of protoc'
says empty 'it is empty'
echo 'syntax = "proto3";' >text
says text 'is not a request of protoc'
printf '\172\377\377\377\377\017abc' >short
says short 'at byte 0, in google.protobuf.compiler.CodeGeneratorRequest: no whole field'
printf '\010\001' >other
says other 'field file_to_generate of google.protobuf.compiler.CodeGeneratorRequest is of another kind'
# Messages in messages, far deeper than any stack of protobuf-c's.
perl -e 'my $m = ""; sub wrap { my ($tag, $b) = @_; my ($n, $l) = (length $b, "");
    do { my $x = $n & 127; $n >>= 7; $l .= chr($n ? $x | 128 : $x) } while $n; return chr($tag) . $l . $b }
    $m = wrap(26, $m) for 1 .. 20000; print wrap(122, wrap(34, $m));' >deep
says deep 'messages are nested more than 100 deep'

"$plugin" --nonsense >said 2>&1
status=$?
expect 'Usage: protoc --isa_out=DIR'
"$plugin" --version | grep -qE '^protoc-gen-isa [0-9]+\.[0-9]+' || { echo "no version" && failed=1; }
"$plugin" --help | grep -q '^Usage: protoc --isa_out=DIR' || { echo "no help" && failed=1; }

echo "$count errors looked at"
exit $failed
