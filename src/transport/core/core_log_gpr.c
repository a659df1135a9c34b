/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: grpc-core's log, to 1.51, on its way to the log hook.
 * Must not know: what is logged.
 */
#include "core_log.h"

#include "base.h"

#include <grpc/support/log.h>
#include <string.h>

enum { LOG_BYTES = 1024 };

static void on_core_log(gpr_log_func_args *args)
{
    enum isa_log_level level = args->severity == GPR_LOG_SEVERITY_ERROR  ? ISA_LOG_WARNING
                               : args->severity == GPR_LOG_SEVERITY_INFO ? ISA_LOG_INFO
                                                                         : ISA_LOG_DEBUG;
    const char *slash = strrchr(args->file, '/');
    char buffer[LOG_BYTES];
    struct isa__text message; /* core quotes what peers say */
    if (level > isa__log_level)
        return;
    isa__text_init(&message, buffer, sizeof buffer);
    isa__text_add_quoted(&message, args->message, sizeof buffer);
    isa__log(level, "core: %s:%d: %s", slash ? slash + 1 : args->file, args->line, buffer);
}

void isa__core_log_start(void)
{
    gpr_set_log_function(on_core_log);
    gpr_set_log_verbosity(isa__log_level >= ISA_LOG_DEBUG  ? GPR_LOG_SEVERITY_DEBUG
                          : isa__log_level >= ISA_LOG_INFO ? GPR_LOG_SEVERITY_INFO
                                                           : GPR_LOG_SEVERITY_ERROR);
}

void isa__core_log_stop(void)
{
    gpr_set_log_function(NULL);
}
