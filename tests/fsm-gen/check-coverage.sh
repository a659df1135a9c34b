#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A traced machine writes down how often each branch was taken; the table and the report of fsm-gen
# show it, added up over files; a file that does not belong to the machine is refused with its line.
# Usage: check-coverage.sh FSM_GEN CC
set -u
fsm_gen=$1 cc=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
spec=$here/good/gconn.fsm
failed=0

cat >gconn_int.h <<'C'
#include "gconn_fsm.h"
struct gconn {
    struct gconn_fsm fsm;
};
C
cat >main.c <<'C'
#include "gconn_int.h"
#include <stdio.h>
static struct gconn_trace_hits hits;
void gconn_on_trace(struct gconn *ctx, const struct gconn_trace_step *step)
{
    (void)ctx;
    gconn_trace_count(&hits, step);
}
int main(int argc, char **argv)
{
    struct gconn conn;

    if (argc > 2 && gconn_trace_save(&hits, "no/such/directory/file") == 0)
        return 1;
    gconn_init(&conn);
    gconn_call_start(&conn, NULL);
    gconn_resolved(&conn, NULL);
    for (int i = 0; i < 3; i++)
        gconn_connect(&conn);
    if (argc > 2)
        gconn_close(&conn);
    gconn_resolved(&conn, NULL);
    return gconn_trace_save(&hits, argv[1]) == 0 ? 0 : 1;
}
C
"$fsm_gen" --trace --header gconn_fsm.h --source gconn_fsm.c --stubs stubs.c "$spec" || exit 1
sed -i '/^void gconn_on_trace/,/^}/d' stubs.c
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I . main.c gconn_fsm.c stubs.c \
    -o program || exit 1
./program one.cov || exit 1
./program two.cov close || exit 1
sed '1d' one.cov | diff -u - /dev/fd/3 3<<'TEXT' || failed=1
branch 1 2 IDLE CALL_START
branch 1 5 RESOLVING RESOLVED
cell 3 CONNECTING CONNECT
cell 1 CONNECTING RESOLVED
TEXT

"$fsm_gen" --coverage one.cov --coverage two.cov --table table.md --report report.txt "$spec" || failed=1
says() { # FILE LINE
    grep -qxF -- "$2" "$1" || { echo "$1 does not say: $2" && failed=1; }
}
says table.md '3 of 68 branches were taken, by what 2 files of coverage tell.'
says table.md '| CONNECT | **RESOLVING (0)** | - | - (6) | - | - | - | - | d | - | **RESOLVING (0)** | - |'
says table.md '| RESOLVED | ! | CONNECTING (2) | ! (1) | ! | ! | ! | ! | ! | ! | ! | ! (1) |'
says table.md '| RESOLVING (0), CONNECTING (1), HANDSHAKE (0) | CLOSE |  | abort_io, fail_queued | CLOSED | gconn.fsm:37 |'
says report.txt 'coverage, files 2'
says report.txt 'coverage, branches 3 of 68'
says report.txt 'coverage, other cells of a timer that runs or an event 3 of 79'
says report.txt 'never taken CLOSE in RESOLVING, line 37'
says report.txt 'never taken SETTINGS_RX in HANDSHAKE [has_queued], line 54'
[ "$(grep -c '^never taken' report.txt)" -eq 65 ] || { echo "never taken: not 65" && failed=1; }

# Files may be joined, and a program may append to one that is there.
cat one.cov two.cov >both.cov
"$fsm_gen" --coverage both.cov --report joined.txt "$spec" || failed=1
sed 's/^coverage, files 1$/coverage, files 2/' joined.txt | cmp - report.txt || failed=1
./program one.cov close || failed=1
"$fsm_gen" --coverage one.cov --report joined.txt --depfile dep "$spec" || failed=1
sed 's/^coverage, files 1$/coverage, files 2/' joined.txt | cmp - report.txt || failed=1
grep -q '^joined.txt: .*gconn.fsm one.cov$' dep || { cat dep && failed=1; }

# Without coverage nothing is said of it.
"$fsm_gen" --table plain.md --report plain.txt "$spec" || failed=1
! grep -qE 'coverage|\([0-9]+\)|never taken' plain.md plain.txt || failed=1

refuse() { # MESSAGE ARGUMENTS...
    message=$1
    shift
    rm -f refused.txt
    "$fsm_gen" --report refused.txt "$@" 2>err
    got=$?
    { [ $got -eq 2 ] && grep -qF -- "$message" err && [ ! -e refused.txt ]; } ||
        { echo "status $got, and not: $message" && cat err && failed=1; }
}
head -n 1 two.cov >head
with() { # LINE: a file with this one after the head
    { cat head && printf '%s\n' "$1"; } >bad.cov
}
refuse "no.cov: No such file" --coverage no.cov "$spec"
: >bad.cov
refuse "bad.cov:1: error: this is no file of coverage" --coverage bad.cov "$spec"
echo 'branch 1 2 IDLE CALL_START' >bad.cov
refuse "bad.cov:1: error: this is no file of coverage" --coverage bad.cov "$spec"
with 'branch 1 3 IDLE CALL_START'
refuse "bad.cov:2: error: branch 3 is not of CALL_START in IDLE" --coverage bad.cov "$spec"
with 'branch 1 68 IDLE CALL_START'
refuse "bad.cov:2: error: no branch 68: there are 68" --coverage two.cov --coverage bad.cov "$spec"
with 'branch 1 99999999999999999999 IDLE CALL_START'
refuse "bad.cov:2: error: no branch 99999999999999999999" --coverage bad.cov "$spec"
with 'branch 1 2 LAZY CALL_START'
refuse "bad.cov:2: error: no state 'LAZY'" --coverage bad.cov "$spec"
with 'cell 1 IDLE CALL_STOP'
refuse "bad.cov:2: error: no event 'CALL_STOP'" --coverage bad.cov "$spec"
with 'cell 1 IDLE CALL_START'
refuse "bad.cov:2: error: CALL_START in IDLE has branches, and none is named" --coverage bad.cov "$spec"
with 'branch x 2 IDLE CALL_START'
refuse "bad.cov:2: error: this is neither a branch nor a cell" --coverage bad.cov "$spec"
printf 'branch 1 1 IDLE CALL' | cat two.cov - >bad.cov
refuse "bad.cov:$(wc -l bad.cov | awk '{ print $1 + 1 }'): error: the line is too long, or the file was cut short" \
    --coverage bad.cov "$spec"
sed 's/RESOLVE_FAIL/RESOLVE_LOST/g' "$spec" >gconn.fsm
refuse "two.cov:1: error: this was recorded with another version of gconn.fsm" --coverage two.cov gconn.fsm
sed 's/^machine grpc_conn/machine other/' "$spec" >gconn.fsm
refuse "two.cov:1: error: this was recorded with a machine 'grpc_conn', not with 'other'" \
    --coverage two.cov gconn.fsm
"$fsm_gen" --coverage two.cov --dot x.dot "$spec" 2>err
[ $? -eq 2 ] && grep -q -- '--coverage needs --table or --report' err || failed=1
exit $failed
