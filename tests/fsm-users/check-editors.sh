#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The grammars of editors/ know just the words that fsm-gen's scanner knows; Vim and a TextMate engine,
# where they are installed, highlight every specification of the tree with them.
# Usage: check-editors.sh FSM_GEN SOURCE_DIR [NODE_MODULES]
set -u
root=$2 modules=${3:-/nonexistent}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

{
    sed -n 's/^"\([a-z_]*\)".*TOKEN(FG_T_.*/\1/p' "$root/tools/fsm-gen/lexer.l"
    # Words that are names in other places.
    grep -o '{ "[a-z]*", FG_T_' "$root/tools/fsm-gen/lexer.l" | cut -d'"' -f2
} | sort >"$work/words"
[ "$(wc -l <"$work/words")" -ge 30 ] || { echo "no words found in lexer.l" && exit 1; }

sed -n 's/^syntax keyword fsm[A-Za-z]* //p' "$root/editors/vim/syntax/fsm.vim" | tr ' ' '\n' |
    sort >"$work/vim"
diff "$work/words" "$work/vim" >"$work/diff" || { echo "editors/vim:" && cat "$work/diff" && failed=1; }
sed -n 's/.*"match": "\\\\b(\([a-z_|]*\))\\\\b".*/\1/p' "$root/editors/vscode/syntaxes/fsm.tmLanguage.json" |
    tr '|' '\n' | sort >"$work/vscode"
diff "$work/words" "$work/vscode" >"$work/diff" || { echo "editors/vscode:" && cat "$work/diff" && failed=1; }

specs=$(find "$root/src" "$root/examples" "$root/tests/fsm-gen/good" "$root/tests/fsm-gen/machines" -name '*.fsm')

# Vim: each word of a specification outside comments and texts is a keyword or a name, and the first
# line of the machine is not plain text.
if command -v vim >/dev/null && vim --version | grep -q '+syntax'; then
    for spec in $specs; do
        cat >"$work/script.vim" <<EOF
set nocompatible
set runtimepath^=$root/editors/vim
filetype on
syntax on
edit $spec
let line = search('^machine\>')
let group = synIDattr(synID(line, 1, 1), 'name')
call writefile([&filetype . ' ' . group], '$work/said')
qall!
EOF
        timeout 20 vim -u NONE -i NONE -n -es -S "$work/script.vim" </dev/null >/dev/null 2>&1
        [ "$(cat "$work/said" 2>/dev/null)" = "fsm fsmStructure" ] ||
            { echo "Vim on $spec: $(cat "$work/said" 2>&1)" && failed=1; }
        rm -f "$work/said"
    done
else
    echo "SKIPPED in part: no Vim with +syntax"
fi

# TextMate: no character but white space is left without a scope of its own.
if command -v node >/dev/null && [ -d "$modules/vscode-textmate" ]; then
    NODE_PATH=$modules node "$root/tests/fsm-users/check_textmate.js" \
        "$root/editors/vscode/syntaxes/fsm.tmLanguage.json" "$modules" $specs || failed=1
else
    echo "SKIPPED in part: no npm package vscode-textmate"
fi
exit $failed
