/* SPDX-License-Identifier: MIT */
/* Reads CIM-XML of an instance. Format: DMTF DSP0201, restricted as cimxml.h tells; XML: W3C XML 1.0, without DTD.
 * Control characters, which XML forbids, are let through raw and as references: texts from guests have them. */
#include "cim/cimxml.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf.h"
#include "cim/path.h"

#include <string.h>

typedef struct Reader {
    const char *text;
    const char *at;
    int depth; /* open elements */
    Arena *arena;
    Error *err;
} Reader;

/* A start tag. Attributes that are missing are NULL; others than these are of no interest. */
typedef struct Tag {
    const char *element; /* NULL: there is none */
    bool is_empty;       /* <element/> */
    const char *class_name, *name, *type, *embedded;
} Tag;

static bool fail(const Reader *reader, const char *what)
{
    size_t line = 1, column = 1;
    for (const char *c = reader->text; c < reader->at; c++) {
        column += ((unsigned char) *c & 0xC0) != 0x80;
        if (*c == '\n') {
            line++;
            column = 1;
        }
    }
    return error_set(reader->err, ERR_PROTOCOL, "bad CIM-XML at line %zu, column %zu: %s", line, column, what);
}

static bool at_text(const Reader *reader, const char *text)
{
    return strncmp(reader->at, text, strlen(text)) == 0;
}

static bool take(Reader *reader, const char *text)
{
    if (!at_text(reader, text))
        return false;
    reader->at += strlen(text);
    return true;
}

/* ---- text ---- */

static bool take_number(Reader *reader, uint32_t base, uint32_t *ret_number)
{
    uint32_t number = 0;
    const char *start = reader->at;
    for (; base == 16 ? ascii_is_xdigit(*reader->at) : ascii_is_digit(*reader->at); reader->at++) {
        char c = ascii_lower(*reader->at);
        number = number * base + (uint32_t) (ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
        if (number > 0x10FFFF)
            return false;
    }
    *ret_number = number;
    return reader->at > start && number > 0;
}

/* "&...;" at the reader's position. */
static bool take_reference(Reader *reader, Str *text)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' } };

    for (size_t i = 0; i < COUNT_OF(entities); i++) {
        if (take(reader, entities[i].name)) {
            str_append_char(text, entities[i].character);
            return true;
        }
    }
    const char *start = reader->at;
    uint32_t code_point;
    char bytes[4];
    if (!take(reader, "&#") || !take_number(reader, take(reader, "x") ? 16 : 10, &code_point) || !take(reader, ";")) {
        reader->at = start;
        return fail(reader, "neither one of the five entities nor a character reference");
    }
    str_append_bytes(text, bytes, utf8_encode(code_point, bytes));
    return true;
}

/* One raw character; line ends become a line feed, as XML asks. */
static void take_raw(Reader *reader, Str *text)
{
    bool is_return = *reader->at == '\r';
    str_append_char(text, is_return ? '\n' : *reader->at);
    reader->at += is_return && reader->at[1] == '\n' ? 2 : 1;
}

/* Up to and including the end mark; text NULL: skipped. */
static bool take_section(Reader *reader, const char *begin, const char *end, Str *text)
{
    const char *start = reader->at;
    reader->at += strlen(begin);
    while (!at_text(reader, end)) {
        if (*reader->at == '\0') {
            reader->at = start;
            return fail(reader, "a section that does not end");
        }
        if (text != NULL)
            take_raw(reader, text);
        else
            reader->at++;
    }
    reader->at += strlen(end);
    return true;
}

/* Collects text up to a tag or the end. Comments and processing instructions (the XML declaration) are skipped. */
static bool take_text(Reader *reader, Str *text)
{
    for (;;) {
        bool good = true;
        if (at_text(reader, "<![CDATA["))
            good = take_section(reader, "<![CDATA[", "]]>", text);
        else if (at_text(reader, "<!--"))
            good = take_section(reader, "<!--", "-->", NULL);
        else if (at_text(reader, "<?"))
            good = take_section(reader, "<?", "?>", NULL);
        else if (*reader->at == '&')
            good = take_reference(reader, text);
        else if (*reader->at == '<' || *reader->at == '\0')
            return true;
        else
            take_raw(reader, text);
        if (!good)
            return false;
    }
}

