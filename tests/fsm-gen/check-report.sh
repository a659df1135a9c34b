#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sizes of the report are those that the compiler gives to what is generated, and the chain of
# local events decides how many may wait. Usage: check-report.sh FSM_GEN CC
set -u
fsm_gen=$1 cc=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
compared=0

reported() { # LABEL: the number behind it
    sed -n "s/^$1 \([0-9]*\).*/\1/p" report
}

same() { # WHAT SAID FOUND
    compared=$((compared + 1))
    [ -n "$2" ] && [ "$2" -eq "${3:-0}" ] ||
        { echo "$name: $1 has ${3:-no} bytes, the report says '$2'" && failed=1; }
}

size_of() { # OBJECT SYMBOL: bytes of a table, 0 when there is none
    nm -S -t d "$1" | awk -v name="$2" '$4 == name { size = $2 } END { print size + 0 }'
}

check_tables() { # WAY SYMBOL
    "$fsm_gen" --dispatch "$1" --source way.c "$spec" || failed=1
    "$cc" -std=c11 -O0 -fno-sanitize=all -include machine.h -I . -I "$here/machines" -c way.c -o way.o || failed=1
    same "$2" "$(reported "bytes of pointers, --dispatch $1")" "$(size_of way.o "$2")"
}

for spec in "$here"/good/*.fsm "$here"/machines/*.fsm; do
    name=$(basename "$spec" .fsm)
    "$fsm_gen" --header machine.h --source machine.c --report report "$spec" || exit 1
    prefix=$(sed -n 's/^ *prefix *\([a-z0-9_]*\);.*/\1/p' "$spec" | head -n 1)
    include=$(sed -n 's/.*include *"\([^"]*\)".*/\1/p' "$spec" | head -n 1)
    context=$(sed -n 's/.*context *"\(struct [^"]*\)".*/\1/p' "$spec" | head -n 1)
    printf '#include "machine.h"\n%s { struct %s_fsm fsm; };\n' "$context" "$prefix" >"$include"
    printf '#include "machine.h"\nunsigned char instance[sizeof(struct %s_fsm)];\n' "$prefix" >size.c
    "$cc" -std=c11 -I . -I "$here/machines" -c size.c -o size.o || exit 1
    "$cc" -std=c11 -O0 -I . -I "$here/machines" -c machine.c -o machine.o || exit 1
    if grep -q '^bytes of an instance, .* not known' report; then
        [ "$name" = begin ] || { echo "$name: not known" && failed=1; }
    else
        same "an instance" "$(reported "bytes of an instance, struct ${prefix}_fsm")" \
            "$(size_of size.o instance)"
    fi
    same cells "$(reported 'bytes of the byte table, in every way')" "$(size_of machine.o cells)"
    same infos "$(reported 'bytes of descriptions of branches')" "$(size_of machine.o infos)"
    names=0
    for table in state_names state_texts event_names event_texts; do
        names=$((names + $(size_of machine.o $table)))
    done
    same names "$(reported 'bytes of pointers to names and descriptions')" $names
    check_tables switch handlers
    check_tables table handlers
    check_tables handlers pointers
done
[ $compared -gt 60 ] || { echo "only $compared sizes were compared" && failed=1; }

# A payload of each kind that is known.
types='char short int long double bool uint8_t int64_t size_t enum_e pointer'
: >known.h
for type in $types; do
    written=$type
    [ "$type" != enum_e ] || written='enum e'
    [ "$type" != pointer ] || written='const struct s *'
    echo 'enum e { E };' >known.h
    cat >known.fsm <<SPEC
machine known {
  prefix known; context "struct known"; include "known_with.h"; types "known.h";
  queue 3;
  event user { GO "$written"; STOP "char"; }
  action act;
  initial ON;
  resting state ON { on GO / act; on STOP -> OFF; }
  final state OFF { otherwise ignore; }
}
SPEC
    name="known, $type"
    "$fsm_gen" --header machine.h --report report known.fsm || failed=1
    printf '#include "machine.h"\nunsigned char instance[sizeof(struct known_fsm)];\n' >size.c
    "$cc" -std=c11 -I . -c size.c -o size.o || exit 1
    same "an instance" "$(reported 'bytes of an instance, struct known_fsm')" "$(size_of size.o instance)"
done

# Chains: S0 --E0--> S1 --E1--> ... of events that actions send.
chain() { # LENGTH ACTION [END] [QUEUE]: ACTION is done by each step; END is what the last state does
    {
        printf 'machine chain {\n  prefix chain; context "struct chain"; include "chain_with.h"; %s\n' "${4:-}"
        echo '  event user { GO; }'
        printf '  event local {'
        i=0
        while [ $i -lt "$1" ]; do printf ' E%d;' $i && i=$((i + 1)); done
        printf ' }\n  action send;\n  initial S0;\n'
        i=0
        while [ $i -lt "$1" ]; do
            printf '  resting state S%d { on E%d%s -> S%d; on GO / send; otherwise ignore; }\n' $i $i "$2" $((i + 1))
            i=$((i + 1))
        done
        printf '  resting state S%d { %s on GO -> S0; otherwise ignore; }\n}\n' "$1" "${3:-}"
    } >chain.fsm
    "$fsm_gen" --header chain.h --report report -Wno-unused -Wno-livelock chain.fsm 2>err ||
        { sed -n 1,5p err && failed=1; }
}
finds() { # LENGTH ROOM
    grep -qE "^longest chain of local events $1(,|\$)" report && grep -q "QUEUE_MAX = $2,\$" chain.h ||
        { echo "not a chain of $1 with room for $2:" && grep -E 'chain|wait' report && failed=1; }
}
chain 3 ' / send' && finds 3 4
chain 7 ' / send' && finds 7 7
grep -qx 'longest chain of local events 7, E0 in S0, E1 in S1, E2 in S2, E3 in S3, E4 in S4, E5 in S5, E6 in S6' report || failed=1
grep -qx 'events sent by actions that may wait 7, by default' report || failed=1
chain 7 '' && finds 1 4
chain 7 ' / send' 'on E0 / send;' && finds 8 8
chain 7 ' / send' '' 'queue 2;' && finds 7 2
grep -qx 'events sent by actions that may wait 2, as declared' report || failed=1
chain 300 ' / send' && finds 300 255
chain 7 ' / send' 'on E3 / send -> S5;' && finds 'without bound' 4
grep -qx 'longest chain of local events without bound, S7 --E3--> S5 --E5--> S6 --E6--> S7' report ||
    { grep chain report && failed=1; }
chain 1 ' / send' 'on E0 / send -> S1;' && finds 'without bound' 4
grep -qx 'longest chain of local events without bound, S1 --E0--> S1' report || { grep chain report && failed=1; }
exit $failed
