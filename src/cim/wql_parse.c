/* SPDX-License-Identifier: MIT */
/* Parses WQL data and association queries. Language: Windows SDK, "WQL (SQL for WMI)", "ASSOCIATORS OF Statement",
 * "REFERENCES OF Statement". Left out, because no host of ours has them: event queries, COUNT, qualified property
 * names, and the association keywords that ask for qualifiers or schema. */
#include "cim/wql.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cim/session.h"

#include <string.h>

/* A failure sets the error; the functions that take something then return NULL or false. */
typedef struct Parser {
    const char *text;
    const char *at; /* never at a blank between tokens */
    int depth;
    Arena *arena;
    Error *err;
} Parser;

static bool fail(Parser *parser, const char *what)
{
    return error_set_native(parser->err, ERR_INVALID, ERROR_SOURCE_HRESULT, (int64_t) WMI_E_INVALID_QUERY,
                            "bad query at character %zu: %s", (size_t) (parser->at - parser->text) + 1, what);
}

static void advance(Parser *parser, size_t length)
{
    parser->at += length;
    while (ascii_is_space(*parser->at))
        parser->at++;
}

static bool is_word_character(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '_';
}

static size_t word_length(const char *text)
{
    size_t length = 0;
    while (is_word_character(text[length]))
        length++;
    return length;
}

static bool at_keyword(const Parser *parser, const char *keyword)
{
    size_t length = strlen(keyword);
    return word_length(parser->at) == length && ascii_ncasecmp(parser->at, keyword, length) == 0;
}

static bool take_keyword(Parser *parser, const char *keyword)
{
    if (!at_keyword(parser, keyword))
        return false;
    advance(parser, strlen(keyword));
    return true;
}

static bool take_symbol(Parser *parser, const char *symbol)
{
    if (strncmp(parser->at, symbol, strlen(symbol)) != 0)
        return false;
    advance(parser, strlen(symbol));
    return true;
}

static const char *take_name(Parser *parser, const char *what)
{
    size_t length = word_length(parser->at);
    if (length == 0 || ascii_is_digit(*parser->at)) {
        (void) fail(parser, what);
        return NULL;
    }
    const char *name = arena_strndup(parser->arena, parser->at, length);
    advance(parser, length);
    return name;
}

/* ---- literals ---- */

static bool take_string(Parser *parser, CimValue *ret_value)
{
    char quote = *parser->at;
    const char *from = parser->at + 1;
    size_t length = 0;
    for (const char *end = from; *end != quote; end++, length++) {
        if (*end == '\\')
            end++;
        if (*end == '\0')
            return fail(parser, "the text has no closing quote");
    }
    char *text = arena_alloc(parser->arena, length + 1);
    for (size_t i = 0; i < length; i++) {
        from += *from == '\\';
        text[i] = *from++;
    }
    *ret_value = cim_string(text);
    advance(parser, (size_t) (from + 1 - parser->at));
    return true;
}

static bool take_number(Parser *parser, CimValue *ret_value)
{
    size_t length = strspn(parser->at, "+-.0123456789abcdefABCDEFxX");
    const char *text = arena_strndup(parser->arena, parser->at, length);
    Error ignored; /* the text itself is what the user sees */
    CimType integer = text[0] == '-' ? CIM_TYPE_SINT64 : CIM_TYPE_UINT64;
    if (is_word_character(parser->at[length]) ||
        (!cim_value_parse(integer, text, parser->arena, ret_value, &ignored) &&
         !cim_value_parse(CIM_TYPE_REAL64, text, parser->arena, ret_value, &ignored)))
        return fail(parser, "not a number");
    advance(parser, length);
    return true;
}

static bool take_literal(Parser *parser, CimValue *ret_value)
{
    bool is_true = at_keyword(parser, "TRUE");
    if (take_keyword(parser, "NULL"))
        *ret_value = cim_null(CIM_TYPE_STRING);
    else if (take_keyword(parser, "TRUE") || take_keyword(parser, "FALSE"))
        *ret_value = cim_boolean(is_true);
    else if (*parser->at == '\'' || *parser->at == '"')
        return take_string(parser, ret_value);
    else if (*parser->at == '-' || *parser->at == '.' || ascii_is_digit(*parser->at))
        return take_number(parser, ret_value);
    else
        return fail(parser, "expected a text in quotes, a number, TRUE, FALSE or NULL");
    return true;
}

static bool at_literal(const Parser *parser)
{
    return (*parser->at != '\0' && strchr("'\"-.", *parser->at) != NULL) || ascii_is_digit(*parser->at) ||
           at_keyword(parser, "NULL") || at_keyword(parser, "TRUE") || at_keyword(parser, "FALSE");
}

/* ---- conditions ---- */

