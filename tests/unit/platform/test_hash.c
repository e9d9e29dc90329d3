/* SPDX-License-Identifier: MIT */
/* SHA-256: the examples of FIPS 180-4 (NIST, "SHA-256 examples"), and HMAC by it. */
#include "platform/hash.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static const struct {
    const char *text, *hash;
} examples[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void test_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char text[HASH_TEXT_LENGTH + 1];
        Error err;
        assert_true(hash_of(examples[i].text, strlen(examples[i].text), text, &err));
        assert_string_equal(text, examples[i].hash);
    }
}

static void test_pieces_and_again(void **state)
{
    (void) state;
    Error err;
    Hash *hash;
    assert_true(hash_create(&hash, &err));
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char text[HASH_TEXT_LENGTH + 1];
        for (const char *c = examples[i].text; *c != '\0'; c++)
            hash_add(hash, c, 1);
        hash_finish(hash, text);
        assert_string_equal(text, examples[i].hash);
    }
    hash_destroy(hash);
}

/* RFC 4231, test cases 1 and 2; shorter keys are the same with zeros behind. */
static void test_hmac(void **state)
{
    (void) state;
    static const struct {
        unsigned char key[HASH_SIZE];
        const char *data, *hmac;
    } rows[] = {
        { { 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11 },
          "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { { 'J', 'e', 'f', 'e' },
          "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    };
    Error err;
    Hash *hash;
    assert_true(hash_create(&hash, &err));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned char digest[HASH_SIZE];
        char text[HASH_TEXT_LENGTH + 1];
        hash_hmac(hash, rows[i].key, rows[i].data, strlen(rows[i].data), digest);
        hash_format(digest, text);
        assert_string_equal(text, rows[i].hmac);
    }
    hash_destroy(hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples), cmocka_unit_test(test_pieces_and_again),
                                        cmocka_unit_test(test_hmac) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
