/* SPDX-License-Identifier: MIT */
#include "drivers/gather/inf.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/sorted.h"
#include "base/str.h"
#include "base/utf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- encodings ---- */

static const char *decode_utf16(const unsigned char *bytes, size_t size, bool is_big, Arena *arena, size_t *ret_size)
{
    size_t count = size / 2;
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, count + 1);
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t) (bytes[2 * i + is_big] | bytes[2 * i + !is_big] << 8);
    return utf8_from_utf16(arena, units, count, ret_size);
}

/* Of a code page that nobody tells: its letters become others, but the text can be handled. */
static const char *decode_bytes(const unsigned char *bytes, size_t size, Arena *arena, size_t *ret_size)
{
    char *text = arena_alloc(arena, 2 * size + 1), *out = text;
    for (size_t i = 0; i < size; i++)
        out += utf8_encode(bytes[i], out);
    *ret_size = (size_t) (out - text);
    return text;
}

static const char *decode(const char *data, size_t size, Arena *arena, size_t *ret_size)
{
    const unsigned char *bytes = (const unsigned char *) data;
    *ret_size = size;
    if (size >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF)))
        return decode_utf16(bytes + 2, size - 2, bytes[0] == 0xFE, arena, ret_size);
    if (size >= 2 && (bytes[0] == 0) != (bytes[1] == 0))
        return decode_utf16(bytes, size, bytes[0] == 0, arena, ret_size);
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        *ret_size = size - 3;
        return data + 3;
    }
    return utf8_is_valid(data, size) ? data : decode_bytes(bytes, size, arena, ret_size);
}

/* ---- lines ---- */

typedef struct Reader {
    const char *next, *end;
    Str line;
} Reader;

/* Behind what is quoted, or a string token: both may hold what else would end the line. NULL: it is neither, or a '%'
 * alone. */
static const char *skip_delimited(const char *c, const char *end)
{
    char delimiter = *c;
    if (delimiter != '"' && delimiter != '%')
        return NULL;
    for (c++; c < end && *c != '\n' && *c != '\r'; c++) {
        if (*c == delimiter)
            return c + 1;
    }
    return delimiter == '"' ? c : NULL;
}

static void trim_to(Str *line, size_t length)
{
    line->length = length;
    if (line->text != NULL)
        line->text[length] = '\0';
}

/* Appends the rest of a line of the file without its comment. True: a backslash says that the next belongs to it. */
static bool append_line(Reader *reader)
{
    Str *line = &reader->line;
    const char *c = reader->next, *end = reader->end;
    size_t kept = line->length; /* what is quoted is not trimmed */
    bool goes_on = false;
    while (c < end && *c != '\n' && *c != '\r' && *c != ';') {
        const char *behind = skip_delimited(c, end);
        goes_on = *c == '\\' || (goes_on && ascii_is_space(*c));
        for (behind = behind != NULL ? behind : c + 1; c < behind; c++)
            str_append_char(line, *c == '\0' ? ' ' : *c);
        if (behind[-1] == '"')
            kept = line->length;
    }
    while (c < end && *c != '\n' && *c != '\r')
        c++;
    if (c + 1 < end && c[0] == '\r' && c[1] == '\n')
        c++;
    reader->next = c + (c < end);
    goes_on = goes_on && reader->next < end;
    size_t length = line->length;
    while (length > kept && ascii_is_space(line->text[length - 1]))
        length--;
    while (goes_on && length > kept && line->text[length - 1] == '\\') /* of two, the first one says nothing */
        length--;
    trim_to(line, length);
    return goes_on;
}

/* What is longer than its limit is not there. */
static bool next_line(Reader *reader)
{
    do {
        str_release(&reader->line);
        if (reader->next >= reader->end)
            return false;
        while (append_line(reader))
            continue;
    } while (reader->line.overflowed || reader->line.length > LIMIT_INF_LINE_BYTES);
    return true;
}

/* ---- fields ---- */

/* One value of a list, without blanks around it and without its quotes; "" for one that is longer than Windows has
 * them. Returns where the next one begins, or NULL. */
