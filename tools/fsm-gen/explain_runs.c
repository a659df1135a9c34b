/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what is said of a machine's runs and of its C: E15 and above. */
/* Called by: explain. */
/* Must not know: anything else. */
#include "explain_text.h"

const struct fg_explanation fg_explained_runs[] = {
    { "E15", NULL, "'check always_reachable' does not hold.",
      "There is a state from which no sequence of events leads to the one that must\n"
      "stay reachable. Guards are not understood: every branch counts as possible.\n"
      "The notes show how the machine gets there.\n",
      "  event user { GO; STOP; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; on STOP -> END; }\n"
      "  final state END { unexpected GO, STOP; }\n"
      "  check always_reachable END;\n",
      "  resting state B { on GO -> C; ignore STOP; }\n"
      "  resting state C { on GO -> B; ignore STOP; }\n",
      "  resting state B { on GO -> C; ignore STOP; }\n"
      "  resting state C { on GO -> B; on STOP -> END; }\n" },
    { "E16", NULL, "'check E leads_to S' does not hold.",
      "After E the machine may stay out of S for ever. Users and peers may do\n"
      "anything or nothing: only timers are sure to happen, and one that is started\n"
      "again and again never fires. The notes show a path that breaks the promise.\n",
      "  event user { STOP; }\n"
      "  event net { GONE; }\n"
      "  timer deadline;\n"
      "  initial A;\n",
      "  resting state A { on STOP -> B; on GONE -> C; }\n"
      "  resting state B { on GONE -> END; ignore STOP; }\n"
      "  state C { arm deadline; on deadline, STOP -> END; ignore GONE; }\n"
      "  final state END { unexpected STOP, GONE; }\n"
      "  check STOP leads_to END;\n",
      "  resting state A { on STOP -> B; on GONE -> C; }\n"
      "  state B { arm deadline; on GONE, deadline -> END; ignore STOP; }\n"
      "  state C { arm deadline; on deadline, STOP -> END; ignore GONE; }\n"
      "  final state END { unexpected STOP, GONE; }\n"
      "  check STOP leads_to END;\n" },
    { "W17", "livelock", "Local events lead round in a circle.",
      "Local events are sent by actions. In every state of the circle one of them\n"
      "moves on without a guard, and an action runs that may send the next: the\n"
      "machine may never come to rest. A guard that ends the circle, or a state in it\n"
      "that is resting, removes the warning.\n",
      "  event user { GO; }\n"
      "  event local { PING; PONG; }\n"
      "  action send;\n"
      "  timer t;\n"
      "  initial A;\n"
      "  resting state A { on GO / send -> B; ignore PING, PONG; }\n"
      "  state C { arm t; on PONG / send -> B; on GO, t -> A; ignore PING; }\n",
      "  state B { arm t; on PING / send -> C; on t -> A; ignore GO, PONG; }\n",
      "  guard more;\n"
      "  state B { arm t; on PING { [more] / send -> C; [else] -> A; } on t -> A; ignore GO, PONG; "
      "}\n" },
    { "W18", "defer", "A deferred event may be kept for ever, or be refused when its turn comes.",
      "No state that can follow handles it; or one that can follow calls it\n"
      "unexpected, so that its replay is a mistake; or the state that keeps it is\n"
      "resting and may wait for ever. For the last a reason in the clause removes the\n"
      "warning: defer E \"why\".\n",
      "  event user { GO; }\n"
      "  event net { DATA; }\n"
      "  timer t;\n"
      "  initial A;\n"
      "  state A { arm t; defer DATA; on GO, t -> B; }\n",
      "  resting state B { on GO -> A; unexpected DATA; }\n",
      "  resting state B { on GO, DATA -> A; }\n" },
    { "W18b", "defer-bound", "A user event is deferred without a bound.",
      "Users can send any number of events while the machine waits; one too many is\n"
      "refused. Say how many may wait, or keep them in a queue of your own by an\n"
      "action.\n",
      "  event user { GO; JOB; }\n"
      "  timer t;\n"
      "  action work;\n"
      "  initial A;\n",
      "  state A { arm t; defer JOB; on GO, t -> B; }\n"
      "  resting state B { on GO -> A; on JOB / work; }\n",
      "  state A { arm t; defer JOB max 8; on GO, t -> B; }\n"
      "  resting state B { on GO -> A; on JOB / work; }\n" },
    { "W19", "hidden-event", "'otherwise ignore' drops an event of the user.",
      "What users ask for should not vanish because nobody thought of it. Name the\n"
      "event, or say why it may be dropped: otherwise ignore \"why\". Final states are\n"
      "exempt.\n",
      "  event user { GO; STOP; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; ignore STOP; }\n",
      "  resting state B { on GO -> A; otherwise ignore; }\n",
      "  resting state B { on GO -> A; otherwise ignore \"there is nothing to stop\"; }\n" },
    { "W20", "resource", "A resource is not acquired once and released once.",
      "An action may say what it 'acquires' or 'releases'. On every path from the\n"
      "start, one that is acquired is free, one that is released is held, and none is\n"
      "held in a final state. Guards are not understood: every branch counts as\n"
      "possible. A resource needs an action that acquires it and one that releases it.\n",
      "  event user { OPEN; CLOSE; }\n"
      "  action dial acquires wire, hang_up releases wire;\n"
      "  initial A;\n"
      "  resting state A { on OPEN / dial -> B; on CLOSE -> C; }\n"
      "  final state C { otherwise ignore; }\n",
      "  resting state B { on OPEN / hang_up -> A; on CLOSE -> C; }\n",
      "  resting state B { on OPEN / hang_up -> A; on CLOSE / hang_up -> C; }\n" },
    { "E21", NULL, "The numbers of states, events or public values have changed.",
      "They are kept in the file of --abi. Names may be added behind the others of\n"
      "their kind. To change the numbers on purpose, give --abi-break as well: it\n"
      "writes the file anew.\n",
      "  event user { GO; }\n"
      "  initial A;\n",
      NULL,
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n" },
    { "I22", "equivalent", "States behave alike.",
      "They have the same timers, entry and exit actions and answer every event in\n"
      "the same way: one of them would do. Off by default; switch it on with\n"
      "-Wequivalent.\n",
      "  event user { GO; STOP; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; on STOP -> C; }\n",
      "  resting state B { on GO -> A; ignore STOP; }\n"
      "  resting state C { on GO -> A; ignore STOP; }\n",
      "  resting state B { on GO -> A; ignore STOP; }\n"
      "  resting state C { on GO -> A; on STOP -> B; }\n" },
    { "E23", NULL, "The settings of the machine do not make good C.",
      "A machine has a prefix, a context \"struct NAME\" and an include. Two names may\n"
      "not become the same name in C, and a payload that is passed by value needs\n"
      "'types' with its definition.\n",
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  event user { GO \"struct point\"; }\n",
      "  types \"point.h\";\n"
      "  event user { GO \"struct point\"; }\n" },
    { "E24", NULL, "A limit is exceeded.",
      "A machine has 1 to 1024 states and 1 to 1024 events, nested up to 64 deep, up\n"
      "to 64 branches and 12 guards in a handler, 32 resources, 60000 transitions, and\n"
      "a queue and deferred events of up to 255 each.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n"
      "  resting state B { on GO -> A; }\n",
      "  queue 1000;\n", "  queue 100;\n" },
    { "E25", NULL, "A handler does nothing.",
      "It has no action, no target and no branch. Say 'ignore', which can be seen in\n"
      "the table.\n",
      "  event user { GO; STOP; }\n"
      "  initial A;\n",
      "  resting state A { on GO -> B; on STOP; }\n"
      "  resting state B { on GO, STOP -> A; }\n",
      "  resting state A { on GO -> B; ignore STOP; }\n"
      "  resting state B { on GO, STOP -> A; }\n" },
    { "E26", NULL, "A timer is armed twice.",
      "A timer runs as long as the state that arms it is active; a state inside that\n"
      "arms it too would end it for both.\n",
      "  event user { GO; }\n"
      "  timer t;\n"
      "  initial A;\n"
      "  resting state A { on GO -> P; }\n",
      "  state P { initial B; arm t; on GO, t -> A; state B { arm t; } }\n",
      "  state P { initial B; arm t; on GO, t -> A; state B {} }\n" },
    { "E28", NULL, "A transition asks for what cannot be done there.",
      "'-> internal S' leaves the states inside the one that has the handler, and not\n"
      "that one itself; so S is inside it, or around it. 'restart T' needs T to run where\n"
      "it stands. A choice is gone through: its branches go to states, not back to it, and\n"
      "nothing begins or ends in it. 'outer' comes last, in a state with a handler around.\n"
      "A periodic timer is armed with 'every' wherever it is armed.\n",
      "  event user { GO; }\n"
      "  initial B;\n"
      "  state P { initial B; on GO -> A; resting state B {} }\n",
      "  resting state A { on GO -> internal P; }\n", "  resting state A { on GO -> P; }\n" },
    { "W27", "doc", "A description belongs to nothing.",
      "'/// text' describes what is declared first on the next line, or last before\n"
      "it on its own line.\n",
      "  event user { GO; }\n"
      "  initial A;\n"
      "  resting state A { on GO -> B; }\n",
      "  resting state B { on GO -> A; }\n"
      "\n"
      "  /// the end\n",
      "  /// the other one\n"
      "  resting state B { on GO -> A; }\n" },
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
