/* SPDX-License-Identifier: MIT */
/* Binds the words of a command line to the rows of a parameter table, as PowerShell's own binder would have done.
 * Lists are put together in param_list.c. */
#include "cli/params.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf.h"
#include "cli/param_list.h"
#include "platform/text.h"

#include <string.h>

enum { NO_PARAM = -1, SEVERAL_PARAMS = -2, COUNT_MAX = 1000000 };

/* What has been bound to one row so far. */
typedef struct Slot {
    bool seen;
    bool on;
    const char *text;
    uint64_t size; /* or duration */
    int choice; /* or count */
    ParamList words; /* of PARAM_NAMES: only asked whether a quote is open */
    StringList list;
} Slot;

typedef struct Parser {
    const Param *params;
    size_t count;
    size_t argc;
    const char *const *argv;
    size_t next; /* the next word */
    Slot *slots;
    int last; /* the parameter before the next word, or NO_PARAM */
    Arena *arena;
} Parser;

/* The text after the dash, or NULL. PowerShell takes the dashes of word processors for a dash, too. */
static const char *after_dash(const char *word)
{
    static const char *const dashes[] = { "-", "\u2013", "\u2014", "\u2015" };
    for (size_t i = 0; i < COUNT_OF(dashes); i++) {
        size_t length = strlen(dashes[i]);
        if (strncmp(word, dashes[i], length) == 0)
            return word + length;
    }
    return NULL;
}

static bool name_matches(const char *candidate, const char *name, size_t length, bool prefix)
{
    return candidate != NULL && ascii_ncasecmp(candidate, name, length) == 0 && (prefix || candidate[length] == '\0');
}

/* Which of two whose names begin alike is meant. */
static int choose_param(const Param *params, int a, int b)
{
    if (a == NO_PARAM || a == SEVERAL_PARAMS)
        return a == NO_PARAM ? b : a;
    if (params[a].yields == params[b].yields)
        return SEVERAL_PARAMS;
    return params[a].yields ? b : a;
}

/* Index of the parameter with that name, or else of the only one whose name starts so. */
static int find_param(const Param *params, size_t count, const char *name, size_t length)
{
    int found = NO_PARAM;
    if (length == 0)
        return NO_PARAM;
    for (size_t i = 0; i < count; i++) {
        if (name_matches(params[i].name, name, length, false) || name_matches(params[i].alias, name, length, false))
            return (int) i;
        if (name_matches(params[i].name, name, length, true) || name_matches(params[i].alias, name, length, true))
            found = choose_param(params, found, (int) i);
    }
    return found;
}

/* "-NAME" or "-NAME:value"; ret_value gets the text after the colon, NULL without one. */
static int resolve(const Parser *parser, const char *word, const char **ret_value)
{
    const char *name = after_dash(word);
    *ret_value = NULL;
    if (name == NULL)
        return NO_PARAM;
    const char *colon = strchr(name, ':');
    if (colon != NULL)
        *ret_value = colon + 1;
    return find_param(parser->params, parser->count, name, colon != NULL ? (size_t) (colon - name) : strlen(name));
}

static bool is_known(const Parser *parser, const char *word)
{
    const char *value;
    return resolve(parser, word, &value) >= 0;
}

/* Whatever starts with '-' is meant as a parameter; with another dash only what is one. */
static bool looks_like_parameter(const Parser *parser, const char *word)
{
    return *word == '-' || is_known(parser, word);
}

static const char *closest_name(const Parser *parser, const char *name)
{
    size_t length = strlen(name);
    size_t best = length < 2 ? 0 : length < 6 ? 1 : length / 3;
    const char *closest = NULL;
    for (size_t i = 0; i < parser->count; i++) {
        size_t distance = text_distance(name, parser->params[i].name, best);
        if (distance <= best && (closest == NULL || distance < best)) {
            best = distance;
            closest = parser->params[i].name;
        }
    }
    return closest;
}

/* The word stands right behind a parameter that has no value yet. */
static bool follows_parameter(const Parser *parser, const char *word)
{
    size_t index = 0;
    while (index < parser->argc && parser->argv[index] != word)
        index++;
    const char *value = NULL;
    return index > 0 && index < parser->argc && resolve(parser, parser->argv[index - 1], &value) >= 0 &&
           (value == NULL || *value == '\0');
}