static bool take_blanks(Reader *reader)
{
    CLEANUP(str_release) Str text;
    str_init(&text, LIMIT_CIMXML_BYTES);
    if (!take_text(reader, &text))
        return false;
    for (const char *c = str_text(&text); *c != '\0'; c++) {
        if (!ascii_is_space(*c))
            return fail(reader, "text where only elements may be");
    }
    return true;
}

/* ---- tags ---- */

static const char *take_xml_name(Reader *reader)
{
    const char *start = reader->at;
    for (char c = *start; ascii_is_alpha(c) || c == '_' || c == ':' ||
                          (reader->at > start && (ascii_is_digit(c) || c == '.' || c == '-'));)
        c = *++reader->at;
    if (reader->at == start) {
        (void) fail(reader, "expected a name");
        return NULL;
    }
    return arena_strndup(reader->arena, start, (size_t) (reader->at - start));
}

static void skip_spaces(Reader *reader)
{
    while (ascii_is_space(*reader->at))
        reader->at++;
}

static bool take_attribute_value(Reader *reader, const char **ret_value)
{
    char quote = *reader->at;
    if (quote != '"' && quote != '\'')
        return fail(reader, "expected a value in quotes");
    CLEANUP(str_release) Str text;
    str_init(&text, LIMIT_CIMXML_BYTES);
    for (reader->at++; *reader->at != quote;) {
        if (*reader->at == '\0' || *reader->at == '<')
            return fail(reader, "the value has no closing quote");
        if (*reader->at != '&')
            take_raw(reader, &text);
        else if (!take_reference(reader, &text))
            return false;
    }
    reader->at++;
    *ret_value = arena_strdup(reader->arena, str_text(&text));
    return true;
}

static bool take_attribute(Reader *reader, Tag *tag)
{
    const char *value = NULL;
    const char *name = take_xml_name(reader);
    if (name == NULL)
        return false;
    skip_spaces(reader);
    if (!take(reader, "="))
        return fail(reader, "expected '='");
    skip_spaces(reader);
    if (!take_attribute_value(reader, &value))
        return false;
    /* The last one was upper-case in older versions of the format. */
    const char **wanted = strcmp(name, "CLASSNAME") == 0         ? &tag->class_name
                          : strcmp(name, "NAME") == 0            ? &tag->name
                          : strcmp(name, "TYPE") == 0            ? &tag->type
                          : ascii_equals(name, "EmbeddedObject") ? &tag->embedded
                                                                 : NULL;
    if (wanted == NULL)
        return true;
    if (*wanted != NULL)
        return fail(reader, "the attribute is there twice");
    *wanted = value;
    return true;
}

static bool take_start_tag(Reader *reader, Tag *ret_tag)
{
    Tag tag = { .element = NULL };
    if (!take(reader, "<"))
        return fail(reader, "the text ends too early");
    if (reader->depth == LIMIT_CIMXML_DEPTH)
        return fail(reader, "nested too deeply");
    tag.element = take_xml_name(reader);
    if (tag.element == NULL)
        return false;
    for (;;) {
        bool spaced = ascii_is_space(*reader->at);
        skip_spaces(reader);
        tag.is_empty = take(reader, "/>");
        if (tag.is_empty || take(reader, ">"))
            break;
        if (!spaced)
            return fail(reader, "expected '>'");
        if (!take_attribute(reader, &tag))
            return false;
    }
    reader->depth++;
    *ret_tag = tag;
    return true;
}

/* Closes the element: at its end tag, or because it is empty. */
static bool take_end(Reader *reader, const Tag *tag)
{
    const char *start = reader->at;
    reader->depth--;
    if (tag->is_empty)
        return true;
    if (take(reader, "</") && take(reader, tag->element)) {
        skip_spaces(reader);
        if (take(reader, ">"))
            return true;
    }
    reader->at = start;
    return fail(reader, arena_printf(reader->arena, "expected </%s>", tag->element));
}

