# SPDX-License-Identifier: Apache-2.0
# Reads a ctest JUnit report, names every skipped test with its reason, and ends with
# `N passed, N failed, N skipped`. Run by run-tests.sh, which passes ctest_status.

# A number that Criterion printed: "Synthesis: Tested: 12 | Passing: 11 | Failing: 1 | Crashing: 0".
function figure(name,    text) {
    if (!match($0, name ": *(\033\\[[0-9;]*m)*[0-9]+"))
        return 0
    text = substr($0, RSTART, RLENGTH)
    sub(/.*[^0-9]/, "", text)
    return text + 0
}

function attribute(name,    text) {
    if (!match($0, " " name "=\"[^\"]*\""))
        return ""
    text = substr($0, RSTART, RLENGTH)
    gsub(/^[^"]*"|"$/, "", text)
    return text
}

function end_case() {
    if (name == "")
        return
    if (is_skipped) {
        print "skipped: " name ": " reason
        skipped++
    } else if (has_synthesis) {
        passed += case_passed
        failed += case_failed
        skipped += case_skipped
        # Every test passed and yet the program did not: a sanitizer's report, or a crash at exit.
        if (status != "run" && case_failed == 0)
            failed++
    } else if (status == "run") {
        passed++
    } else {
        failed++
    }
}

/<testcase / {
    end_case()
    name = attribute("name")
    status = attribute("status")
    is_skipped = (status == "disabled")
    has_synthesis = case_passed = case_failed = case_skipped = 0
    reason = ""
    next
}
/<skipped .*SKIP_RETURN_CODE/ { is_skipped = 1 }
/<system-out>/ { reason = $0; gsub(/^[ \t]*<system-out>|<\/system-out>.*/, "", reason) }
/\[SKIP\]/ { case_skipped++; sub(/.*\[SKIP\] /, "skipped: "); print }
/Synthesis: Tested:/ {
    has_synthesis = 1
    case_passed += figure("Passing")
    case_failed += figure("Failing") # the crashing ones are among them
}
END {
    end_case()
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit (ctest_status != 0 || failed > 0)
}
