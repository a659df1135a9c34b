# SPDX-License-Identifier: Apache-2.0
# The arrows of docs/STYLE.md section 8, over the #include lines of the files given as arguments.
# Run by check-includes.sh from the top of the tree. Prints every include that no arrow allows.

# The area a file lies in: include, src/base, ..., tools, examples, tests/pool, tests/support, tests.
function area_of(path,    part) {
    split(path, part, "/")
    if (path ~ /^tests\/faultlab\/peers\//)
        return "tests/faultlab/peers"
    if (part[1] == "src" || (part[1] == "tests" && part[2] ~ /^(base|fsm|message|transport|pool|support|runner)$/))
        return part[1] "/" part[2]
    return part[1]
}

function exists(path,    line, found) {
    found = (getline line < path) >= 0
    close(path)
    return found
}

# What an include line names: a room's door ("base.h"), a room's private header ("base/"), the own
# directory ("own"), generated code or a library.
function kind_of(target, is_quoted, path,    dir, stem, part, room) {
    if (target ~ /^isa\//)
        return is_quoted ? "quoted <isa/...>" : "isa"
    if (target ~ /^grpc(\+\+|pp)?\//)
        return "grpc"
    if (target ~ /^openssl\//)
        return "openssl"
    if (target == "ev.h")
        return "ev"
    if (target ~ /^protobuf-c\//)
        return "protobuf-c"
    if (target ~ /^criterion\//)
        return "criterion"
    if (target ~ /\.(pb-c|isa)\.h$/)
        return "pb-c"
    if (target in libc || target ~ /^(sys|arpa|net|netinet|linux)\/[a-z0-9_]+\.h$/)
        return "libc"
    dir = path
    sub(/[^\/]*$/, "", dir)
    if (is_quoted && target !~ /\// && (exists(dir target) || (path ~ /^src\/transport\// && exists("src/transport/core/" target))))
        return "own"
    # bison and flex write parser.h and lexer.h from the own directory's parser.y and lexer.l.
    stem = target
    if (sub(/\.h$/, "", stem) && (exists(dir stem ".y") || exists(dir stem ".l")))
        return "own"
    sub(/^(\.\.\/)+/, "", target)
    sub(/^(src|tests)\//, "", target)
    if (target ~ /^(faultlab\/)?peers\/peers\.h$/)
        return "peers"
    split(target, part, "/")
    if (part[1] == "support")
        return "support"
    if (part[1] == "tools" && exists(target))
        return "tool"
    if (part[1] ~ /^(base|fsm|message|transport|pool)$/)
        return part[2] == part[1] ".h" ? part[2] : part[1] "/"
    if (path ~ /^tests\/transport\// && exists("src/transport/core/" target))
        return "transport/"
    # Doors are on the include path: "base.h" is src/base/base.h from wherever it is said.
    for (room in rooms)
        if (exists("src/" room "/" target))
            return target == room ".h" ? target : room "/"
    if (target ~ /^[a-z0-9_]+_fsm\.h$/)
        return "generated"
    # tests/support is on the include path of every test, and of the demo, which needs a server too.
    if (is_quoted && path ~ /^(tests|demo)\// && exists("tests/support/" target))
        return "support"
    return "unknown"
}

function allow(area, kinds,    i, n, kind) {
    n = split(kinds, kind, " ")
    for (i = 1; i <= n; i++)
        allowed[area, kind[i]] = 1
    known_area[area] = 1
}

BEGIN {
    n = split("assert ctype dirent dlfcn errno fcntl fenv float inttypes iso646 limits locale math netdb poll " \
              "pthread pwd regex sched semaphore setjmp signal spawn stdalign stdarg stdatomic " \
              "stdbool stddef stdint stdio stdlib stdnoreturn string strings termios threads time " \
              "unistd wchar wctype getopt execinfo malloc", word, " ")
    for (i = 1; i <= n; i++)
        libc[word[i] ".h"] = 1

    n = split("base fsm message transport pool", word, " ")
    for (i = 1; i <= n; i++)
        rooms[word[i]] = 1

    allow("include",         "isa libc")
    allow("src/base",        "isa libc own base.h base/")
    allow("src/fsm",         "isa libc own base.h fsm.h fsm/ generated")
    allow("src/message",     "isa libc own base.h message.h message/ protobuf-c")
    allow("src/transport",   "isa libc own base.h transport.h transport/ grpc openssl ev protobuf-c pb-c")
    allow("src/pool",        "isa libc own base.h fsm.h message.h transport.h pool.h pool/")
    allow("tools",           "isa libc own ev protobuf-c pb-c")
    allow("examples",        "isa libc own ev pb-c generated")
    allow("demo",            "isa libc own ev pb-c support")
    # A test sees what its room sees, the room's private headers, and the support directory.
    test = " own support criterion isa libc ev pb-c "
    allow("tests/base",      test "base.h base/")
    allow("tests/fsm",       test "base.h fsm.h fsm/ generated")
    allow("tests/message",   test "base.h message.h message/ protobuf-c")
    allow("tests/transport", test "base.h message.h transport.h transport/ grpc protobuf-c")
    allow("tests/pool",      test "base.h fsm.h transport.h pool.h pool/")
    # Support plays the other side: a fake transport, a server made of grpc-core.
    allow("tests/support",   test "base.h fsm.h transport.h pool.h grpc openssl protobuf-c")
    allow("tests/runner",    "own criterion libc grpc")
    allow("tests/faultlab/peers", "own libc support")
    allow("tests",           test "generated tool peers")
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    path = FILENAME
    sub(/^\.\//, "", path)
    is_quoted = ($0 ~ /^[^<]*"/)
    target = $0
    sub(/^[^"<]*["<]/, "", target)
    sub(/[">].*/, "", target)
    area = area_of(path)
    kind = kind_of(target, is_quoted, path)
    if (!(area in known_area)) {
        printf "%s:%d: no rule says what '%s' may include\n", path, FNR, area
        refused++
    } else if (!((area, kind) in allowed)) {
        printf "%s:%d: %s may not include %s (%s)\n", path, FNR, area, target, kind
        refused++
    }
    next
}
# #include MACRO would hide its target from this check.
/^[ \t]*#[ \t]*include/ {
    printf "%s:%d: an include must name its file\n", FILENAME, FNR
    refused++
}
END { exit refused > 0 }
