/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a prctl() that leaves errno alone when it only names memory.
 * Used by: tests that connect; linked in by the target isa_keep_errno.
 * Must not know: what is tested.
 */
#include <errno.h>
#include <linux/prctl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((visibility("default"))) int prctl(int option, ...);

/*
 * grpc-core 1.51 reads the errno of connect() only after it has allocated; the abseil of Debian 13 names
 * what it allocates, which a kernel without CONFIG_ANON_VMA_NAME refuses with EINVAL. Then an attempt that
 * was well under way fails with "Invalid argument", one in some hundreds. docs/OPERATIONS.md says so to
 * users; a test that counts attempts cannot bear it.
 */
int prctl(int option, ...)
{
    const int kept = errno;
    unsigned long arg[4];
    va_list args;
    va_start(args, option);
    for (int i = 0; i < 4; i++)
        arg[i] = va_arg(args, unsigned long);
    va_end(args);
    long result = syscall(SYS_prctl, option, arg[0], arg[1], arg[2], arg[3]);
    if (option == PR_SET_VMA)
        errno = kept;
    return (int)result;
}
