/* SPDX-License-Identifier: MIT */
/* Undoes what shells do to literal lists; param_list.h tells what that is. */
#include "cli/param_list.h"

#include "base/limits.h"
#include "platform/text.h"

#include <string.h>

void param_list_init(ParamList *list, Arena *arena)
{
    *list = (ParamList){ .arena = arena };
    str_init(&list->piece, LIMIT_ARGUMENT_BYTES + LIMIT_ARGUMENT_COUNT); /* all words and the blanks between them */
}

void param_list_release(ParamList *list)
{
    str_release(&list->piece);
}

bool param_list_is_open(const ParamList *list)
{
    return list->quote != '\0';
}

static bool piece_is_blank(const ParamList *list)
{
    return list->piece.length == strspn(str_text(&list->piece), " ");
}

static void end_piece(ParamList *list, ListItems *items)
{
    if (!piece_is_blank(list)) {
        ListItem item = { .text = arena_strdup(list->arena, str_text(&list->piece)),
                          .literal = list->literal,
                          .after_comma = list->after_comma };
        ARRAY_PUSH(list->arena, items, item);
        list->after_comma = false;
    }
    str_release(&list->piece);
    list->literal = false;
}

/* A comma, blanks and more text in one word: they stood in one pair of quotes. PowerShell takes that for one item, but
 * people also write whole lists so. */
static bool is_unclear(const char *comma)
{
    size_t blanks = strspn(comma + 1, " ");
    return blanks > 0 && strchr("\"',", comma[1 + blanks]) == NULL; /* strchr finds the end of the word, too */
}

/* Splits a word at commas outside quotes. A single quote opens only at the start of an item ("it's"), a double quote
 * anywhere in source text (order:"5"), and only at the start in whole words (a 5" disk). Doubled quotes inside quotes
 * are one, as in PowerShell. */
static void scan_word(ParamList *list, const char *word, bool whole, ListItems *items)
{
    if (list->quote != '\0')
        str_append_char(&list->piece, ' ');
    for (const char *p = word; *p != '\0'; p++) {
        if (list->quote != '\0') {
            if (*p == list->quote && p[1] != list->quote)
                list->quote = '\0';
            else if (*p == list->quote)
                str_append_char(&list->piece, *p++);
            else
                str_append_char(&list->piece, *p);
        } else if (*p == ',') {
            list->unclear = list->unclear || is_unclear(p);
            end_piece(list, items);
            list->after_comma = true;
        } else if ((*p == '"' && !whole) || ((*p == '"' || *p == '\'') && piece_is_blank(list))) {
            list->quote = *p;
            list->literal = *p == '\'';
        } else {
            str_append_char(&list->piece, *p);
        }
    }
    if (list->quote == '\0')
        end_piece(list, items);
}

static bool check_closed(const ParamList *list, Error *err)
{
    if (list->quote == '\0')
        return true;
    (void) error_set(err, ERR_USAGE, "the quote in %c%s is not closed", list->quote, str_text(&list->piece));
    return error_hint(err, "use one pair of quotes around each value, and none inside");
}

static void add_item(ParamList *list, const char *text)
{
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length == 0)
        return;
    text = arena_strndup(list->arena, text, length);
    for (size_t i = 0; i < list->items.count; i++) {
        const char *other = list->items.items[i];
        if (list->of_names ? strcmp(other, text) == 0 : text_equals_spaced(other, text))
            return;
    }
    ARRAY_PUSH(list->arena, &list->items, text);
}

static bool add_whole(ParamList *list, const char *word, Error *err)
{
    ListItems items = { 0 };
    scan_word(list, word, true, &items);
    if (!check_closed(list, err))
        return false;
    if (list->unclear && !list->of_names) {
        (void) error_set(err, ERR_USAGE, "cannot tell whether '%s' is one value or several", word);
        return error_hint(err, "several: put each in quotes of its own, as in \"a\",\"b\"; "
                               "a GPU with a comma in its name: use order: or deviceid:");
    }
    for (size_t i = 0; i < items.count; i++)
        add_item(list, items.items[i].text);
    return true;
}

/* The words of a PowerShell expression, which only PowerShell could evaluate. */
static bool is_expression(const ListItem *item)
{
    return !item->literal && (strchr(item->text, '$') != NULL || item->text[0] == '(');
}

/* The run is the source text of an array whose first items have come, evaluated, as the whole words before it. */
static bool run_repeats_wholes(const ParamList *list)
{
    if (list->wholes.count >= list->run.count)
        return false;
    for (size_t i = 0; i < list->run.count; i++) {
        const ListItem *item = &list->run.items[i];
        if (i > 0 && !item->after_comma)
            return false;
        if (i < list->wholes.count && !text_equals_spaced(list->wholes.items[i], item->text) && !is_expression(item))
            return false;
    }
    return true;
}

static bool end_run(ParamList *list, Error *err)
{
    if (!check_closed(list, err))
        return false;
    bool repeats = run_repeats_wholes(list);
    for (size_t i = 0; i < list->wholes.count; i++) {
        if (repeats)
            list->run.items[i] = (ListItem){ .text = list->wholes.items[i], .literal = true };
        else if (!add_whole(list, list->wholes.items[i], err))
            return false;
    }
    for (size_t i = 0; i < list->run.count; i++) {
        const ListItem *item = &list->run.items[i];
        if (list->run.count > 1 && is_expression(item)) {
            (void) error_set(err, ERR_USAGE, "PowerShell passed on '%s' as it was written", item->text);
            return error_hint(err, "put the whole list into a variable first: $list = 'a','b' and then the parameter "
                                   "with $list");
        }
        add_item(list, item->text);
    }
    list->wholes.count = 0;
    list->run.count = 0;
    list->after_comma = false;
    return true;
}

bool param_list_add(ParamList *list, const char *word, Error *err)
{
    bool whole = strchr(word, ' ') != NULL && !param_list_is_open(list);
    if (whole && list->run.count > 0 && !end_run(list, err))
        return false;
    if (whole)
        ARRAY_PUSH(list->arena, &list->wholes, word);
    else
        scan_word(list, word, false, &list->run);
    return true;
}

bool param_list_finish(ParamList *list, StringList *ret_items, Error *err)
{
    bool ok = end_run(list, err);
    param_list_release(list);
    if (ok)
        *ret_items = list->items;
    return ok;
}

/* What has been put together goes to the names, and the next list begins. */
static bool end_names(ParamList *list, StringList *names, Error *err)
{
    Arena *arena = list->arena;
    StringList items;
    if (!param_list_finish(list, &items, err))
        return false;
    for (size_t i = 0; i < items.count; i++)
        ARRAY_PUSH(arena, names, items.items[i]);
    param_list_init(list, arena);
    list->of_names = true;
    return true;
}

bool param_names_split(const StringList *words, NameTest *is_one, void *context, Arena *arena, StringList *ret_names,
                       Error *err)
{
    StringList names = { 0 };
    ParamList list;
    param_list_init(&list, arena);
    list.of_names = true;
    bool ok = true;
    for (size_t i = 0; ok && i < words->count; i++) {
        const char *word = words->items[i];
        bool is_name = !param_list_is_open(&list) && is_one(context, word);
        ok = is_name ? end_names(&list, &names, err) : param_list_add(&list, word, err);
        if (ok && is_name)
            ARRAY_PUSH(arena, &names, word);
    }
    ok = ok && end_names(&list, &names, err);
    param_list_release(&list);
    if (ok && words->count > 0 && names.count == 0)
        return error_set(err, ERR_USAGE, "there is no name in '%s'", words->items[0]);
    if (ok)
        *ret_names = names;
    return ok;
}