static bool fail_unknown(const Parser *parser, const char *word, Error *err)
{
    const char *name = after_dash(word);
    if (strcmp(word, "--") == 0) {
        (void) error_set(err, ERR_USAGE, "'--' has no meaning here");
        return error_hint(err, "leave it out; a value that starts with '-' is written -NAME:-VALUE");
    }
    (void) error_set(err, ERR_USAGE, "unknown parameter '%s'", word);
    if (*name == '-' && is_known(parser, name))
        return error_hint(err, "parameters have one dash: %s", name);
    size_t equals = strcspn(name, "=");
    if (name[equals] == '=' && find_param(parser->params, parser->count, name, equals) >= 0)
        return error_hint(err, "a value follows a blank or a colon: -%.*s VALUE", (int) equals, name);
    const char *closest = closest_name(parser, arena_strndup(parser->arena, name, strcspn(name, ":=")));
    if (closest != NULL)
        return error_hint(err, "did you mean -%s?", closest);
    ParamKind kind = parser->last != NO_PARAM ? parser->params[parser->last].kind : PARAM_SWITCH;
    if (kind == PARAM_LIST || (kind != PARAM_SWITCH && follows_parameter(parser, word)))
        return error_hint(err, "if it is a value, write -%s:%s", parser->params[parser->last].name, word);
    return error_hint(err, "-HELP lists the parameters");
}

static bool fail_ambiguous(const Parser *parser, const char *word, Error *err)
{
    const char *name = after_dash(word);
    size_t length = strcspn(name, ":");
    Str names;
    str_init(&names, sizeof(err->message));
    for (size_t i = 0; i < parser->count; i++) {
        if (name_matches(parser->params[i].name, name, length, true))
            str_appendf(&names, "%s-%s", names.length > 0 ? ", " : "", parser->params[i].name);
    }
    (void) error_set(err, ERR_USAGE, "'-%.*s' is short for several parameters: %s", (int) length, name,
                     str_text(&names));
    str_release(&names);
    return false;
}

/* For a word that looks like a parameter and is none. */
static bool fail_unresolved(const Parser *parser, const char *word, Error *err)
{
    const char *value;
    return resolve(parser, word, &value) == SEVERAL_PARAMS ? fail_ambiguous(parser, word, err)
                                                           : fail_unknown(parser, word, err);
}

static bool fail_unexpected(const Parser *parser, const char *word, Error *err)
{
    (void) error_set(err, ERR_USAGE, "unexpected '%s'", word);
    if (*word == '/' && find_param(parser->params, parser->count, word + 1, strlen(word + 1)) >= 0)
        return error_hint(err, "parameters start with a dash: -%s", word + 1);
    if (parser->last == NO_PARAM)
        return error_hint(err, "a value follows the name of its parameter: -NAME VALUE");
    const Param *param = &parser->params[parser->last];
    if (param->kind == PARAM_SWITCH)
        return error_hint(err, "-%s takes no value", param->name);
    if (param->kind == PARAM_TEXT && *parser->slots[parser->last].text == '"')
        return error_hint(err, "the quotes came along with the value: write the line without --%%");
    if (param->kind == PARAM_TEXT)
        return error_hint(err, "put a value with blanks in quotes: -%s \"%s %s\"", param->name,
                          parser->slots[parser->last].text, word);
    return error_hint(err, "-%s takes one value", param->name);
}

static bool fail_needs_value(const Param *param, Error *err)
{
    (void) error_set(err, ERR_USAGE, "-%s needs a value", param->name);
    return error_hint(err, "if one was given: an empty string, or a variable without a value, disappears from the "
                           "command line in PowerShell");
}

/* A program's start-up code takes \" for a quote that belongs to the value: what should have ended at the quote goes
 * on, over the parameters that follow, in cmd.exe and wherever else the words are not PowerShell's. "alone": it is no
 * part of a list, in whose source text quotes may stand. */
static bool check_quotes(const Parser *parser, const Param *param, bool alone, const char *value, Error *err)
{
    bool path =
        alone && (strchr(value, '\\') != NULL || (ascii_is_alpha(value[0]) && value[1] == ':'));
    for (const char *quote = strchr(value, '"'); quote != NULL; quote = strchr(quote + 1, '"')) {
        const char *next = quote + 1 + strspn(quote + 1, " ");
        const char *word = arena_strndup(parser->arena, next, strcspn(next, " "));
        if (path || (next > quote + 1 && is_known(parser, word))) {
            (void) error_set(err, ERR_USAGE, "-%s: there is a quote inside '%s'", param->name, value);
            return error_hint(err, "a backslash before the closing quote keeps it from closing: "
                                   "write \"C:\\folder\", not \"C:\\folder\\\"");
        }
    }
    return true;
}

