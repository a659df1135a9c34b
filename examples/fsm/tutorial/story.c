/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the order in which timers fire.
 * Used by: the steps.
 * Must not know: any machine.
 */
#include "story.h"

#include <stdio.h>

void story_arm(struct story *story, int timer, int after_s)
{
    story->due_s[timer] = story->now_s + after_s;
}

void story_disarm(struct story *story, int timer)
{
    story->due_s[timer] = 0;
}

int story_next(struct story *story)
{
    int next = -1;

    for (int timer = 0; timer < STORY_TIMERS; timer++) {
        if (story->due_s[timer] == 0)
            continue;
        if (next < 0 || story->due_s[timer] < story->due_s[next])
            next = timer;
    }
    if (next < 0)
        return -1;
    story->now_s = story->due_s[next];
    story->due_s[next] = 0;
    return next;
}

void story_say(const struct story *story, const char *what)
{
    printf("%3d s: %s\n", story->now_s, what);
}
