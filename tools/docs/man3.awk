# SPDX-License-Identifier: Apache-2.0
# Writes a manual page of section 3 for each documented function of a public header: OUT/NAME.3.
# The docstrings are in the form of docs/STYLE.md, section 10.
# Usage: awk -v header=isa/conn.h -v version=0.1.0 -v out=DIR -f man3.awk include/isa/conn.h

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/)
        text = "\\&" text
    return text
}

function put(text) { page = page text "\n" }

# A paragraph of plain text; an empty line begins the next one.
function put_text(text) { put(text == "" ? ".PP" : escape(text)) }

function begin_section(title) {
    if (section == title)
        return
    sub(/(\.SH DESCRIPTION\n|\.PP\n)+$/, "", page) # an empty one
    put(".SH " title)
    section = title
}

function add_tag(tag, text,   name) {
    if (tag == "param") {
        begin_section("PARAMETERS")
        name = text
        sub(/ .*/, "", name)
        sub(/^[^ ]+ */, "", text)
        put(".TP\n.I " escape(name))
        put_text(text)
    } else if (tag == "return") {
        begin_section("RETURN VALUE")
        put(".nf")
        put_text(text)
        is_return = 1
    } else {
        begin_section(tag == "thread" ? "THREADS" : tag == "owner" ? "OWNERSHIP" : tag == "calls" ? "CALLBACKS" : "HISTORY")
        if (tag == "since")
            text = "Since version " text "."
        put_text(text)
    }
}

function end_return() {
    if (is_return)
        put(".fi")
    is_return = 0
}

function flush_page(prototype,   name, shown) {
    end_return()
    name = prototype
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    shown = prototype
    gsub(/  +/, " ", shown)
    file = out "/" name ".3"
    printf ".\\\" Generated from include/%s, do not edit.\n", header >file
    printf ".TH %s 3 \"\" \"isa\\-common %s\" \"ISA Common for C\"\n", toupper(name), version >file
    rest = ""
    if (match(summary, /[.:;] /)) { # the name's line takes the first clause, the description all of it
        rest = summary
        summary = substr(summary, 1, RSTART - 1)
    }
    sub(/\.$/, "", summary)
    printf ".SH NAME\n%s \\- %s\n", name, escape(tolower(substr(summary, 1, 1)) substr(summary, 2)) >file
    printf ".SH SYNOPSIS\n.nf\n.B #include <%s>\n.PP\n.BI \"%s\"\n.fi\n", header, escape(shown) >file
    if (rest != "") {
        if (!sub(/^\.SH DESCRIPTION\n/, ".SH DESCRIPTION\n" escape(rest) "\n.PP\n", page))
            page = ".SH DESCRIPTION\n" escape(rest) "\n" page
    }
    printf "%s", page >file
    printf ".SH SEE ALSO\n.I <%s>\n", header >file
    close(file)
    count++
}

/^\/\*\*/ {
    in_doc = 1
    page = section = summary = ""
    is_return = 0
    sub(/^\/\*\* */, "")
    if (/\*\/$/) {
        sub(/ *\*\/$/, "")
        in_doc = 0
        has_doc = 1
    }
    summary = $0
    next
}
in_doc && /^ \*\// {
    in_doc = 0
    has_doc = 1
    next
}
in_doc {
    sub(/^ \* ?/, "")
    line = $0
    if (line ~ /^@/) {
        end_return()
        tag = line
        sub(/^@/, "", tag)
        sub(/ .*/, "", tag)
        sub(/^@[a-z]+ */, "", line)
        add_tag(tag, line)
    } else if (is_return) {
        put_text(substr(line, 9) == "" ? line : substr(line, 9))
    } else if (section == "" && page == "" && line == "") {
        begin_section("DESCRIPTION")
    } else if (section == "") {
        summary = summary (summary == "" ? "" : " ") line
    } else {
        sub(/^ +/, "", line)
        put_text(line)
    }
    next
}
/^ISA_API/ {
    prototype = $0
    while (prototype !~ /;/ && (getline more) > 0)
        prototype = prototype " " more
    sub(/^ISA_API /, "", prototype)
    sub(/;.*/, ";", prototype)
    if (has_doc && prototype ~ /\(/)
        flush_page(prototype)
    else
        printf "%s: %s has no docstring\n", FILENAME, prototype >"/dev/stderr"
    has_doc = 0
    next
}
!/^$/ { has_doc = 0 }
END { exit count == 0 && NR > 0 && !optional }
