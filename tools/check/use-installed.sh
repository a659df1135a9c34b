#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs BUILD_DIR into an empty prefix and has strangers build and run against it: through CMake
# with the shared library, with the static, with a machine and with calls of their own, in C and in C++;
# through pkg-config, shared and static.
# Usage: use-installed.sh BUILD_DIR | --system    (what is installed in /usr)
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=/usr
if [ "$build" != --system ]; then
    # DESTDIR puts the same files below another root.
    DESTDIR="$work/root" cmake --install "$build" --prefix "$work/prefix" >/dev/null
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    diff -r "$work/root$work/prefix" "$work/prefix"
    prefix=$work/prefix
fi

mkdir "$work/stranger"
cat >"$work/stranger/main.c" <<'C'
#include <isa/isa.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    puts(isa_version());
    return strcmp(isa_version(), ISA_VERSION_STRING) != 0;
}
C
cat >"$work/stranger/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(stranger C)
find_package(isa_common REQUIRED COMPONENTS static)
add_executable(with_shared main.c)
target_link_libraries(with_shared PRIVATE isa::common)
add_executable(with_static main.c)
target_link_libraries(with_static PRIVATE isa::common_static)
C
cat >"$work/stranger/door.fsm" <<'C'
machine door {
  prefix door; context "struct door"; include "door.h";
  event user { OPEN; CLOSE; }
  initial SHUT;
  resting state SHUT { on OPEN -> AJAR; ignore CLOSE; }
  resting state AJAR { on CLOSE -> SHUT; ignore OPEN; }
}
C
cat >"$work/stranger/door.h" <<'C'
#include "door_fsm.h"
struct door {
    struct door_fsm fsm;
};
C
cat >"$work/stranger/door.c" <<'C'
#include "door.h"
void door_on_unexpected(struct door *ctx, enum door_state state, enum door_event ev)
{
    (void)ctx, (void)state, (void)ev;
}
int main(void)
{
    struct door door;
    door_init(&door);
    return door_open(&door) != DOOR_OK || door_current(&door) != DOOR_ST_AJAR;
}
C
cat >>"$work/stranger/CMakeLists.txt" <<'C'
add_executable(with_machine door.c)
target_include_directories(with_machine PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
isa_add_fsm(with_machine door.fsm)
C
mkdir "$work/stranger/api"
cat >"$work/stranger/api/notes.proto" <<'C'
syntax = "proto3";
package stranger;
import "google/protobuf/timestamp.proto";
import "api/base.proto";
service Notes {
  rpc Delete(Note) returns (google.protobuf.Timestamp);
}
message Note {
  optional string base = 1;
  google.protobuf.Timestamp when = 2;
  Base another = 3;
}
C
cat >"$work/stranger/api/base.proto" <<'C'
syntax = "proto3";
package stranger;
message Base {
  optional int32 number = 1;
}
C
cat >"$work/stranger/notes.c" <<'C'
#include "api/notes.isa.h"
static void on_done(struct isa_call *call, const Google__Protobuf__Timestamp *response,
                    const struct isa_reply *reply, void *user)
{
    (void)call, (void)response, (void)reply, (void)user;
}
int main(void)
{
    Stranger__Note note = STRANGER__NOTE__INIT;
    Google__Protobuf__Timestamp when = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    note.when = &when;
    stranger__note__set_base(&note, (char *)"");
    return protobuf_c_message_get_packed_size(&note.base_) != 4 ||
           stranger_notes_delete(NULL, &note, NULL, on_done, NULL, NULL) != ISA_EINVAL;
}
C
cat >>"$work/stranger/CMakeLists.txt" <<'C'
foreach(library common common_static)
    add_executable(with_calls_${library} notes.c)
    target_compile_options(with_calls_${library} PRIVATE -Wall -Wextra -Werror)
    isa_add_proto(with_calls_${library} api/notes.proto api/base.proto IMPORT_DIRS .)
    target_link_libraries(with_calls_${library} PRIVATE isa::${library})
endforeach()
C
cmake -S "$work/stranger" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/with_shared"
"$work/build/with_static"
"$work/build/with_machine"
"$work/build/with_calls_common"
"$work/build/with_calls_common_static"
sed -i 's/on CLOSE -> SHUT/on CLOSE -> SHUTT/' "$work/stranger/door.fsm"
if cmake --build "$work/build" >"$work/refused" 2>&1 || ! grep -q "did you mean 'SHUT'" "$work/refused"; then
    echo "a changed specification was not generated again" >&2
    exit 1
fi
# A change of what is imported is seen too; and what is wrong is said.
sed -i 's/on CLOSE -> SHUTT/on CLOSE -> SHUT/' "$work/stranger/door.fsm"
echo 'message FooBar {} message Foo_bar {}' >>"$work/stranger/api/base.proto"
if cmake --build "$work/build" >"$work/refused" 2>&1 || ! grep -q 'the same name in C' "$work/refused"; then
    echo "a changed .proto was not generated again" >&2
    exit 1
fi
"$prefix/bin/fsm-gen" --version
"$prefix/bin/protoc-gen-isa" --version
for page in man1/fsm-gen.1 man1/protoc-gen-isa.1 man1/isa-watch.1 man3/isa_conn_open.3 man3/isa_call_unary.3; do
    [ -s "$prefix/share/man/$page" ] || [ -s "$prefix/share/man/$page.gz" ] || { echo "no $page" >&2 && exit 1; }
done

if [ "$build" != --system ]; then
    pc_dir=$(dirname "$(find "$prefix" -name isa-common.pc)")
    PKG_CONFIG_PATH=$pc_dir
    export PKG_CONFIG_PATH
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir isa-common)
    export LD_LIBRARY_PATH
fi
pkg-config --validate isa-common
cp "$work/stranger/main.c" "$work/stranger/main.cc"
# shellcheck disable=SC2046 # lists of options
{
    cc -o "$work/with_pc" "$work/stranger/main.c" $(pkg-config --cflags --libs isa-common)
    c++ -std=c++17 -o "$work/with_pc_cxx" "$work/stranger/main.cc" $(pkg-config --cflags --libs isa-common)
    cc -o "$work/with_pc_static" "$work/stranger/main.c" $(pkg-config --cflags isa-common) \
        -Wl,-Bstatic $(pkg-config --libs-only-L --libs-only-l isa-common) -Wl,-Bdynamic \
        $(pkg-config --libs --static isa-common | sed 's/-lisa_common//')
}
"$work/with_pc"
"$work/with_pc_cxx"
if ldd "$work/with_pc_static" | grep -q libisa_common; then
    echo "the static program asks for the shared library" >&2
    exit 1
fi
"$work/with_pc_static"
