/* SPDX-License-Identifier: MIT */
/* Records by their shapes: what is written is read back, and what is not as it should be is refused by name. */
#include "json/document.h"
#include "json/shape.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

typedef enum Colour { COLOUR_RED, COLOUR_BLUE } Colour;

static const char *const colour_names[] = { [COLOUR_RED] = "red", [COLOUR_BLUE] = "blue" };

typedef struct Part {
    const char *name;
    uint64_t size;
} Part;

typedef struct PartList {
    Part *items;
    size_t count, capacity;
} PartList;

typedef struct Thing {
    const char *title, *owner, *note;
    char code[5];
    StringList tags;
    bool works, hidden;
    size_t uses;
    uint32_t number;
    uint64_t size;
    int64_t offset;
    Colour colour;
    Part main;
    PartList parts;
    int other;
    const Part *spare, *lent;
} Thing;

static json_t *write_other(const void *member)
{
    return json_integer(*(const int *) member * 2);
}

static bool read_other(const json_t *json, Arena *arena, void *member, Error *err)
{
    (void) arena;
    *(int *) member = (int) json_integer_value(json) / 2;
    return json_integer_value(json) != 13 || error_set(err, ERR_PROTOCOL, "thirteen brings bad luck");
}

static const Field part_fields[] = {
    FIELD_TEXT(Part, name, "name"),
    FIELD_UINT64(Part, size, "size"),
};
static const Shape part_shape = SHAPE(Part, part_fields);

static const Field thing_fields[] = {
    FIELD_TEXT(Thing, title, "title"),
    FIELD_TEXT(Thing, owner, "owner", .flags = FIELD_NULLABLE),
    FIELD_TEXT(Thing, note, "note", .flags = FIELD_OPTIONAL),
    FIELD_CHARS(Thing, code, "code"),
    FIELD_TEXTS(Thing, tags, "tags"),
    FIELD_BOOLEAN(Thing, works, "works"),
    FIELD_BOOLEAN(Thing, hidden, "hidden", .flags = FIELD_OPTIONAL),
    FIELD_SIZE(Thing, uses, "uses"),
    FIELD_UINT32(Thing, number, "number"),
    FIELD_UINT64(Thing, size, "size"),
    FIELD_INT64(Thing, offset, "offset"),
    FIELD_NAME(Thing, colour, colour_names, "colour"),
    FIELD_RECORD(Thing, main, &part_shape, "main"),
    FIELD_LIST(Thing, parts, &part_shape, "parts"),
    FIELD_OTHER(Thing, other, write_other, read_other, "other"),
    FIELD_POINTER(Thing, spare, &part_shape, "spare", .flags = FIELD_OPTIONAL),
    FIELD_POINTER(Thing, lent, &part_shape, "lent", .flags = FIELD_NULLABLE),
};
static const Shape thing_shape = SHAPE(Thing, thing_fields);

static const char all[] = "{\"title\": \"a\", \"owner\": null, \"code\": \"1234\", \"tags\": [\"x\", \"y\"], "
                          "\"works\": true, \"uses\": 3, \"number\": 4294967295, \"size\": \"18446744073709551615\", "
                          "\"offset\": \"-9223372036854775808\", \"colour\": \"blue\", "
                          "\"main\": {\"name\": \"m\", \"size\": \"1\"}, "
                          "\"parts\": [{\"name\": \"p\", \"size\": \"2\"}, {\"name\": \"q\", \"size\": \"3\"}], "
                          "\"other\": 14, \"spare\": {\"name\": \"s\", \"size\": \"4\"}, \"lent\": null}";

static json_t *load(const char *text)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static void what_is_written_is_read_back(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Thing thing = { .note = NULL };
    json_t *json = load(all);
    assert_true(shape_read(&thing_shape, json, &arena, &thing, &err));
    assert_string_equal(thing.title, "a");
    assert_null(thing.owner);
    assert_null(thing.note);
    assert_string_equal(thing.code, "1234");
    assert_int_equal(thing.tags.count, 2);
    assert_string_equal(thing.tags.items[1], "y");
    assert_true(thing.works);
    assert_false(thing.hidden);
    assert_int_equal(thing.uses, 3);
    assert_true(thing.number == UINT32_MAX && thing.size == UINT64_MAX && thing.offset == INT64_MIN);
    assert_int_equal(thing.colour, COLOUR_BLUE);
    assert_string_equal(thing.main.name, "m");
    assert_string_equal(thing.spare->name, "s");
    assert_null(thing.lent);
    assert_int_equal(thing.parts.count, 2);
    assert_string_equal(thing.parts.items[1].name, "q");
    assert_true(thing.parts.items[1].size == 3);
    assert_int_equal(thing.other, 7);

    json_t *again = shape_write(&thing_shape, &thing);
    assert_true(json_equal(json, again)); /* without the optional members that are not there */
    json_decref(again);
    thing.note = "n";
    thing.hidden = true;
    again = shape_write(&thing_shape, &thing);
    assert_string_equal(json_string_value(json_object_get(again, "note")), "n");
    assert_true(json_is_true(json_object_get(again, "hidden")));
    json_decref(again);
    json_decref(json);
    arena_release(&arena);
}

