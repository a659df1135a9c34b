/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what is said of a specification's form and cells: E00 to E14. */
/* Called by: explain. */
/* Must not know: anything else. */
#include "explain_text.h"

const struct fg_explanation fg_explained_forms[] = {
    { "E00", NULL, "The text is no specification.",
      "A word, a mark or a character stands where the language has none. What was\n"
      "expected is in the message; the mistake is often a ';' that is missing just\n"
      "before.\n",
      "  event user { GO; }\n"
      "  initial A;\n",
      "  resting state A { on GO -> A }\n",
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n" },
    { "E01", NULL, "A name is not declared.",
      "Every state, event, timer, set, guard, action and public value that is named\n"
      "must be declared, as what it is used for. A name of like spelling is\n"
      "suggested.\n",
      "  event user { GO; }\n"
      "  initial A;\n",
      "  resting state A { on GO -> BE; }\n"
      "  resting state B { on GO -> A; }\n",
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n" },
    { "E02", NULL, "A name is declared, or a setting given, twice.",
      "Events, timers and sets share one space of names; states, guards and actions\n"
      "have one each.\n",
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  event user { GO; }\n"
      "  event net { GO; }\n",
      "  event user { GO; }\n" },
    { "E03", "incomplete", "A state says nothing of an event.",
      "Every state answers every event, and every timer that runs in it: on, ignore,\n"
      "defer or unexpected, itself or a state around it, or an explicit 'otherwise'.\n"
      "What was forgotten cannot be told from what was meant.\n",
      "  event user { GO; }\n"
      "  event net { LOST; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; unexpected LOST; }\n",
      "  resting state B { on GO -> A; }\n", "  resting state B { on GO, LOST -> A; }\n" },
    { "E04", NULL, "An event is handled twice in one state.",
      "Which handler is meant? The members of a set count too. A state inside may\n"
      "answer anew what a state around it answers.\n",
      "  event user { GO; STOP; }\n"
      "  set both = { GO, STOP };\n"
      "  initial A;\n",
      "  resting state A { on GO -> B; ignore both; }\n"
      "  resting state B { on both -> A; }\n",
      "  resting state A { on GO -> B; ignore STOP; }\n"
      "  resting state B { on both -> A; }\n" },
    { "E05", NULL, "The guards of a handler leave a case open.",
      "Branches are tried in order; for every combination of the guards one must\n"
      "hold. The message shows a combination without a branch. '[else]' takes what is\n"
      "left and comes last.\n",
      "  event user { GO; }\n"
      "  guard g;\n"
      "  initial A;\n",
      "  resting state A { on GO [g] -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  resting state A { on GO { [g] -> B; [else] ignore; } }\n"
      "  resting state B { on GO -> A; }\n" },
    { "W06", "shadowed-guard", "A branch is never taken.",
      "The branches above it take every case.\n",
      "  event user { GO; }\n"
      "  guard g;\n"
      "  action act;\n"
      "  initial A;\n",
      "  resting state A { on GO { [g] -> B; [!g] / act; [else] ignore; } }\n"
      "  resting state B { on GO -> A; }\n",
      "  resting state A { on GO { [g] -> B; [else] / act; } }\n"
      "  resting state B { on GO -> A; }\n" },
    { "E07", NULL, "It is not clear where the machine, or a composite state, begins.",
      "The machine has one 'initial', and so has every state with states inside that\n"
      "is the target of a transition. The machine begins in the state that is\n"
      "declared first: it has number 0.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> P; }\n",
      "  resting state P { on GO -> A; state B {} }\n",
      "  resting state P { initial B; on GO -> A; state B {} }\n" },
    { "W08", "unreachable", "No path leads to a state.",
      "From the start, no sequence of events ends in it.\n",
      "  event user { GO; }\n"
      "  initial A;\n",
      "  resting state A { on GO -> B; }\n"
      "  resting state C { on GO -> A; }\n"
      "  resting state B { on GO -> A; }\n",
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n" },
    { "E09", NULL, "A state that is not final has no way out, or a final one has.",
      "A machine that can do nothing more is in a final state, and says so. Only a\n"
      "state without states inside can be final.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n",
      "  resting state B { ignore GO; }\n", "  final state B { ignore GO; }\n" },
    { "W10", "deadline", "A state can wait for ever.",
      "It is neither final nor resting and no timer runs in it: when its peer falls\n"
      "silent, the machine hangs. Arm a timer, in the state or around it, or mark as\n"
      "'resting' a state that may wait for its user for ever.\n",
      "  event net { UP; }\n"
      "  timer deadline;\n"
      "  initial A;\n",
      "  state A { on UP -> B; }\n"
      "  state B { arm deadline; on UP, deadline -> A; }\n",
      "  resting state A { on UP -> B; }\n"
      "  state B { arm deadline; on UP, deadline -> A; }\n" },
    { "W11", "dead-transition", "A handler can never run.",
      "It is for a timer that does not run there, or every state inside has its own\n"
      "handler.\n",
      "  event user { GO; }\n"
      "  timer t;\n"
      "  initial A;\n",
      "  resting state A { on GO -> B; on t -> B; }\n"
      "  state B { arm t; on t -> A; ignore GO; }\n",
      "  resting state A { on GO -> B; }\n"
      "  state B { arm t; on t -> A; ignore GO; }\n" },
    { "W12", "unused", "A declaration is not used.",
      "An event that no state names, a timer that is never armed, a set, guard or\n"
      "action that nothing names, or an allowed change of the public value that no\n"
      "transition makes.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  guard g;\n", "" },
    { "E13", NULL, "An action gets another payload than it takes.",
      "The C type of the action's parameter is that of the event, word for word.\n"
      "'entry' and 'exit' have no payload, and timers carry none. A payload type is a\n"
      "name with '*' behind it.\n",
      "  event user { GO \"int\"; }\n"
      "  initial A;\n"
      "  resting state A { on GO / act -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  action act(\"long\");\n", "  action act(\"int\");\n" },
    { "E14", NULL, "The public value of the machine changes in a way that is not allowed.",
      "A projection gives every state one public value. When it has 'allow', every\n"
      "change that a transition makes must be listed.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  project p \"enum e\" { X = A; Y = B; allow X -> Y; }\n",
      "  project p \"enum e\" { X = A; Y = B; allow X -> Y; allow Y -> X; }\n" },
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
