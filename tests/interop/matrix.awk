# SPDX-License-Identifier: Apache-2.0
# Turns the lines of run-cases.sh, `[PASS] KIND MODE CASE...`, into a table in Markdown: a row for each
# case, a column for each server, and in each field the modes in which the case passed.
# Set kinds and modes with -v, as lists of words.

/^\[(PASS|SKIP|FAIL)\] / {
    name = $4
    sub(/:$/, "", name)
    if (!(name in seen)) {
        seen[name] = 1
        names[++count] = name
    }
    outcome[name, $2, $3] = $1
}

function field(name, kind,    i, text, outcome_of) {
    for (i = 1; i <= mode_count; i++) {
        outcome_of = outcome[name, kind, mode[i]]
        if (outcome_of == "[PASS]")
            text = text (text == "" ? "" : ", ") mode[i]
        else if (outcome_of == "[FAIL]")
            text = text (text == "" ? "" : ", ") "**" mode[i] " FAILS**"
        else if (outcome_of == "")
            text = text (text == "" ? "" : ", ") mode[i] " not run"
    }
    return text == "" ? "-" : text
}

END {
    kind_count = split(kinds, kind, " ")
    mode_count = split(modes, mode, " ")
    line = "| case |"
    rule = "|---|"
    for (k = 1; k <= kind_count; k++) {
        line = line " " kind[k] " |"
        rule = rule "---|"
    }
    print line "\n" rule
    for (n = 1; n <= count; n++) {
        line = "| " names[n] " |"
        for (k = 1; k <= kind_count; k++)
            line = line " " field(names[n], kind[k]) " |"
        print line
    }
}
