# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that run against a server; needs bash. Sets `port`, and `retry_port` where the
# server has one; stops the server at exit.
#   start_server KIND DIR [plain|tls [ARGUMENT...]]
# KIND is go, grpc-js, grpc-js-compression, connect, qdrant, logbook or health; DIR holds what build-go-server.sh and install-packages.sh
# left there. With tls, the authority's certificate is in $ca. A server that cannot be had ends the script with
# status 77 and says why.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
proto=$(cd "$here/../../proto/grpc_testing" && pwd)

start_server() { # KIND DIR [plain|tls [ARGUMENT...]]
    local kind=$1 dir=$2 mode=${3:-plain} tls=() command line
    shift $(($# < 3 ? $# : 3))
    export NODE_PATH=$dir/node_modules
    work=$(mktemp -d)
    trap stop_server EXIT
    if [ "$mode" = tls ]; then
        "$here/make-certificates.sh" "$work" || exit
        ca=$work/ca.pem
        tls=(--tls_cert="$work/server.pem" --tls_key="$work/server.key")
    fi
    case $kind in
    go)
        "$here/build-go-server.sh" "$dir" || exit
        [ "$mode" = plain ] || tls=(-use_tls -tls_cert_file "$work/server.pem" -tls_key_file "$work/server.key")
        command=("$dir/go-server" -port 0)
        ;;
    grpc-js*)
        "$here/install-packages.sh" "$dir" || exit
        command=(node "$here/server.js" --proto "$proto")
        [ "$kind" = grpc-js ] || command+=(--compression)
        ;;
    connect)
        "$here/install-packages.sh" "$dir" || exit
        protoc --proto_path="$proto" --include_imports --descriptor_set_out="$work/descriptors" test.proto
        command=(node "$here/connect.js" --descriptors "$work/descriptors")
        ;;
    qdrant)
        "$here/install-packages.sh" "$dir" || exit
        command=(node "$here/qdrant.js")
        ;;
    logbook)
        "$here/install-packages.sh" "$dir" || exit
        command=(node "$here/logbook.js" "$proto/..")
        ;;
    health)
        "$here/install-packages.sh" "$dir" || exit
        command=(node "$here/health.js")
        ;;
    *)
        echo "no server of kind $kind" >&2
        exit 2
        ;;
    esac
    mkfifo "$work/in"
    # The write end of its standard input lives as long as this shell: then the server ends by itself.
    "${command[@]}" "${tls[@]}" "$@" <"$work/in" >"$work/log" 2>&1 &
    server=$!
    exec 8>"$work/in"
    for _ in $(seq 400); do
        line=$(grep -m 1 '^PORT ' "$work/log") && break
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    port=${line#PORT }
    retry_port=$(sed -n 's/^RETRY_PORT //p' "$work/log")
    [ -n "$port" ] || { echo "the server $kind did not start:" && cat "$work/log" && exit 1; }
}

stop_server() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
