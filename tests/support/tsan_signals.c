/* SPDX-License-Identifier: MIT */
/* gcc 12's ThreadSanitizer makes what it remembers signals with at the first call that may block (SigCtx() of
 * libsanitizer/tsan/tsan_interceptors_posix.cpp), and forgets a signal that comes in the middle of that. Linked into
 * the programs with ThreadSanitizer, this makes the first such call before anybody sends them a signal. */
#include <time.h>

__attribute__((constructor)) static void call_what_may_block(void)
{
    (void) nanosleep(&(struct timespec){ .tv_nsec = 0 }, NULL);
}