static void what_is_null_may_be_missing(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Part part = { .name = "x" };
    Thing thing = { .title = "a", .main = { .name = "m" } };
    json_t *json = shape_write(&thing_shape, &thing);
    assert_null(json_object_get(json, "spare"));
    assert_true(json_is_null(json_object_get(json, "lent")));
    thing.spare = &part;
    assert_true(shape_read(&thing_shape, json, &arena, &thing, &err));
    assert_ptr_equal(thing.spare, &part); /* missing: the record stays as it is */
    json_decref(json);
    arena_release(&arena);
}

static void what_is_wrong_is_named(void **state)
{
    (void) state;
    static const struct {
        const char *member, *value; /* NULL: taken out */
        const char *message;
    } rows[] = {
        { "title", NULL, "its member 'title' is missing or no text" },
        { "title", "null", "its member 'title' is missing or no text" },
        { "owner", NULL, "its member 'owner' is missing or no text" },
        { "owner", "5", "its member 'owner' is missing or no text" },
        { "note", "null", "its member 'note' is missing or no text" },
        { "code", "\"12345\"", "its member 'code' is missing or no text, or too long" },
        { "tags", "[\"x\", 1]", "its member 'tags' is missing or no list of texts" },
        { "tags", "\"x\"", "its member 'tags' is missing or no list of texts" },
        { "works", "1", "its member 'works' is missing or neither true nor false" },
        { "uses", "-1", "its member 'uses' is missing or no number, or out of range" },
        { "uses", "1.0", "its member 'uses' is missing or no number, or out of range" },
        { "number", "4294967296", "its member 'number' is missing or no number of 32 bits" },
        { "size", "5", "its member 'size' is missing or no number of 64 bits in a text" },
        { "size", "\"18446744073709551616\"", "its member 'size' is missing or no number of 64 bits in a text" },
        { "size", "\"-1\"", "its member 'size' is missing or no number of 64 bits in a text" },
        { "offset", "\"9223372036854775808\"", "its member 'offset' is missing or no number of 64 bits in a text" },
        { "offset", "\"+1\"", "its member 'offset' is missing or no number of 64 bits in a text" },
        { "offset", "\" 1\"", "its member 'offset' is missing or no number of 64 bits in a text" },
        { "colour", "\"green\"", "its member 'colour' is missing or none of the words it can be" },
        { "main", "[]", "its member 'main' is missing or no object" },
        { "main", "{\"name\": \"m\"}", "'main': its member 'size' is missing or no number of 64 bits in a text" },
        { "parts", "{}", "its member 'parts' is missing or no list" },
        { "parts", "[{\"name\": \"p\", \"size\": \"2\"}, {}]",
          "'parts', item 2: its member 'name' is missing or no text" },
        { "parts", "[7]", "'parts', item 1: its member 'name' is missing or no text" },
        { "spare", "[]", "its member 'spare' is missing or no object" },
        { "spare", "null", "its member 'spare' is missing or no object" },
        { "spare", "{\"name\": \"m\"}", "'spare': its member 'size' is missing or no number of 64 bits in a text" },
        { "lent", NULL, "its member 'lent' is missing or no object" },
        { "other", "13", "thirteen brings bad luck" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        Thing thing = { .note = NULL };
        json_t *json = load(all);
        if (rows[i].value == NULL)
            assert_int_equal(json_object_del(json, rows[i].member), 0);
        else
            json_put(json, rows[i].member, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        assert_false(shape_read(&thing_shape, json, &arena, &thing, &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_string_equal(err.message, rows[i].message);
        json_decref(json);
        arena_release(&arena);
    }
}

static void text_that_is_no_utf8_becomes_readable(void **state)
{
    (void) state;
    static const struct {
        const char *text, *json;
    } rows[] = {
        { "a\xFFz", "a\xEF\xBF\xBDz" }, { "\xED\xA0\x80", "\xEF\xBF\xBD" }, { "\xC3\xA4", "\xC3\xA4" }, { "", "" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *json = json_text(rows[i].text);
        assert_string_equal(json_string_value(json), rows[i].json);
        json_decref(json);
    }
    json_t *json = json_text(NULL);
    assert_true(json_is_null(json));
    json_decref(json);
}

static void documents_tell_what_they_are(void **state)
{
    (void) state;
    static const struct {
        const char *text, *message; /* NULL: good */
    } rows[] = {
        { "{\"format\": \"thing/1\"}", NULL },
        { "{\"format\": \"thing/2\"}", "its format is 'thing/2', not 'thing/1'" },
        { "{\"format\": 1}", "it does not say that its format is 'thing/1'" },
        { "[]", "it does not say that its format is 'thing/1'" },
        { "{\"format\": \"thing/1\", \"format\": \"thing/1\"}",
          "not JSON: line 1, column 30: duplicate object key near '\"format\"'" },
        { "", "not JSON: line 1, column 0: '[' or '{' expected near end of file" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Error err = { .code = ERR_NONE };
        json_t *root = NULL;
        bool ok = json_document_parse(rows[i].text, strlen(rows[i].text), "thing/1", &root, &err);
        assert_true(ok == (rows[i].message == NULL));
        if (!ok)
            assert_string_equal(err.message, rows[i].message);
        json_decref(root);
    }
    Arena arena = ARENA_INIT;
    json_t *json = json_object();
    json_put(json, "a", json_text("\xC3\xA4"));
    assert_string_equal(json_document_format(json, &arena), "{\n \"a\": \"\\u00E4\"\n}\n");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(what_is_null_may_be_missing),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(text_that_is_no_utf8_becomes_readable),
        cmocka_unit_test(documents_tell_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
