/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the time of the tutorial's stories: timers that fire one after the other, without waiting.
 * Used by: the steps.
 * Must not know: any machine.
 */
#ifndef STORY_H
#define STORY_H

enum { STORY_TIMERS = 8 };

/* Zeroed, nothing runs and it is second 0. */
struct story {
    int now_s;
    int due_s[STORY_TIMERS]; /* 0: does not run */
};

void story_arm(struct story *story, int timer, int after_s);
void story_disarm(struct story *story, int timer);

/* Go on to the time of the timer that is due first. Returns its number; -1 when none runs. */
int story_next(struct story *story);

/* Print a line that begins with the time. */
void story_say(const struct story *story, const char *what);

#endif
