/* SPDX-License-Identifier: MIT */
#include "platform/processor.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* CPUID leaf 0x80000008, lowest byte of EAX (Intel's and AMD's manuals). */
unsigned processor_address_bits(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(0x80000008, &a, &b, &c, &d) != 0 ? a & 0xFF : 0;
}
#else
unsigned processor_address_bits(void)
{
    return 0;
}
#endif