/* "1.5GB": digits, perhaps a fraction, and a unit of 1024; bare digits are bytes. */
static bool parse_size(const char *text, uint64_t *ret_size)
{
    static const char *const units[] = { "", "KB", "MB", "GB", "TB" };
    const char *end = text;
    while (ascii_is_digit(*end))
        end++;
    const char *fraction = *end == '.' ? end + 1 : end;
    const char *unit = fraction;
    while (ascii_is_digit(*unit))
        unit++;
    size_t power = 0;
    while (power < COUNT_OF(units) && !ascii_equals(unit, units[power]))
        power++;
    bool has_fraction = fraction > end;
    if (end == text || power == COUNT_OF(units) || (has_fraction && (unit == fraction || power == 0)))
        return false;
    uint64_t scale = UINT64_C(1) << (10 * power);
    uint64_t size = 0;
    for (const char *p = text; p < end; p++) {
        unsigned digit = (unsigned) (*p - '0');
        if (size > (UINT64_MAX / scale - digit) / 10)
            return false;
        size = size * 10 + digit;
    }
    uint64_t part = 0; /* of a unit, in bytes; an unfinished byte is dropped */
    for (const char *p = unit; p > fraction; p--)
        part = (part + scale * (unsigned) (p[-1] - '0')) / 10;
    *ret_size = size * scale + part;
    return true;
}

static bool bind_size(const Param *param, Slot *slot, const char *value, Error *err)
{
    if (parse_size(value, &slot->size) && slot->size > 0)
        return true;
    (void) error_set(err, ERR_USAGE, "-%s: '%s' is not a size", param->name, value);
    return error_hint(err, "write a number and KB, MB, GB or TB: 512MB, 1.5GB");
}

/* "5m": digits and a unit. No more than a century, with which anybody can still reckon. */
static bool parse_duration(const char *text, uint64_t *ret_seconds)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } units[] = { { "s", 1 }, { "m", 60 }, { "h", 60 * 60 }, { "d", 24 * 60 * 60 } };
    const uint64_t most = UINT64_C(100) * 365 * 24 * 60 * 60;
    uint64_t number = 0;
    const char *unit = text;
    for (; ascii_is_digit(*unit); unit++) {
        number = number * 10 + (unsigned) (*unit - '0');
        if (number > most)
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (ascii_equals(unit, units[i].name)) {
            *ret_seconds = number * units[i].seconds;
            return unit > text && number <= most / units[i].seconds;
        }
    }
    return false;
}

static bool bind_duration(const Param *param, Slot *slot, const char *value, Error *err)
{
    if (parse_duration(value, &slot->size) && slot->size > 0)
        return true;
    (void) error_set(err, ERR_USAGE, "-%s: '%s' is not a time", param->name, value);
    return error_hint(err, "write a number and s, m, h or d: 90s, 5m, 14d; no more than 36500d");
}

static bool bind_count(const Param *param, Slot *slot, const char *value, Error *err)
{
    unsigned long long number;
    if (!ascii_parse_uint64(value, &number) || number > COUNT_MAX)
        return error_set(err, ERR_USAGE, "-%s: '%s' is not a number from 0 to %d", param->name, value, COUNT_MAX);
    slot->choice = (int) number;
    return true;
}

static bool bind_choice(const Param *param, Slot *slot, const char *value, Error *err)
{
    Str choices;
    str_init(&choices, sizeof(err->message));
    for (int i = 0; param->choices[i] != NULL; i++) {
        if (ascii_equals(value, param->choices[i])) {
            slot->choice = i;
            str_release(&choices);
            return true;
        }
        str_appendf(&choices, "%s%s", i > 0 ? ", " : "", param->choices[i]);
    }
    (void) error_set(err, ERR_USAGE, "-%s: '%s' is none of %s", param->name, value, str_text(&choices));
    str_release(&choices);
    return false;
}

