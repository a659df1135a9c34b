#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests that judge generated C. Needs fsm_gen and top, the folder of the sources.

# Every specification in the project that has no error.
good_specs() {
    ls "$top"/tests/fsm-gen/good/*.fsm "$top"/tests/fsm-gen/machines/*.fsm \
        "$top"/tests/fsm-users/kills/*.fsm "$top"/src/fsm/*.fsm
    find "$top"/examples "$top"/demo -name '*.fsm' ! -name '*_forgotten.fsm' | sort
}

context_header() { # SPEC FOLDER: the header that the machine includes, with its context
    context=$(sed -n 's/.*context *"\(.*\)".*include.*/\1/p; s/.*context *"\([^"]*\)";$/\1/p' "$1" |
        head -n 1)
    prefix=$(sed -n 's/^ *prefix *\([A-Za-z0-9_]*\);.*/\1/p' "$1" | head -n 1)
    include=$(sed -n 's/.*include *"\([^"]*\)".*/\1/p' "$1" | head -n 1)
    {
        printf '#ifndef CONTEXT_OF_%s\n#define CONTEXT_OF_%s\n' "$prefix" "$prefix"
        printf '#include "%s_fsm.h"\n#include <ev.h>\n%s {\n' "$(basename "$1" .fsm)" "$context"
        printf '    struct ev_loop *loop;\n    struct ev_timer timers[%s_TIMER_COUNT + 1];\n' \
            "$(echo "$prefix" | tr '[:lower:]' '[:upper:]')"
        printf '    struct %s_fsm fsm;\n};\n#endif\n' "$prefix"
    } >"$2/$include"
}

# generate SPEC FOLDER: all C that fsm-gen can write for it: plain and traced, with each back end, the
# header split in two, the timers on libev, the skeletons, the tests, the decoder.
generate() {
    name=$(basename "$1" .fsm)
    mkdir -p "$2/plain" "$2/traced" "$2/split" "$2/libev"
    for way in switch handlers table; do
        "$fsm_gen" --dispatch $way --header "$2/plain/${name}_fsm.h" \
            --source "$2/plain/${name}_fsm_$way.c" --tests "$2/plain/${name}_tests.c" "$1" &&
            "$fsm_gen" --trace --dispatch $way --header "$2/traced/${name}_fsm.h" \
                --source "$2/traced/${name}_fsm_$way.c" --tests "$2/traced/${name}_tests.c" \
                --trace-decoder "$2/traced/${name}_decoder.c" "$1" || return 1
    done
    "$fsm_gen" --events-header "$2/split/${name}_events.h" --header "$2/split/${name}_fsm.h" \
        --source "$2/split/${name}_fsm.c" --stubs "$2/split/${name}_stubs.c" "$1" &&
        "$fsm_gen" --header "$2/libev/${name}_fsm.h" --source "$2/libev/${name}_fsm.c" \
            --libev "$2/libev/${name}_libev.c" --stubs "$2/libev/${name}_stubs.c" "$1" || return 1
    for kind in plain traced split libev; do
        context_header "$1" "$2/$kind"
    done
}

# includes SPEC KIND: where the headers of generated code are; those of the types are beside SPEC.
includes() {
    echo "-I$2 -I$(dirname "$1")"
}
