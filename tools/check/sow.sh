#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Is the chaos run any good? Sows one mistake after the other into a copy of the library, and looks
# whether it says a violation.  Usage: sow.sh [SECONDS_EACH] [NAME...]
# Exit status 0: the library as it is passes, and every mistake is caught.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
seconds=${1:-15}
shift 2>/dev/null || true
field=$(mktemp -d)
trap 'rm -rf "$field"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$field" || exit 2
cd "$field" || exit 2
launcher=$(command -v ccache) && launcher=-DCMAKE_C_COMPILER_LAUNCHER=$launcher
cmake --preset release --log-level=NOTICE -DISA_BUILD_TESTS=ON -DCMAKE_C_FLAGS=-w $launcher >/dev/null || exit 2

# A condition that is true once in $1 times, in C.
one_in() {
    echo "({ static _Atomic unsigned sown; ++sown % $1 == 0; })"
}

missed=0 sown=0
# sow NAME FILE LINE_IN_C INSTEAD: each is text, not a pattern; of several such lines the first.
sow() {
    local name=$1 file=${2:-}
    if [ -n "$wanted" ] && [[ " $wanted " != *" $name "* ]]; then return; fi
    [ "$name" = nothing ] || cp "$file" kept
    if [ "$name" != nothing ]; then
        BEFORE=$3 AFTER=$4 perl -0777 -pi -e \
            'BEGIN { ($b, $a) = @ENV{"BEFORE", "AFTER"} } s/\Q$b\E/$a/ or die "$ARGV: no such line\n"' \
            "$file" || exit 2
    fi
    cmake --build build --parallel "$(nproc)" --target isa-chaos >build.log 2>&1 || {
        cat build.log
        exit 2
    }
    build/bin/isa-chaos --seconds "$seconds" --seed 1 --patience 3 >run.log 2>&1
    local status=$?
    # It need not be a violation: a mistake may end the process.
    if [ "$name" = nothing ]; then
        [ $status -eq 0 ] || missed=$((missed + 1))
        printf '%-22s %s\n' "$name" "$([ $status -eq 0 ] && echo 'no violation' || echo 'ACCUSED')"
    else
        sown=$((sown + 1))
        [ $status -ne 0 ] || missed=$((missed + 1))
        printf '%-22s %s\n' "$name" "$([ $status -ne 0 ] && echo "caught: $(sed -n \
            's/^VIOLATION[^:]*: //p' run.log | sed 's/127[0-9.:]*: //' | head -n 1)" || echo MISSED)"
        mv kept "$file"
        touch "$file"
    fi
}

wanted="$*"
sow nothing
sow timer-forgotten src/pool/link.c \
    'link->ops->timer_start(link->machine_timer, effect->delay_ms);' \
    "if (!$(one_in 9)) link->ops->timer_start(link->machine_timer, effect->delay_ms);"
sow reply-lost src/pool/call.c \
    'call->on_reply(call, reply, call->user);' \
    "if (!$(one_in 3000)) call->on_reply(call, reply, call->user);"
sow reply-twice src/pool/call.c \
    'call->on_reply(call, reply, call->user);' \
    "for (int i = $(one_in 3000) ? 0 : 1; i < 2; i++) call->on_reply(call, reply, call->user);"
sow call-failed-at-peace src/transport/call.c \
    'call->status.code = (enum isa_status_code)call->core_code;' \
    "call->status.code = $(one_in 100) ? ISA_STATUS_UNAVAILABLE : (enum isa_status_code)call->core_code;"
sow call-late src/pool/call.c \
    'reply->duration_us = isa__now_us() - call->started_us;' \
    "if ($(one_in 3000)) nanosleep(&(struct timespec){ 12, 0 }, NULL); reply->duration_us = isa__now_us() - call->started_us;"
sow change-not-told src/pool/notice.c \
    'if (change->to == conn->told)' "if (change->to == conn->told || $(one_in 40))"
sow change-told-twice src/pool/notice.c \
    'isa__conn_deliver(conn, change);' \
    "{ isa__conn_deliver(conn, change); if ($(one_in 40)) isa__conn_deliver(conn, change); }"
sow loss-not-seen src/transport/channel.c \
    'if (channel->phase == PHASE_UP && channel->seen != GRPC_CHANNEL_READY) {' \
    "if (channel->phase == PHASE_UP && channel->seen != GRPC_CHANNEL_READY && !$(one_in 9)) {"
sow counted-twice src/pool/told.c \
    'link->failures_by_reason[machine->cause.reason]++;' \
    "link->failures_by_reason[machine->cause.reason] += $(one_in 20) ? 2 : 1;"
sow drain-not-seen src/transport/channel.c \
    'channel->sink->drained(channel->sink, &cause);' 'channel->sink->lost(channel->sink, &cause);'
sow slow-to-return src/pool/link.c \
    'link->ops->timer_start(link->machine_timer, effect->delay_ms);' \
    'link->ops->timer_start(link->machine_timer, effect->delay_ms + 6000);'
echo "$sown sown, $missed missed"
[ $missed -eq 0 ]
