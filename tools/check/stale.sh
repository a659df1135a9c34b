#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever a first `make` left behind, the next one does the right thing, or says in one line what to
# remove. Uses cmake/configure.sh alone, so nothing is compiled but CMake's own trials.
# Usage: stale.sh SOURCE_DIR
set -u
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
cc=$(command -v gcc || command -v cc)

fail() { echo "$1" && sed 's/^/    /' "$work/log" && failed=1; }
configure() { "$root/cmake/configure.sh" "$@" >"$work/log" 2>&1; }
is_ready() { # DIR: configured for this tree, and buildable
    [ -f "$1/Makefile" ] && cmake --build "$1" --target help >"$work/log" 2>&1
}
cached() { sed -n "s/^$2:[A-Z]*=//p" "$1/CMakeCache.txt"; }

build="$work/a build"
configure "$build" --default -DISA_BUILD_TESTS=OFF && is_ready "$build" || fail "a path with a space"
cp "$build/CMakeCache.txt" "$work/before"
configure "$build" --default -DISA_BUILD_TESTS=ON && cmp -s "$work/before" "$build/CMakeCache.txt" ||
    fail "a default changed what was configured"
configure "$build" -DISA_BUILD_EXAMPLES=OFF && [ "$(cached "$build" ISA_BUILD_EXAMPLES)" = OFF ] ||
    fail "a new setting was not taken up"
configure "$build" && [ "$(cached "$build" ISA_BUILD_EXAMPLES)" = OFF ] || fail "a setting was forgotten"

# A configuration that fails, here for want of pkg-config's packages, and then can succeed.
PKG_CONFIG_LIBDIR=/nonexistent configure "$work/b" --default -DISA_BUILD_TESTS=OFF && fail "nothing was missing"
[ -f "$work/b/CMakeCache.txt" ] || fail "the failure left no cache, so this shows nothing"
configure "$work/b" --default -DISA_BUILD_TESTS=OFF && is_ready "$work/b" || fail "after a failed configuration"

# Interrupted: a cache, and nothing to build with.
rm -f "$work/b/Makefile"
configure "$work/b" && is_ready "$work/b" || fail "after an interrupted configuration"
: >"$work/b/CMakeCache.txt"
configure "$work/b" && is_ready "$work/b" || fail "after a cache that was cut off"

# Another generator, another compiler, another place.
printf 'CMAKE_GENERATOR:INTERNAL=Ninja\nCMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n' >"$work/b/CMakeCache.txt"
rm -f "$work/b/configured-for"
configure "$work/b" && is_ready "$work/b" || fail "after another generator"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$cc" >"$work/other-cc"
chmod +x "$work/other-cc"
CC=$work/other-cc configure "$work/b" && [ "$(cached "$work/b" CMAKE_C_COMPILER)" = "$work/other-cc" ] ||
    fail "another compiler was not taken up"
rm "$work/other-cc"
configure "$work/b" && is_ready "$work/b" || fail "after the compiler had gone"
cp -r "$work/b" "$work/moved"
configure "$work/moved" && is_ready "$work/moved" && ! grep -q "$work/b\b" "$work/moved/Makefile" || fail "after the build folder was copied"

# What cannot be mended is said in one line that names the remedy.
: >"$work/file"
configure "$work/file" && fail "a file was taken for a folder"
[ "$(wc -l <"$work/log")" -eq 1 ] && grep -q 'remove it' "$work/log" || fail "no remedy for a file"
exit $failed
