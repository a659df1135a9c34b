/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what the actions do to the channel, for the model of connection.fsm. */
/* Used by: check-model.sh, which puts it in front of the model. */
/* Must not know: the machine's states. */
bit has_channel;
#define do_dial assert(!has_channel); has_channel = 1
#define do_retire has_channel = 0
#define do_abort has_channel = 0
#define do_release_waiters assert(has_channel)
#define do_finish assert(!has_channel)