/* One value: the text after the colon or the next word. */
static bool bind_one(Parser *parser, const Param *param, Slot *slot, const char *value, Error *err)
{
    if (value == NULL || *value == '\0') {
        if (parser->next == parser->argc || is_known(parser, parser->argv[parser->next]))
            return fail_needs_value(param, err);
        if (*parser->argv[parser->next] == '-')
            return fail_unresolved(parser, parser->argv[parser->next], err);
        value = parser->argv[parser->next++];
    }
    if (*value == '\0')
        return fail_needs_value(param, err);
    if (!check_quotes(parser, param, param->kind == PARAM_TEXT, value, err))
        return false;
    slot->text = value;
    if (param->kind == PARAM_SIZE)
        return bind_size(param, slot, value, err);
    if (param->kind == PARAM_DURATION)
        return bind_duration(param, slot, value, err);
    if (param->kind == PARAM_COUNT)
        return bind_count(param, slot, value, err);
    return param->kind == PARAM_CHOICE ? bind_choice(param, slot, value, err) : true;
}

static bool bind_switch(Parser *parser, const Param *param, Slot *slot, const char *value, Error *err)
{
    static const char *const words[] = { "true", "$true", "1", "false", "$false", "0" };
    if (value == NULL) {
        slot->on = true;
        return true;
    }
    if (*value == '\0' && parser->next < parser->argc)
        value = parser->argv[parser->next++];
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (ascii_equals(value, words[i])) {
            slot->on = i < COUNT_OF(words) / 2;
            return true;
        }
    }
    (void) error_set(err, ERR_USAGE, "-%s takes no value but true and false, not '%s'", param->name, value);
    return false;
}

/* A later scrap of source text closes the quote that is open. Scraps have no blanks in them. */
static bool quote_closes_later(const Parser *parser, char quote)
{
    for (size_t i = parser->next; i < parser->argc && strchr(parser->argv[i], ' ') == NULL; i++) {
        if (strchr(parser->argv[i], quote) != NULL)
            return true;
    }
    return false;
}

static bool takes_several(const Param *param)
{
    return param->kind == PARAM_LIST || param->kind == PARAM_NAMES;
}

static bool add_word(Parser *parser, const Param *param, Slot *slot, const char *word, Error *err)
{
    Error none;
    if (param->kind == PARAM_LIST)
        return param_list_add(&slot->words, word, err) || error_prefix(err, "-%s", param->name);
    if (*word == '\0')
        return fail_needs_value(param, err);
    if (*word == '/' && find_param(parser->params, parser->count, word + 1, strlen(word + 1)) >= 0)
        return fail_unexpected(parser, word, err);
    ARRAY_PUSH(parser->arena, &slot->list, word);
    (void) !param_list_add(&slot->words, word, &none); /* what is no list may be a name all the same */
    return true;
}

/* Every word up to the next parameter. Inside an open quote a word that starts with '-' is part of an item, unless
 * the parameter was written with a colon: then PowerShell has put the parameter before every scrap. */
static bool bind_list(Parser *parser, const Param *param, Slot *slot, const char *value, Error *err)
{
    bool colon = value != NULL;
    bool any = colon && *value != '\0';
    bool ok = !any || add_word(parser, param, slot, value, err);
    while (ok && parser->next < parser->argc) {
        const char *word = parser->argv[parser->next];
        bool open = !colon && param_list_is_open(&slot->words);
        if (looks_like_parameter(parser, word) && !(open && quote_closes_later(parser, slot->words.quote)))
            break;
        ok = add_word(parser, param, slot, word, err);
        parser->next++;
        any = true;
    }
    if (any || !ok)
        return ok;
    if (param->kind == PARAM_NAMES && parser->next < parser->argc && !is_known(parser, parser->argv[parser->next]))
        return fail_unresolved(parser, parser->argv[parser->next], err);
    return fail_needs_value(param, err);
}

static bool finish_list(const Parser *parser, const Param *param, Slot *slot, Error *err)
{
    if (!slot->seen)
        return true;
    if (param->kind == PARAM_LIST && !param_list_finish(&slot->words, &slot->list, err))
        return error_prefix(err, "-%s", param->name);
    bool is_alone = param->kind == PARAM_NAMES && slot->list.count == 1;
    for (size_t i = 0; i < slot->list.count; i++) {
        if (!check_quotes(parser, param, is_alone, slot->list.items[i], err))
            return false;
    }
    return slot->list.count > 0 ? true : fail_needs_value(param, err);
}

static bool bind_next(Parser *parser, Error *err)
{
    const char *word = parser->argv[parser->next];
    const char *value;
    if (!looks_like_parameter(parser, word))
        return fail_unexpected(parser, word, err);
    int index = resolve(parser, word, &value);
    if (index < 0)
        return fail_unresolved(parser, word, err);
    const Param *param = &parser->params[index];
    Slot *slot = &parser->slots[index];
    if (slot->seen && !takes_several(param))
        return error_set(err, ERR_USAGE, "-%s is given twice", param->name);
    slot->seen = true;
    parser->last = index;
    parser->next++;
    if (param->kind == PARAM_SWITCH)
        return bind_switch(parser, param, slot, value, err);
    if (takes_several(param))
        return bind_list(parser, param, slot, value, err);
    return bind_one(parser, param, slot, value, err);
}

