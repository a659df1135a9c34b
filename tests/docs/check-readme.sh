#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C block of a document stands, line for line, in an example.
# Usage: check-readme.sh DOCUMENT EXAMPLE
perl -0777 -e '
    my ($readme, $example) = map { open my $f, "<", $_ or die "$_: $!\n"; my $t = <$f>; $t } @ARGV;
    my @blocks = $readme =~ /^```c\n(.*?)^```$/msg;
    die "no C block in $ARGV[0]\n" unless @blocks;
    for (@blocks) {
        next if index($example, $_) >= 0;
        die "a C block of $ARGV[0] is not in $ARGV[1]:\n$_";
    }
' "$1" "$2"
