/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: defaults and ranges of a handle's settings.
 * Used by: conn.c, registry.c.
 * Must not know: what the settings do.
 */
#ifndef ISA_POOL_SETTINGS_H
#define ISA_POOL_SETTINGS_H

#include <isa/conn.h>

#include "link.h"

/**
 * Check options and fill in the defaults.
 *
 * @param options       As the caller gave them; NULL for the defaults.
 * @param ret_options   Every field set.
 * @param ret_config    What of it is in the pool's key; the target is left to the caller.
 * @param why           Receives one sentence on what is wrong; or, with 0, advice.
 * @return 0, ISA_EINVAL or ISA_EUNKNOWN_OPTION
 */
int isa__settings_read(const struct isa_conn_options *options, struct isa_conn_options *ret_options,
                       struct isa__link_config *ret_config, struct isa__text *why);

#endif
