/* SPDX-License-Identifier: MIT */
/* Simple upper case from the C library's own Unicode table, reached through a locale that is not the user's. */
#include "platform/text.h"

#include "base/compiler.h"

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#if __has_include(<xlocale.h>) /* macOS declares newlocale and towupper_l there */
#include <xlocale.h>
#endif

static locale_t unicode;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* glibc has C.UTF-8 built in since 2.35, macOS has the other. Where there is neither, only A to Z are folded. */
static void open_locale(void)
{
    static const char *const names[] = { "C.UTF-8", "en_US.UTF-8" };
    for (size_t i = 0; i < COUNT_OF(names) && unicode == (locale_t) 0; i++)
        unicode = newlocale(LC_CTYPE_MASK, names[i], (locale_t) 0);
}

uint32_t text_upcase(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'a' && code_point <= 'z' ? code_point - 'a' + 'A' : code_point;
    (void) pthread_once(&once, open_locale); /* cannot fail with these arguments */
    return unicode != (locale_t) 0 ? (uint32_t) towupper_l((wint_t) code_point, unicode) : code_point;
}
