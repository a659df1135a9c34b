#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: exit status, warnings, and when files are written.
# Usage: check-options.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

expect() { # STATUS WHAT ARGUMENTS...
    wanted=$1 what=$2
    shift 2
    "$fsm_gen" "$@" >out 2>err
    got=$?
    if [ $got -ne "$wanted" ]; then
        echo "exit status $got instead of $wanted: $what"
        sed 's/^/    /' err
        failed=1
    fi
}

says() { # FILE TEXT
    grep -qF -- "$2" "$1" || { echo "$1 does not say: $2" && cat "$1" && failed=1; }
}

cp "$here/good/gconn.fsm" good.fsm
cp "$here/faulty/w12_unused.fsm" warns.fsm
cp "$here/faulty/e03_one.fsm" wrong.fsm

expect 0 "help" --help
says out "-Wdeadline"
expect 0 "version" --version
says out "fsm-gen "
expect 2 "no specification"
expect 2 "two specifications" good.fsm warns.fsm
expect 2 "an unknown option" --frobnicate good.fsm
expect 2 "an unknown warning" -Wfrobnicate good.fsm
expect 2 "an unknown way to dispatch" --dispatch luck good.fsm
says err "not 'luck'"
expect 2 "a missing file" missing.fsm
says err "missing.fsm"
expect 2 "a directory" "$work"
expect 2 "an output that cannot be written" --header no/such/dir/x.h good.fsm
expect 2 "a depfile about nothing" --depfile d good.fsm
expect 0 "a check without outputs" good.fsm
expect 1 "a wrong specification" wrong.fsm

expect 0 "warnings" warns.fsm
says err "[-Wunused]"
expect 0 "warnings off" -Wno-unused warns.fsm
if [ -s err ]; then
    echo "-Wno-unused did not silence" && failed=1
fi
expect 1 "all warnings as errors" -Werror warns.fsm
says err "error: timer 'never' is never armed [-Werror=unused]"
expect 1 "one warning as an error" -Werror=unused warns.fsm
expect 0 "another warning as an error" -Werror=deadline warns.fsm
expect 0 "an exception" -Werror -Wno-error=unused warns.fsm
says err "warning: timer 'never' is never armed [-Wunused]"

expect 2 "an unknown format" --diagnostics=xml warns.fsm
expect 0 "the usual format" --diagnostics=text warns.fsm
says err "warning: timer 'never' is never armed [-Wunused]"
expect 0 "another format" --diagnostics=json warns.fsm
says err '"level":"warning","code":"W12","flag":"unused"'
expect 2 "an explanation of nothing" --explain
expect 0 "an explanation" --explain unused
says out "W12 -Wunused: "

expect 0 "what is off by default" "$here/faulty/i22_nested.fsm"
grep -q equivalent err && echo "-Wequivalent is on by default" && failed=1
expect 0 "what is switched on" -Wequivalent "$here/faulty/i22_nested.fsm"
says err "note: state 'D' behaves like 'C': one of them would do [-Wequivalent]"
expect 0 "switched on and off" -Wequivalent -Wno-equivalent "$here/faulty/i22_nested.fsm"
grep -q equivalent err && echo "-Wno-equivalent does not switch off" && failed=1
expect 1 "switched on as an error" -Wequivalent -Werror=equivalent "$here/faulty/i22_nested.fsm"

expect 1 "an incomplete specification" "$here/faulty/e03_set.fsm"
expect 0 "the same as a sketch" --lax --table out.md --header lax.h --source lax.c --dot lax.dot \
    "$here/faulty/e03_set.fsm"
says err "[-Wincomplete]"
says out.md '| DOWN | - | ! |'
expect 1 "a sketch that must be complete" --lax -Werror=incomplete "$here/faulty/e03_set.fsm"
expect 0 "a sketch without a word" --lax -Wno-incomplete -Wno-unused "$here/faulty/e03_set.fsm"
if [ -s err ]; then
    echo "-Wno-incomplete did not silence" && failed=1
fi
expect 1 "a sketch is no licence" --lax "$here/faulty/e04_set.fsm"

expect 0 "a depfile" --header out.h --source 'o u.c' --depfile out.d good.fsm
says out.d 'out.h o\ u.c: good.fsm'
expect 0 "a depfile with a target" --header out.h --depfile out.d --deptarget stamp good.fsm
says out.d 'stamp: good.fsm'

# An output that would not change is left alone; one that would is replaced whole.
touch -d '2001-01-01' out.h
expect 0 "the same again" --header out.h good.fsm
[ -z "$(find out.h -newermt '2002-01-01')" ] || { echo "an unchanged file was touched" && failed=1; }
echo "/* longer */" >>out.h
expect 0 "a changed output" --header out.h good.fsm
"$fsm_gen" --header again.h good.fsm
sed -i 's/again\.h/out.h/' again.h
cmp out.h again.h || failed=1
timeout 20 "$fsm_gen" --table /dev/stdout good.fsm | cat >piped.md
expect 0 "a pipe" --table out.md good.fsm
cmp out.md piped.md || failed=1
[ -L /dev/stdout ] || { echo "a device was replaced" && failed=1; }
expect 1 "an error leaves outputs alone" --header out.h wrong.fsm
cmp out.h again.h || failed=1
[ -z "$(find . -name '*.tmp*')" ] || { echo "a temporary file was left" && failed=1; }
exit $failed
