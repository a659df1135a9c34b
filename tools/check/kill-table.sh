#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sows each mistake of tests/fsm-users/kills/mistakes.txt into a machine without any, and writes what
# fsm-gen says, and Ragel where it is installed, as docs/FSM_KILLS.md. Fails when fsm-gen is silent.
# Usage: kill-table.sh FSM_GEN >docs/FSM_KILLS.md
set -u
fsm_gen=$1
kills=$(cd "$(dirname "$0")/../../tests/fsm-users/kills" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
tab=$(printf '\t')

# The first error, else the first warning, without its place, as a cell of the table.
first() { # FILE
    { grep -E ': error: |^[a-z_]+\.rl:[0-9]+:[0-9]+: ' "$1" || grep ': warning: ' "$1"; } | head -n 1 |
        sed -E 's/^[^:]*:[0-9]+:[0-9]+: //; s/\|/\\|/g; s/^/`/; s/$/`/'
}

by_fsm_gen() { # EDIT
    sed "$1" "$kills/call.fsm" >call.fsm
    cmp -s call.fsm "$kills/call.fsm" && echo "nothing is changed by: $1" >&2 && return 1
    "$fsm_gen" call.fsm >/dev/null 2>said
    [ -s said ] || { echo "silence" && return 1; }
    first said
}

by_ragel() { # EDIT
    [ "$1" != - ] || { echo "cannot be said" && return; }
    command -v ragel >/dev/null || { echo "not installed" && return; }
    sed "$1" "$kills/call.rl" >call.rl
    cmp -s call.rl "$kills/call.rl" && echo "nothing is changed by: $1" >&2 && return 1
    if ragel -o out.c call.rl >said 2>&1; then
        echo "accepted"
    else
        first said
    fi
}

"$fsm_gen" -Werror "$kills/call.fsm" || exit 1
cat <<'TEXT'
# What mistakes become

Made by `tools/check/kill-table.sh`, do not edit.

Each mistake is sown alone into a machine that has none, `tests/fsm-users/kills/call.fsm`; the table shows the first error
that fsm-gen reports, or warning when there is none. Beside it is what Ragel 6 says to the same mistake in the same machine, `call.rl`, as far as that can be
said in its language: Ragel is made for recognising text, and has no timers, no entry, no public states and no promises.
"accepted" means that it writes code without a word.

| mistake | fsm-gen | Ragel |
|---|---|---|
TEXT
count=0
killed=0
while IFS="$tab" read -r what fsm_edit ragel_edit; do
    case $what in '#'*) continue ;; esac
    count=$((count + 1))
    answer=$(by_fsm_gen "$fsm_edit") && killed=$((killed + 1))
    printf '| %s | %s | %s |\n' "$what" "$answer" "$(by_ragel "$ragel_edit")"
done <"$kills/mistakes.txt"
printf '\nfsm-gen finds %s of %s.\n' "$killed" "$count"
[ $killed -eq $count ] && [ $count -gt 0 ]