static bool skip_element(Reader *reader, const Tag *tag)
{
    while (!tag->is_empty) {
        CLEANUP(str_release) Str ignored;
        str_init(&ignored, 0);
        Tag child;
        if (!take_text(reader, &ignored))
            return false;
        if (at_text(reader, "</"))
            break;
        if (!take_start_tag(reader, &child) || !skip_element(reader, &child))
            return false;
    }
    return take_end(reader, tag);
}

/* The next element inside "parent", whose end closes it and gives a tag without element. */
static bool take_child(Reader *reader, const Tag *parent, Tag *ret_child)
{
    *ret_child = (Tag){ .element = NULL };
    if (!parent->is_empty && !take_blanks(reader))
        return false;
    return parent->is_empty || at_text(reader, "</") ? take_end(reader, parent) : take_start_tag(reader, ret_child);
}

static bool take_child_after_qualifiers(Reader *reader, const Tag *parent, Tag *ret_child)
{
    for (;;) {
        if (!take_child(reader, parent, ret_child))
            return false;
        if (ret_child->element == NULL || strcmp(ret_child->element, "QUALIFIER") != 0)
            return true;
        if (!skip_element(reader, ret_child))
            return false;
    }
}

/* ---- CIM ---- */

static bool read_text(const char *text, int depth, Arena *arena, CimInstance **ret_instance, Error *err);

static bool read_scalar(Reader *reader, const Tag *tag, CimType type, CimValue *ret_value)
{
    CLEANUP(str_release) Str text;
    str_init(&text, LIMIT_CIMXML_BYTES);
    if (!tag->is_empty && !take_text(reader, &text))
        return false;
    if (type == CIM_TYPE_INSTANCE) {
        CimInstance *instance;
        if (!read_text(str_text(&text), reader->depth, reader->arena, &instance, reader->err))
            return error_prefix(reader->err, "embedded instance");
        *ret_value = cim_embedded(instance);
    } else if (!cim_value_parse(type, str_text(&text), reader->arena, ret_value, reader->err)) {
        return fail(reader, arena_strdup(reader->arena, reader->err->message));
    }
    return take_end(reader, tag);
}

static bool read_array(Reader *reader, const Tag *tag, CimType type, CimValue *ret_value)
{
    struct {
        CimValue *items;
        size_t count, capacity;
    } list = { .items = NULL };
    for (;;) {
        Tag child;
        CimValue item;
        if (!take_child(reader, tag, &child))
            return false;
        if (child.element == NULL)
            break;
        if (strcmp(child.element, "VALUE") != 0)
            return fail(reader, "expected VALUE");
        if (list.count == LIMIT_ARRAY_ITEMS)
            return fail(reader, "too many items");
        if (!read_scalar(reader, &child, type, &item))
            return false;
        ARRAY_PUSH(reader->arena, &list, item);
    }
    *ret_value = cim_array(type, list.items, list.count);
    return true;
}

static bool property_type(Reader *reader, const Tag *tag, CimType *ret_type)
{
    CimType type;
    if (strcmp(tag->element, "PROPERTY.REFERENCE") == 0) {
        *ret_type = CIM_TYPE_REFERENCE;
        return true;
    }
    if (tag->type == NULL || !cim_type_parse(tag->type, &type) || type == CIM_TYPE_REFERENCE ||
        type == CIM_TYPE_INSTANCE)
        return fail(reader, "the property has no TYPE that CIM knows");
    if (tag->embedded != NULL && type != CIM_TYPE_STRING)
        return fail(reader, "an embedded instance must have TYPE string");
    *ret_type = tag->embedded != NULL ? CIM_TYPE_INSTANCE : type;
    return true;
}

