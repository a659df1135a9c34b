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

/* With GRPC_TRACE core writes headers and whole packets, a token among them: these lines are kept
 * from the log, whatever level it has. */
static bool may_hold_a_token(const gpr_log_func_args *args, const char *file)
{
    static const char *const packets[] = { "tcp_posix.cc", "tcp_client_posix.cc",
                                           "posix_endpoint.cc", "secure_endpoint.cc",
                                           "ssl_transport_security.cc" };
    for (size_t i = 0;
         args->severity == GPR_LOG_SEVERITY_DEBUG && i < sizeof packets / sizeof *packets; i++) {
        if (strcmp(file, packets[i]) == 0)
            return true;
    }
    return strstr(args->message, "authorization") != NULL;
}

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
    const char *file = slash ? slash + 1 : args->file;
    isa__text_init(&message, buffer, sizeof buffer);
    if (may_hold_a_token(args, file))
        isa__text_add(&message, "(left out: it may hold a token)");
    else
        isa__text_add_quoted(&message, args->message, sizeof buffer);
    isa__log(level, "core: %s:%d: %s", file, args->line, buffer);
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