static WqlExpression *new_expression(Parser *parser, WqlOperator op, const WqlExpression *left)
{
    WqlExpression *expression = ARENA_NEW(parser->arena, WqlExpression);
    *expression = (WqlExpression){ .op = op, .left = left, .literal = cim_null(CIM_TYPE_STRING) };
    return expression;
}

/* Longest first. "mirrored" is the operator with its sides exchanged. */
static const struct {
    const char *symbol;
    WqlOperator op, mirrored;
} symbols[] = {
    { "<>", WQL_NOT_EQUAL, WQL_NOT_EQUAL },
    { "!=", WQL_NOT_EQUAL, WQL_NOT_EQUAL },
    { "<=", WQL_LESS_EQUAL, WQL_GREATER_EQUAL },
    { ">=", WQL_GREATER_EQUAL, WQL_LESS_EQUAL },
    { "=", WQL_EQUAL, WQL_EQUAL },
    { "<", WQL_LESS, WQL_GREATER },
    { ">", WQL_GREATER, WQL_LESS },
};

static bool take_operator(Parser *parser, bool mirrored, WqlOperator *ret_op)
{
    for (size_t i = 0; i < COUNT_OF(symbols); i++) {
        if (take_symbol(parser, symbols[i].symbol)) {
            *ret_op = mirrored ? symbols[i].mirrored : symbols[i].op;
            return true;
        }
    }
    return fail(parser, "expected a comparison");
}

/* "= NULL" and "<> NULL" mean what IS NULL and IS NOT NULL mean; no other comparison with NULL makes sense. */
static bool resolve_null(Parser *parser, WqlExpression *comparison)
{
    if (!comparison->literal.is_null)
        return true;
    if (comparison->op == WQL_EQUAL)
        comparison->op = WQL_IS_NULL;
    else if (comparison->op == WQL_NOT_EQUAL)
        comparison->op = WQL_IS_NOT_NULL;
    else
        return fail(parser, "NULL cannot be compared like that");
    return true;
}

static bool parse_mirrored_comparison(Parser *parser, WqlExpression *comparison)
{
    if (!take_literal(parser, &comparison->literal) || !take_operator(parser, true, &comparison->op))
        return false;
    comparison->property = take_name(parser, "expected a property");
    return comparison->property != NULL && resolve_null(parser, comparison);
}

static bool parse_property_comparison(Parser *parser, WqlExpression *comparison)
{
    comparison->property = take_name(parser, "expected a property");
    if (comparison->property == NULL)
        return false;
    if (take_keyword(parser, "IS")) {
        comparison->op = take_keyword(parser, "NOT") ? WQL_IS_NOT_NULL : WQL_IS_NULL;
        return take_keyword(parser, "NULL") || fail(parser, "expected NULL");
    }
    bool takes_text = true;
    if (take_keyword(parser, "LIKE"))
        comparison->op = WQL_LIKE;
    else if (take_keyword(parser, "ISA"))
        comparison->op = WQL_ISA;
    else if (take_operator(parser, false, &comparison->op))
        takes_text = false;
    else
        return false;
    if (takes_text && *parser->at != '\'' && *parser->at != '"')
        return fail(parser, "expected a text in quotes");
    return take_literal(parser, &comparison->literal) && resolve_null(parser, comparison);
}

static const WqlExpression *parse_condition(Parser *parser);

static const WqlExpression *parse_term(Parser *parser)
{
    const WqlExpression *result = NULL;
    if (++parser->depth > LIMIT_WQL_DEPTH) {
        (void) fail(parser, "nested too deeply");
    } else if (take_keyword(parser, "NOT")) {
        const WqlExpression *term = parse_term(parser);
        result = term == NULL ? NULL : new_expression(parser, WQL_NOT, term);
    } else if (take_symbol(parser, "(")) {
        result = parse_condition(parser);
        if (result != NULL && !take_symbol(parser, ")")) {
            (void) fail(parser, "expected ')'");
            result = NULL;
        }
    } else {
        WqlExpression *comparison = new_expression(parser, WQL_EQUAL, NULL);
        if (at_literal(parser) ? parse_mirrored_comparison(parser, comparison)
                               : parse_property_comparison(parser, comparison))
            result = comparison;
    }
    parser->depth--;
    return result;
}

/* a AND b AND c becomes a AND (b AND c): whoever walks a long chain needs a loop, not a deep stack. */
static const WqlExpression *parse_chain(Parser *parser, WqlOperator op, const char *keyword,
                                        const WqlExpression *(*parse_item)(Parser *parser))
{
    const WqlExpression *item = parse_item(parser);
    if (item == NULL || !take_keyword(parser, keyword))
        return item;
    WqlExpression *head = new_expression(parser, op, item);
    for (WqlExpression *tail = head;;) {
        item = parse_item(parser);
        if (item == NULL)
            return NULL;
        if (!take_keyword(parser, keyword)) {
            tail->right = item;
            return head;
        }
        WqlExpression *next = new_expression(parser, op, item);
        tail->right = next;
        tail = next;
    }
}