static bool read_property(Reader *reader, const Tag *tag, const char *value_element, CimInstance *instance)
{
    bool is_array = strcmp(value_element, "VALUE.ARRAY") == 0;
    CimType type = CIM_TYPE_STRING;
    Tag child;
    if (tag->name == NULL || !cim_name_is_valid(tag->name))
        return fail(reader, "the property has no NAME that CIM allows");
    if (cim_instance_find(instance, tag->name) != NULL)
        return fail(reader, "the property is there twice");
    if (instance->count == LIMIT_CIMXML_PROPERTIES)
        return fail(reader, "too many properties");
    if (!property_type(reader, tag, &type) || !take_child_after_qualifiers(reader, tag, &child))
        return false;
    CimValue value = is_array ? cim_null_array(type) : cim_null(type);
    if (child.element != NULL) {
        if (strcmp(child.element, value_element) != 0)
            return fail(reader, arena_printf(reader->arena, "expected %s", value_element));
        if (!(is_array ? read_array : read_scalar)(reader, &child, type, &value) || !take_blanks(reader) ||
            !take_end(reader, tag))
            return false;
    }
    cim_instance_set(instance, reader->arena, tag->name, value);
    return true;
}

static bool read_instance(Reader *reader, const Tag *tag, CimInstance **ret_instance)
{
    static const struct {
        const char *element, *value_element;
    } kinds[] = {
        { "PROPERTY", "VALUE" },
        { "PROPERTY.ARRAY", "VALUE.ARRAY" },
        { "PROPERTY.REFERENCE", "VALUE.REFERENCE" },
    };
    if (tag->class_name == NULL || !cim_name_is_valid(tag->class_name))
        return fail(reader, "the instance has no CLASSNAME that CIM allows");
    CimInstance *instance = cim_instance_create(reader->arena, tag->class_name);
    for (;;) {
        Tag child;
        if (!take_child_after_qualifiers(reader, tag, &child))
            return false;
        if (child.element == NULL)
            break;
        size_t kind = 0;
        while (kind < COUNT_OF(kinds) && strcmp(child.element, kinds[kind].element) != 0)
            kind++;
        if (kind == COUNT_OF(kinds))
            return fail(reader, "an element that does not belong into an instance");
        if (!read_property(reader, &child, kinds[kind].value_element, instance))
            return false;
    }
    *ret_instance = instance;
    return true;
}

/* An INSTANCE, or a VALUE.NAMEDINSTANCE that holds the instance behind its name. */
static bool read_root(Reader *reader, CimInstance **ret_instance)
{
    Tag root, child;
    if (!take_blanks(reader) || !take_start_tag(reader, &root))
        return false;
    if (strcmp(root.element, "INSTANCE") == 0)
        return read_instance(reader, &root, ret_instance);
    if (strcmp(root.element, "VALUE.NAMEDINSTANCE") != 0)
        return fail(reader, "expected INSTANCE");
    if (!take_child(reader, &root, &child))
        return false;
    if (child.element != NULL && strcmp(child.element, "INSTANCENAME") == 0 &&
        (!skip_element(reader, &child) || !take_child(reader, &root, &child)))
        return false;
    if (child.element == NULL || strcmp(child.element, "INSTANCE") != 0)
        return fail(reader, "expected INSTANCE");
    return read_instance(reader, &child, ret_instance) && take_blanks(reader) && take_end(reader, &root);
}

static bool read_text(const char *text, int depth, Arena *arena, CimInstance **ret_instance, Error *err)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    Reader reader = { .text = text, .at = text, .depth = depth, .arena = arena, .err = err };
    CimInstance *instance;
    (void) take(&reader, byte_order_mark);
    if (!read_root(&reader, &instance) || !take_blanks(&reader))
        return false;
    if (*reader.at != '\0')
        return fail(&reader, "expected the end of the text");
    *ret_instance = instance;
    return true;
}

bool cimxml_read(const char *text, Arena *arena, CimInstance **ret_instance, Error *err)
{
    size_t size = strlen(text);
    if (size > LIMIT_CIMXML_BYTES)
        return error_set(err, ERR_PROTOCOL, "CIM-XML text longer than %d bytes", LIMIT_CIMXML_BYTES);
    if (!utf8_is_valid(text, size))
        return error_set(err, ERR_PROTOCOL, "CIM-XML text that is not UTF-8");
    return read_text(text, 0, arena, ret_instance, err);
}
