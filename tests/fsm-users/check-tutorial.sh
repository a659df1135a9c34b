#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every block of the tutorial stands, line for line, in a file of examples/fsm/tutorial; every step
# is told; and the machine that step 4 shows refused is refused in those words.
# Usage: check-tutorial.sh FSM_GEN SOURCE_DIR
set -u
fsm_gen=$1
steps=$2/examples/fsm/tutorial
cd "$steps" || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

"$fsm_gen" step04_forgotten.fsm 2>"$work/said"
[ $? -eq 1 ] && diff -u step04_forgotten.expected "$work/said" || failed=1

for step in step??.fsm; do
    grep -q "## Step .*$step" "$2/docs/tutorial/README.md" ||
        { echo "the tutorial does not tell $step" && failed=1; }
done

perl -0777 -e '
    my $tutorial = do { open my $f, "<", shift @ARGV or die "$!\n"; <$f> };
    my @files = map { open my $f, "<", $_ or die "$_: $!\n"; <$f> } @ARGV;
    my @blocks = $tutorial =~ /^```(?:fsm|c|text)\n(.*?)^```$/msg;
    die "few blocks\n" if @blocks < 15;
    my $bad = 0;
    for my $block (@blocks) {
        next if grep { index($_, $block) >= 0 } @files;
        print "this block is in no step:\n$block";
        $bad = 1;
    }
    exit $bad;
' "$2/docs/tutorial/README.md" ./*.fsm ./*.c ./*.h ./*.expected || failed=1
exit $failed
