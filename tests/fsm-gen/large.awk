# SPDX-License-Identifier: Apache-2.0
# Writes the specification of a large machine: states by events, with sets, guards, timers, deferred
# events, a projection and both kinds of promises.
# Usage: awk -v states=256 -v events=256 -f large.awk
BEGIN {
    print "machine large {\n  prefix large; context \"struct large\"; include \"large.h\";"
    print "  queue 4;\n  event user {"
    for (e = 0; e < events - 2; e++)
        printf "    E%d%s;\n", e, e % 16 == 1 ? " \"int\"" : ""
    print "  }\n  timer deadline, pulse;\n  guard g, h;\n  action act, note(\"int\");"
    set("noted", 1)
    set("ending", 3)
    set("quiet", 5)
    set("never", 6)
    print "  initial S0;"
    for (s = 0; s < states; s += 16) {
        printf "  state P%d {\n    initial S%d;\n    arm deadline;\n    on deadline -> END;\n", s, s
        for (i = s; i < s + 16 && i < states - 1; i++)
            state(i)
        print "  }"
    }
    print "  final state END { otherwise ignore; }"
    print "  project p \"enum p\" {"
    for (s = 0; s < states; s += 16)
        printf "    V%d = P%d;\n", s, s
    print "    LAST = END;\n  }"
    print "  check always_reachable END;\n  check E0 leads_to END;\n}"
}

# Every sixteenth event moves to a near state, so that deadlines end every stay.
function state(i,    e) {
    printf "    state S%d {\n      arm pulse;\n", i
    if (i - i % 16 + 16 < states)
        printf "      on pulse { [g] / act -> P%d; [else] / act; }\n", i - i % 16 + 16
    else
        print "      on pulse / act;"
    for (e = 0; e < events - 2; e++) {
        if (kind(e) == 0)
            printf "      on E%d { [g] / act -> S%d; [!g && h] / act; [else] ignore; }\n", e,
                target(i, e)
        else if (kind(e) == 2)
            printf i % 2 ? "      on E%d / act;\n" : "      defer E%d max 1;\n", e
    }
    print "      on noted / note, act;\n      on ending -> END;"
    print "      ignore quiet \"why not\";\n      unexpected never;"
    print "    }"
}

# 0 moves, 1 carries a number, 2 is deferred, 3 ends it all, 5 is ignored, 6 unexpected.
function kind(e) {
    if (e % 16 < 4)
        return e % 16 == 2 && e > 128 ? 6 : e % 16
    return e % 2 ? 5 : 6
}

function set(name, wanted,    e, comma) {
    printf "  set %s = {", name
    for (e = 0; e < events - 2; e++)
        if (kind(e) == wanted) {
            printf "%s E%d", comma, e
            comma = ","
        }
    print " };"
}

function target(i, e,    first, count) {
    first = i - i % 16
    count = first + 16 > states - 1 ? states - 1 - first : 16
    return first + (i + 1 + e / 16) % count
}
