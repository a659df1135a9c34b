/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what may be given with --isa_opt.
 * Called by: the run.
 * Must not know: descriptors.
 */
#include "parameters.h"

#include <string.h>

static bool begins_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

const char *pgi_read_parameters(struct pgi_arena *arena, const char *text,
                                struct pgi_parameters *ret_parameters)
{
    *ret_parameters = (struct pgi_parameters){ true, "protoc-gen-c", NULL };
    while (text != NULL && *text != '\0') {
        const size_t size = strcspn(text, ",");
        const char *parameter = pgi_copy(arena, text, size);

        if (strcmp(parameter, "no_messages") == 0)
            ret_parameters->writes_messages = false;
        else if (begins_with(parameter, "protoc_gen_c="))
            ret_parameters->protoc_gen_c = strchr(parameter, '=') + 1;
        else if (begins_with(parameter, "dllexport_decl="))
            ret_parameters->for_child = parameter;
        else if (parameter[0] != '\0')
            return pgi_format(
                arena,
                "unknown option '%s'; --isa_opt takes no_messages, protoc_gen_c=PROGRAM "
                "and dllexport_decl=NAME, separated by commas",
                parameter);
        text += size;
        text += *text == ',';
    }
    return NULL;
}
