#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests that ask Spin: build_model and ask. Needs fsm_gen; works in the current folder.

command -v spin >/dev/null || { echo "spin is not installed" && exit 77; }
CC=${CC:-cc}
command -v "$CC" >/dev/null || { echo "no C compiler" && exit 77; }

# build_model SPEC [FILE...]: the model of a specification, with the files in front of it.
build_model() {
    model_of=$1
    shift
    "$fsm_gen" --promela machine.pml "$model_of" 2>gen.err || { cat gen.err && exit 2; }
    cat "$@" machine.pml >model.pml
    prepare_model
}

prepare_model() {
    spin -a model.pml >spin.out 2>&1 || { cat spin.out && exit 2; }
    "$CC" -O0 -w -DNFAIR=4 -DMEMLIM=1024 -o pan pan.c || exit 2
}

# ask CLAIM: 0 when it holds, 1 when it does not. "assertions" is the claim that none fails.
ask() {
    if [ "$1" = assertions ]; then
        ./pan -noclaim -m1000000 >pan.out 2>&1
    else
        ./pan -a -f -m1000000 -N "$1" >pan.out 2>&1
    fi
    if grep -q 'max search depth too small\|out of memory\|unknown' pan.out; then
        cat pan.out
        exit 2
    fi
    grep -q 'errors: 0$' pan.out && return 0
    grep -q 'errors: [1-9]' pan.out && return 1
    cat pan.out
    exit 2
}
