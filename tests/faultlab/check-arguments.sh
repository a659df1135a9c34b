#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of isa-faultlab: what it accepts, what it refuses, and its exit status.
# Usage: check-arguments.sh ISA_FAULTLAB
set -u
program=$1
failed=0

expect() { # STATUS WORDS ARGUMENTS...
    status=$1 words=$2
    shift 2
    output=$("$program" "$@" 2>&1)
    got=$?
    if [ "$got" -ne "$status" ]; then
        echo "isa-faultlab $*: exit status $got, not $status"
        failed=1
    fi
    case $output in
    *"$words"*) ;;
    *) echo "isa-faultlab $*: did not say '$words' but: $output" && failed=1 ;;
    esac
}

expect 0 'usage:' --help
expect 0 'grpc-killed' --list
expect 2 'nothing to do'
expect 2 'no such scenario: nonsense' --run nonsense
expect 2 'not both' --all --run grpc-slow
expect 2 'not a number: x' --seed x --all
expect 2 'unexpected: word' --all word
expect 2 'usage:' --nonsense
expect 0 'seed 7' --seed 7 --run grpc-too-large
expect 0 'passed   grpc-too-large' --run grpc-too-large
expect 0 'RESOURCE_EXHAUSTED' --verbose --run grpc-too-large
expect 0 '2 passed, 0 failed, 0 skipped' --run grpc-too-large --run grpc-too-large
exit $failed
