#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A server that lies fails the cases that lies.txt names, each with a sentence.
# Usage: check-lies.sh DIR CLIENT
set -u
here=$(cd "$(dirname "$0")" && pwd)
"$here/install-packages.sh" "$1" || exit

check_lie() ( # KIND CASE...: in a shell of its own, with a server of its own
    kind=$1
    shift
    . "$here/with-server.sh"
    start_server grpc-js "$dir" plain --lie "$kind"
    for name in "$@"; do
        said=$(timeout 60 "$client" --server_port="$port" --test_case="$name" 2>&1)
        status=$?
        if [ $status -ne 1 ] || [[ "$said" != "$name: FAILED: "?* ]]; then
            echo "the lie '$kind' passed by $name: exit status $status: $said"
            exit 1
        fi
        echo "$kind: $said"
    done
)

dir=$1 client=$2 failed=0
while IFS=: read -r kind cases; do
    # shellcheck disable=SC2086 # a list of words
    check_lie "$kind" $cases </dev/null || failed=1
done < <(grep -v '^#' "$here/lies.txt")
exit $failed