static bool check_words(size_t argc, const char *const *argv, Error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < argc && i < LIMIT_ARGUMENT_COUNT; i++)
        total += strlen(argv[i]);
    if (argc > LIMIT_ARGUMENT_COUNT || total > LIMIT_ARGUMENT_BYTES)
        return error_set(err, ERR_USAGE, "the command line is longer than %d words or %d bytes",
                         (int) LIMIT_ARGUMENT_COUNT, (int) LIMIT_ARGUMENT_BYTES);
    for (size_t i = 0; i < argc; i++) {
        size_t size = strlen(argv[i]);
        if (!utf8_is_valid(argv[i], size))
            return error_set(err, ERR_USAGE, "word %zu of the command line is not valid text (UTF-8)", i + 1);
        for (size_t position = 0; position < size;) {
            uint32_t code_point = utf8_next(argv[i], size, &position);
            if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0))
                return error_set(err, ERR_USAGE, "word %zu of the command line contains a control character", i + 1);
        }
    }
    return true;
}

static void store(const Param *param, const Slot *slot, void *options)
{
    void *member = (char *) options + param->offset;
    switch (param->kind) {
    case PARAM_SWITCH:
        *(bool *) member = slot->on;
        break;
    case PARAM_TEXT:
        *(const char **) member = slot->text;
        break;
    case PARAM_LIST:
    case PARAM_NAMES:
        *(StringList *) member = slot->list;
        break;
    case PARAM_SIZE:
    case PARAM_DURATION:
        *(uint64_t *) member = slot->size;
        break;
    case PARAM_CHOICE:
    case PARAM_COUNT:
        *(int *) member = slot->choice;
        break;
    }
}

bool params_parse(const Param *params, size_t count, size_t argc, const char *const *argv, void *options, Arena *arena,
                  Error *err)
{
    Parser parser = { .params = params, .count = count, .argc = argc, .argv = argv, .last = NO_PARAM, .arena = arena };
    if (!check_words(argc, argv, err))
        return false;
    parser.slots = ARENA_NEW_ARRAY(arena, Slot, count);
    for (size_t i = 0; i < count; i++) {
        parser.slots[i].choice = -1;
        param_list_init(&parser.slots[i].words, arena);
    }
    bool ok = true;
    while (ok && parser.next < argc)
        ok = bind_next(&parser, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = !takes_several(&params[i]) || finish_list(&parser, &params[i], &parser.slots[i], err);
    for (size_t i = 0; i < count; i++) {
        param_list_release(&parser.slots[i].words);
        if (ok)
            store(&params[i], &parser.slots[i], options);
    }
    return ok;
}

bool param_is_given(const Param *param, const void *options)
{
    const void *member = (const char *) options + param->offset;
    switch (param->kind) {
    case PARAM_SWITCH:
        return *(const bool *) member;
    case PARAM_TEXT:
        return *(const char *const *) member != NULL;
    case PARAM_LIST:
    case PARAM_NAMES:
        return ((const StringList *) member)->count > 0;
    case PARAM_SIZE:
    case PARAM_DURATION:
        return *(const uint64_t *) member != 0;
    case PARAM_CHOICE:
    case PARAM_COUNT:
        return *(const int *) member >= 0;
    }
    return false;
}

void params_check_table(const Param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Param *param = &params[i];
        CHECK(param->name != NULL && *param->name != '\0' && param->help != NULL && *param->help != '\0');
        for (const char *p = param->name; *p != '\0'; p++)
            CHECK(*p == ascii_upper(*p) && *p != ':');
        CHECK((param->value_name == NULL) == (param->kind == PARAM_SWITCH));
        CHECK((param->choices != NULL) == (param->kind == PARAM_CHOICE));
        for (size_t j = 0; j < i; j++) {
            CHECK(!ascii_equals(param->name, params[j].name));
            CHECK(params[j].alias == NULL || !ascii_equals(param->name, params[j].alias));
            CHECK(param->alias == NULL || !ascii_equals(param->alias, params[j].name));
            CHECK(param->alias == NULL || params[j].alias == NULL || !ascii_equals(param->alias, params[j].alias));
        }
    }
}
