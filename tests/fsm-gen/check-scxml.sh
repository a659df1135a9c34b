#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every machine of the tree, as SCXML in another interpreter, does what it does in C.
# Usage: check-scxml.sh FSM_GEN NODE_MODULES
set -u
fsm_gen=$1 modules=$2
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
command -v node >/dev/null && [ -d "$modules/@scion-scxml/scxml" ] || {
    echo "SKIPPED: no interpreter of SCXML: node or its packages could not be had"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # a list of files without spaces
NODE_PATH=$modules node "$here/check_scxml.js" "$fsm_gen" "$work" $(find "$tree/src" "$tree/examples" \
    "$here/good" "$here/machines" -name '*.fsm' ! -name '*forgotten*' | sort)