static const char *take_field(const char *list, Arena *arena, const char **ret_field)
{
    char field[LIMIT_INF_FIELD_BYTES + 1];
    size_t used = 0, kept = 0;
    bool in_quotes = false;
    for (list += strspn(list, " \t\v\f"); *list != '\0' && (in_quotes || *list != ','); list++) {
        if (*list == '"' && (!in_quotes || list[1] != '"')) {
            in_quotes = !in_quotes;
            kept = used;
            continue;
        }
        list += *list == '"'; /* two of them are one */
        if (used < LIMIT_INF_FIELD_BYTES)
            field[used] = *list;
        used++;
    }
    while (used > kept && used <= LIMIT_INF_FIELD_BYTES && ascii_is_space(field[used - 1]))
        used--;
    *ret_field = used <= LIMIT_INF_FIELD_BYTES ? arena_strndup(arena, field, used) : "";
    return *list == ',' ? list + 1 : NULL;
}

typedef struct InfString {
    const char *key, *value;
    size_t rank; /* the one of no language first */
} InfString;

typedef struct Parser {
    const char *architecture;
    Arena *arena;
    bool in_version, in_strings, is_for_others;
    size_t language; /* of the section of strings, as counted; 0: none */
    struct {
        InfString *items;
        size_t count, capacity;
    } strings;
    StringList copy_infs; /* as they are written */
    const char *date, *version, *class_name, *class_guid;
} Parser;

static int compare_strings(const void *a, const void *b)
{
    const InfString *x = a, *y = b;
    int order = ascii_casecmp(x->key, y->key);
    return order != 0 ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static int compare_key(const void *key, const void *string)
{
    return ascii_casecmp(key, ((const InfString *) string)->key);
}

/* The strings are sorted. */
static const char *find_string(const Parser *parser, const char *key)
{
    const InfString *strings = parser->strings.items;
    size_t place = sorted_place(key, strings, parser->strings.count, sizeof(InfString), compare_key);
    bool found = place < parser->strings.count && ascii_equals(strings[place].key, key);
    return found ? strings[place].value : NULL;
}

/* With the strings in the place of their tokens, up to the length that Windows has for it. */
static const char *expand(const Parser *parser, const char *text)
{
    char *expanded = arena_alloc(parser->arena, LIMIT_INF_FIELD_BYTES + 1);
    size_t used = 0;
    while (*text != '\0') {
        const char *end = *text == '%' ? strchr(text + 1, '%') : NULL;
        const char *value = NULL;
        if (end == text + 1)
            value = "%";
        else if (end != NULL)
            value = find_string(parser, arena_strndup(parser->arena, text + 1, (size_t) (end - text) - 1));
        size_t length = value != NULL ? strlen(value) : 1;
        if (length > LIMIT_INF_FIELD_BYTES - used)
            break;
        memcpy(expanded + used, value != NULL ? value : text, length);
        used += length;
        text = value != NULL ? end + 1 : text + 1;
    }
    expanded[used] = '\0';
    return expanded;
}

/* ---- sections and entries ---- */

/* "Install.NTarm64", "Models.NTamd64.10.0...16299" */
static bool is_for_others(const char *section, const char *architecture)
{
    static const char *const all[] = { "x86", "ia64", "amd64", "arm", "arm64" };
    for (const char *c = section; *architecture != '\0' && *c != '\0'; c++) {
        if (ascii_ncasecmp(c, ".NT", 3) != 0)
            continue;
        size_t length = strcspn(c + 3, ".");
        for (size_t i = 0; i < COUNT_OF(all); i++) {
            if (strlen(all[i]) == length && ascii_ncasecmp(c + 3, all[i], length) == 0)
                return !ascii_equals(all[i], architecture);
        }
    }
    return false;
}

static void begin_section(Parser *parser, const char *line)
{
    const char *name = arena_strndup(parser->arena, line + 1, strcspn(line + 1, "]"));
    parser->in_version = ascii_equals(name, "Version");
    parser->in_strings = ascii_equals(name, "Strings") || ascii_starts_with(name, "Strings.");
    parser->language = ascii_equals(name, "Strings") ? 0 : parser->language + 1;
    parser->is_for_others = is_for_others(name, parser->architecture);
}

static void add_string(Parser *parser, const char *key, const char *list)
{
    const char *value;
    if (parser->strings.count >= LIMIT_INF_STRINGS)
        return;
    (void) take_field(list, parser->arena, &value); /* a string is one */
    InfString string = { key, value, parser->language };
    ARRAY_PUSH(parser->arena, &parser->strings, string);
}

static void add_copy_infs(Parser *parser, const char *list)
{
    while (list != NULL && parser->copy_infs.count < LIMIT_INF_COPIES) {
        const char *field;
        list = take_field(list, parser->arena, &field);
        if (*field != '\0')
            ARRAY_PUSH(parser->arena, &parser->copy_infs, field);
    }
}

static void take_version(Parser *parser, const char *key, const char *list)
{
    if (ascii_equals(key, "DriverVer")) {
        const char *rest = take_field(list, parser->arena, &parser->date);
        parser->version = "";
        if (rest != NULL)
            (void) take_field(rest, parser->arena, &parser->version);
    } else if (ascii_equals(key, "Class")) {
        (void) take_field(list, parser->arena, &parser->class_name);
    } else if (ascii_equals(key, "ClassGuid")) {
        (void) take_field(list, parser->arena, &parser->class_guid);
    }
}

static void take_entry(Parser *parser, const char *line)
{
    const char *equals = strchr(line, '='), *key;
    if (equals == NULL)
        return;
    bool may_copy = !parser->in_strings && !parser->is_for_others;
    bool is_wanted = parser->in_version || parser->in_strings || *line == '"' || ascii_starts_with(line, "CopyINF");
    if (!is_wanted)
        return; /* most of them: not worth a copy */
    (void) take_field(arena_strndup(parser->arena, line, (size_t) (equals - line)), parser->arena, &key);
    if (parser->in_strings)
        add_string(parser, key, equals + 1);
    else if (may_copy && ascii_equals(key, "CopyINF"))
        add_copy_infs(parser, equals + 1);
    else if (parser->in_version)
        take_version(parser, key, equals + 1);
}

/* ---- versions ---- */

/* The numbers of a text with separators between them; false: it has something else in it. */
static bool take_numbers(const char *text, const char *separators, size_t least, unsigned long *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;
        if (!ascii_is_digit(*text))
            return false;
        numbers[i] = strtoul(text, &end, 10);
        text = end;
        if (*text == '\0')
            return i + 1 >= least;
        if (strchr(separators, *text) == NULL)
            return false;
        text++;
    }
    return false;
}