static const WqlExpression *parse_conjunction(Parser *parser)
{
    return parse_chain(parser, WQL_AND, "AND", parse_term);
}

static const WqlExpression *parse_condition(Parser *parser)
{
    return parse_chain(parser, WQL_OR, "OR", parse_conjunction);
}

/* ---- statements ---- */

static bool parse_select(Parser *parser, WqlQuery *query)
{
    query->kind = WQL_SELECT;
    if (!take_symbol(parser, "*")) {
        do {
            const char *column = take_name(parser, "expected '*' or a property");
            if (column == NULL)
                return false;
            ARRAY_PUSH(parser->arena, &query->columns, column);
        } while (take_symbol(parser, ","));
    }
    if (!take_keyword(parser, "FROM"))
        return fail(parser, "expected FROM");
    query->class_name = take_name(parser, "expected a class");
    if (query->class_name == NULL)
        return false;
    if (!take_keyword(parser, "WHERE"))
        return true;
    query->where = parse_condition(parser);
    return query->where != NULL;
}

/* An object path in braces; a brace inside its quotes does not end it. */
static bool take_object(Parser *parser, const char **ret_object)
{
    if (*parser->at != '{')
        return fail(parser, "expected an object path in braces");
    const char *end = parser->at + 1;
    char quote = '\0';
    for (; *end != '\0' && (quote != '\0' || *end != '}'); end++) {
        if (quote != '\0' && *end == '\\' && end[1] != '\0')
            end++;
        else if (*end == quote)
            quote = '\0';
        else if (quote == '\0' && (*end == '"' || *end == '\''))
            quote = *end;
    }
    if (*end == '\0')
        return fail(parser, "the object path has no closing brace");
    advance(parser, 1);
    size_t length = (size_t) (end - parser->at);
    while (length > 0 && ascii_is_space(parser->at[length - 1]))
        length--;
    if (parser->at >= end || length == 0)
        return fail(parser, "the object path is empty");
    *ret_object = arena_strndup(parser->arena, parser->at, length);
    advance(parser, (size_t) (end + 1 - parser->at));
    return true;
}

/* One "Keyword = name" or ClassDefsOnly, each at most once. */
static bool parse_association_term(Parser *parser, WqlQuery *query)
{
    bool associators = query->kind == WQL_ASSOCIATORS;
    const struct {
        const char *keyword;
        const char **ret_name;
        bool applies;
    } terms[] = {
        { "AssocClass", &query->assoc_class, associators },
        { "ResultClass", &query->result_class, true },
        { "Role", &query->role, true },
        { "ResultRole", &query->result_role, associators },
    };
    if (!query->class_defs_only && take_keyword(parser, "ClassDefsOnly")) {
        query->class_defs_only = true;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        if (!terms[i].applies || *terms[i].ret_name != NULL || !take_keyword(parser, terms[i].keyword))
            continue;
        if (!take_symbol(parser, "="))
            return fail(parser, "expected '='");
        *terms[i].ret_name = take_name(parser, "expected a name");
        return *terms[i].ret_name != NULL;
    }
    return fail(parser, "expected AssocClass, ResultClass, Role, ResultRole or ClassDefsOnly, each at most once");
}

static bool parse_association(Parser *parser, WqlKind kind, WqlQuery *query)
{
    query->kind = kind;
    if (!take_keyword(parser, "OF"))
        return fail(parser, "expected OF");
    if (!take_object(parser, &query->object))
        return false;
    if (!take_keyword(parser, "WHERE"))
        return true;
    do {
        if (!parse_association_term(parser, query))
            return false;
    } while (*parser->at != '\0');
    return true;
}

static bool parse_statement(Parser *parser, WqlQuery *query)
{
    if (take_keyword(parser, "SELECT"))
        return parse_select(parser, query);
    if (take_keyword(parser, "ASSOCIATORS"))
        return parse_association(parser, WQL_ASSOCIATORS, query);
    if (take_keyword(parser, "REFERENCES"))
        return parse_association(parser, WQL_REFERENCES, query);
    return fail(parser, "expected SELECT, ASSOCIATORS OF or REFERENCES OF");
}

bool wql_parse(const char *text, Arena *arena, WqlQuery *ret_query, Error *err)
{
    Parser parser = { .text = text, .at = text, .arena = arena, .err = err };
    WqlQuery query = { .kind = WQL_SELECT };
    if (strlen(text) > LIMIT_WQL_BYTES)
        return fail(&parser, "the query is too long");
    advance(&parser, 0);
    if (!parse_statement(&parser, &query))
        return false;
    if (*parser.at != '\0')
        return fail(&parser, "expected the end of the query");
    *ret_query = query;
    return true;
}