/* "08/14/2024, 32.0.15.6094" as "2024-08-14,32.0.15.6094"; something else stays as it is. A version may have fewer than
 * four numbers, or none, and numbers may have zeros in front. */
static const char *tidy_version(const Parser *parser)
{
    const char *date = expand(parser, parser->date), *version = expand(parser, parser->version);
    unsigned long days[3], numbers[4] = { 0 };
    if (*date == '\0')
        return "";
    if (!take_numbers(date, "/-", 3, days, COUNT_OF(days)) ||
        (*version != '\0' && !take_numbers(version, ".", 1, numbers, COUNT_OF(numbers))))
        return arena_printf(parser->arena, "%s,%s", date, version);
    return arena_printf(parser->arena, "%04lu-%02lu-%02lu,%lu.%lu.%lu.%lu", days[2], days[0], days[1], numbers[0],
                        numbers[1], numbers[2], numbers[3]);
}

/* ".\amdogl\amdogl.inf": the driver store has no such folders. */
static void add_file_name(Inf *inf, const char *path, Arena *arena)
{
    const char *name = path;
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '\\' || *c == '/')
            name = c + 1;
    }
    for (size_t i = 0; i < inf->copy_infs.count; i++) {
        if (ascii_equals(inf->copy_infs.items[i], name))
            return;
    }
    if (*name != '\0')
        ARRAY_PUSH(arena, &inf->copy_infs, name);
}

Inf inf_parse(const char *data, size_t size, const char *architecture, Arena *arena)
{
    Parser parser = { .architecture = architecture,
                      .arena = arena,
                      .date = "",
                      .version = "",
                      .class_name = "",
                      .class_guid = "" };
    data = decode(data, size, arena, &size);
    const char *end = memchr(data, 0x1A, size); /* Ctrl-Z ends a text */
    Reader reader = { .next = data, .end = end != NULL ? end : data + size };
    str_init(&reader.line, LIMIT_INF_LINE_BYTES + 1); /* and a backslash */
    while (next_line(&reader)) {
        const char *line = str_text(&reader.line);
        line += strspn(line, " \t\v\f");
        if (*line == '[')
            begin_section(&parser, line);
        else
            take_entry(&parser, line);
    }
    if (parser.strings.count > 0)
        qsort(parser.strings.items, parser.strings.count, sizeof(*parser.strings.items), compare_strings);
    Inf inf = { .driver_ver = tidy_version(&parser),
                .class_name = expand(&parser, parser.class_name),
                .class_guid = expand(&parser, parser.class_guid) };
    for (size_t i = 0; i < parser.copy_infs.count; i++)
        add_file_name(&inf, expand(&parser, parser.copy_infs.items[i]), arena);
    return inf;
}
