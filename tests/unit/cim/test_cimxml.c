/* SPDX-License-Identifier: MIT */
/* CIM-XML: what is written, what is read, what is refused. The shapes are those of Hyper-V, go-wsman and libvirt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "cim/cimxml.h"

#include <stdlib.h>
#include <string.h>

#define GPU_PATH                                                                                                       \
    "\\\\HV1\\root\\virtualization\\v2:Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\",Name="        \
    "\"\\\\\\\\?\\\\PCI#VEN_10DE&DEV_2702#4&22525bed&0&0030#{064092b3-625e-43bf-9eb5-dc845897dd59}\\\\GPUPARAV\""

static CimInstance *read_text(Arena *arena, const char *text)
{
    Error err;
    CimInstance *instance;
    if (!cimxml_read(text, arena, &instance, &err))
        fail_msg("%s in: %s", err.message, text);
    return instance;
}

static const char *write_text(Arena *arena, const CimInstance *instance)
{
    Error err;
    const char *text;
    if (!cimxml_write(instance, arena, &text, &err))
        fail_msg("%s", err.message);
    return text;
}

/* ---- writing ---- */

static void values_have_their_text(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    const char *const hosts[] = { GPU_PATH };
    const struct {
        CimValue value;
        const char *text;
    } cases[] = {
        { cim_uint(CIM_TYPE_UINT16, 32770), "<PROPERTY NAME=\"P\" TYPE=\"uint16\"><VALUE>32770</VALUE></PROPERTY>" },
        { cim_uint(CIM_TYPE_UINT64, UINT64_MAX),
          "<PROPERTY NAME=\"P\" TYPE=\"uint64\"><VALUE>18446744073709551615</VALUE></PROPERTY>" },
        { cim_sint(CIM_TYPE_SINT8, -1), "<PROPERTY NAME=\"P\" TYPE=\"sint8\"><VALUE>-1</VALUE></PROPERTY>" },
        { cim_boolean(true), "<PROPERTY NAME=\"P\" TYPE=\"boolean\"><VALUE>true</VALUE></PROPERTY>" },
        { cim_string(""), "<PROPERTY NAME=\"P\" TYPE=\"string\"><VALUE></VALUE></PROPERTY>" },
        { cim_string("a&b<c>d\"e'f\r\n\x7F"), "<PROPERTY NAME=\"P\" TYPE=\"string\">"
                                              "<VALUE>a&#38;b&#60;c&#62;d&#34;e'f&#13;&#10;&#127;</VALUE></PROPERTY>" },
        { cim_string("\xC3\xA4\xF0\x9F\x98\x80\xC2\x85\xEF\xBF\xBF"),
          "<PROPERTY NAME=\"P\" TYPE=\"string\">"
          "<VALUE>\xC3\xA4\xF0\x9F\x98\x80&#133;&#65535;</VALUE></PROPERTY>" },
        { cim_string("\xED\xA0\xBD"), /* a lone surrogate, as a Windows name may have it */
          "<PROPERTY NAME=\"P\" TYPE=\"string\"><VALUE>&#55357;</VALUE></PROPERTY>" },
        { cim_string(NULL), "<PROPERTY NAME=\"P\" TYPE=\"string\"></PROPERTY>" },
        { cim_null_array(CIM_TYPE_STRING), "<PROPERTY.ARRAY NAME=\"P\" TYPE=\"string\"></PROPERTY.ARRAY>" },
        { cim_array(CIM_TYPE_UINT16, NULL, 0),
          "<PROPERTY.ARRAY NAME=\"P\" TYPE=\"uint16\"><VALUE.ARRAY></VALUE.ARRAY></PROPERTY.ARRAY>" },
        { cim_text_array(&arena, CIM_TYPE_STRING, hosts, 1),
          "<PROPERTY.ARRAY NAME=\"P\" TYPE=\"string\"><VALUE.ARRAY><VALUE>\\\\HV1\\root\\virtualization\\v2:"
          "Msvm_PartitionableGpu.CreationClassName=&#34;Msvm_PartitionableGpu&#34;,Name=&#34;\\\\\\\\?\\\\"
          "PCI#VEN_10DE&#38;DEV_2702#4&#38;22525bed&#38;0&#38;0030#{064092b3-625e-43bf-9eb5-dc845897dd59}"
          "\\\\GPUPARAV&#34;</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>" },
        { cim_text(CIM_TYPE_REFERENCE, "C.A=\"x\""),
          "<PROPERTY.REFERENCE NAME=\"P\"><VALUE.REFERENCE>C.A=&#34;x&#34;</VALUE.REFERENCE></PROPERTY.REFERENCE>" },
        { cim_null(CIM_TYPE_REFERENCE), "<PROPERTY.REFERENCE NAME=\"P\"></PROPERTY.REFERENCE>" },
        { cim_text(CIM_TYPE_DATETIME, "00000000003000.000000:000"),
          "<PROPERTY NAME=\"P\" TYPE=\"datetime\"><VALUE>00000000003000.000000:000</VALUE></PROPERTY>" },
        { cim_uint(CIM_TYPE_CHAR16, 0xD83D),
          "<PROPERTY NAME=\"P\" TYPE=\"char16\"><VALUE>&#55357;</VALUE></PROPERTY>" },
        { cim_uint(CIM_TYPE_CHAR16, 0), "<PROPERTY NAME=\"P\" TYPE=\"char16\"><VALUE></VALUE></PROPERTY>" },
        { cim_embedded(cim_instance_create(&arena, "D")),
          "<PROPERTY NAME=\"P\" TYPE=\"string\" EmbeddedObject=\"instance\">"
          "<VALUE>&#60;INSTANCE CLASSNAME=&#34;D&#34;&#62;&#60;/INSTANCE&#62;</VALUE></PROPERTY>" },
        { cim_null(CIM_TYPE_INSTANCE), "<PROPERTY NAME=\"P\" TYPE=\"string\" EmbeddedObject=\"instance\"></PROPERTY>" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CimInstance *instance = cim_instance_create(&arena, "C");
        cim_instance_set(instance, &arena, "P", cases[i].value);
        const char *text = write_text(&arena, instance);
        assert_string_equal(text, arena_printf(&arena, "<INSTANCE CLASSNAME=\"C\">%s</INSTANCE>", cases[i].text));
        CimInstance *again = read_text(&arena, text);
        CimValue a = cim_embedded(instance), b = cim_embedded(again);
        assert_true(cim_value_equals(&a, &b));
        assert_null(again->path);
        assert_string_equal(write_text(&arena, again), text);
    }
    arena_release(&arena);
}

/* An instance embedded "levels" deep, each in an array. */
static CimInstance *make_nested(Arena *arena, int levels)
{
    CimInstance *instance = cim_instance_create(arena, "C");
    if (levels > 0) {
        CimValue *item = ARENA_NEW(arena, CimValue);
        *item = cim_embedded(make_nested(arena, levels - 1));
        cim_instance_set(instance, arena, "Text", cim_string("a & \"b\""));
        cim_instance_set(instance, arena, "Inner", cim_array(CIM_TYPE_INSTANCE, item, 1));
    }
    return instance;
}

static void embedded_instances_nest_to_the_limit(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (int levels = 0; levels <= 3; levels++) {
        CimInstance *instance = make_nested(&arena, levels);
        const char *text = write_text(&arena, instance);
        CimValue a = cim_embedded(instance), b = cim_embedded(read_text(&arena, text));
        assert_true(cim_value_equals(&a, &b));
    }
    Error err;
    const char *text;
    assert_false(cimxml_write(make_nested(&arena, 4), &arena, &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "instances embedded too deeply");
    arena_release(&arena);
}

static void what_cannot_be_written(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    const char *const paths[] = { "C.A=1" };
    char *large = arena_alloc(&arena, LIMIT_CIMXML_BYTES + 1);
    memset(large, 'x', LIMIT_CIMXML_BYTES);
    const struct {
        const char *class_name, *name;
        CimValue value;
    } cases[] = {
        { "", "P", cim_boolean(true) },
        { "a b", "P", cim_boolean(true) },
        { "C", "", cim_boolean(true) },
        { "C", "a\"b", cim_boolean(true) },
        { "C", "P", cim_string("\xFF") },
        { "C", "P", cim_string("\xC3") },
        { "C", "P", cim_text_array(&arena, CIM_TYPE_REFERENCE, paths, 1) },
        { "C", "P", cim_string(large) },
        { "C", "P", { .type = CIM_TYPE_STRING, .is_array = true, .array = { .count = LIMIT_ARRAY_ITEMS + 1 } } },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        const char *text;
        CimInstance *instance = cim_instance_create(&arena, cases[i].class_name);
        cim_instance_set(instance, &arena, cases[i].name, cases[i].value);
        if (cimxml_write(instance, &arena, &text, &err))
            fail_msg("case %zu is written", i);
        assert_int_equal(err.code, ERR_INVALID);
    }
    Error err;
    const char *text;
    CimInstance many = { .class_name = "C", .count = LIMIT_CIMXML_PROPERTIES + 1 };
    assert_false(cimxml_write(&many, &arena, &text, &err));
    CimInstance *outer = cim_instance_create(&arena, "C"); /* too large only once embedded */
    CimInstance *inner = cim_instance_create(&arena, "C");
    large[LIMIT_CIMXML_BYTES - 100] = '\0';
    memset(large, '&', LIMIT_CIMXML_BYTES / 6);
    cim_instance_set(inner, &arena, "P", cim_string(large));
    cim_instance_set(outer, &arena, "P", cim_embedded(inner));
    assert_false(cimxml_write(outer, &arena, &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
    arena_release(&arena);
}

/* ---- reading ---- */

/* One item of guest data as a host gives it: null properties between, texts with blanks. */
static void a_key_value_pair(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *item = read_text(
        &arena,
        "<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\"><PROPERTY NAME=\"Caption\" TYPE=\"string\"></PROPERTY>"
        "<PROPERTY NAME=\"Data\" TYPE=\"string\"><VALUE>10.0.22631 \xE2\x82\xAC</VALUE></PROPERTY>"
        "<PROPERTY NAME=\"Description\" TYPE=\"string\"/>"
        "<PROPERTY NAME=\"Name\" TYPE=\"string\"><VALUE>OSVersion</VALUE></PROPERTY>"
        "<PROPERTY NAME=\"Source\" TYPE=\"uint16\"><VALUE>2</VALUE></PROPERTY></INSTANCE>");
    assert_string_equal(item->class_name, "Msvm_KvpExchangeDataItem");
    assert_int_equal(item->count, 5);
    assert_true(cim_instance_is_null(item, "Caption"));
    assert_true(cim_instance_is_null(item, "Description"));
    assert_string_equal(cim_instance_text(item, "Data"), "10.0.22631 \xE2\x82\xAC");
    assert_int_equal(cim_instance_uint(item, "Source", 0), 2);
    arena_release(&arena);
}

/* Everything that is skipped, in one text written over several lines. */
static void the_trimmings_are_skipped(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *instance = read_text(
        &arena,
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- a <comment> & more -->\n"
        "<VALUE.NAMEDINSTANCE>\n <INSTANCENAME CLASSNAME=\"C\"><KEYBINDING NAME=\"A\">"
        "<KEYVALUE VALUETYPE=\"string\">x &amp; y</KEYVALUE></KEYBINDING></INSTANCENAME>\n"
        " <INSTANCE CLASSNAME = 'C' xml:lang=\"en\" >\n"
        "  <QUALIFIER NAME=\"dynamic\" TYPE=\"boolean\" TOSUBCLASS=\"false\"><VALUE>TRUE</VALUE></QUALIFIER>\n"
        "  <PROPERTY NAME=\"A\" CLASSORIGIN=\"Base\" PROPAGATED=\"true\" TYPE=\"string\" >\n"
        "   <QUALIFIER NAME=\"key\" TYPE=\"boolean\"><VALUE>true</VALUE></QUALIFIER><QUALIFIER NAME=\"x\"/>\n"
        "   <!-- here --><VALUE>one<!-- two --> <![CDATA[<three> &amp;]]>\r\nfour\rfive</VALUE>\n  </PROPERTY >\n"
        "  <PROPERTY.ARRAY NAME=\"B\" TYPE=\"boolean\">\n   <VALUE.ARRAY>\n    <VALUE>TRUE</VALUE>\n"
        "    <VALUE>False</VALUE>\n   </VALUE.ARRAY>\n  </PROPERTY.ARRAY>\n"
        "  <PROPERTY.REFERENCE NAME=\"R\" REFERENCECLASS=\"D\"><VALUE.REFERENCE>D.K=&quot;&apos;&quot;"
        "</VALUE.REFERENCE></PROPERTY.REFERENCE>\n"
        " </INSTANCE>\n</VALUE.NAMEDINSTANCE>\n<?end?>\n");
    assert_int_equal(instance->count, 3);
    assert_string_equal(cim_instance_text(instance, "A"), "one <three> &amp;\nfour\nfive");
    size_t count;
    const CimValue *items = cim_instance_array(instance, "B", &count);
    assert_int_equal(count, 2);
    assert_true(items[0].boolean && !items[1].boolean);
    assert_string_equal(cim_instance_text(instance, "R"), "D.K=\"'\"");
    assert_int_equal(cim_instance_find(instance, "R")->type, CIM_TYPE_REFERENCE);
    arena_release(&arena);
}

static void an_instance_name_may_be_missing(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *instance = read_text(&arena, "<VALUE.NAMEDINSTANCE><INSTANCE CLASSNAME=\"C\"/></VALUE.NAMEDINSTANCE>");
    assert_string_equal(instance->class_name, "C");
    arena_release(&arena);
}

static void texts_are_decoded(void **state)
{
    (void) state;
    static const struct {
        const char *raw, *text;
    } cases[] = {
        { "", "" },
        { "  two blanks  ", "  two blanks  " },
        { "&lt;&gt;&amp;&quot;&apos;", "<>&\"'" },
        { "&#38;&#x26;&#X", NULL },
        { "&#38;&#x26;&#x1F600;", "&&\xF0\x9F\x98\x80" },
        { "&#1;\x02", "\x01\x02" },
        { "&#xD83D;", "\xED\xA0\xBD" },
        { "<![CDATA[]]>", "" },
        { "<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b" },
        { "tab\tline\nreturn\r\nend", "tab\tline\nreturn\nend" },
        { "&#13;&#10;", "\r\n" },
        { "&nbsp;", NULL },
        { "&AMP;", NULL },
        { "&amp", NULL },
        { "& ", NULL },
        { "&", NULL },
        { "&#;", NULL },
        { "&#x;", NULL },
        { "&#0;", NULL },
        { "&#x110000;", NULL },
        { "&#4294967334;", NULL },
        { "&#38", NULL },
        { "<b/>", NULL },
        { "<![CDATA[", NULL },
        { "<!-- ", NULL },
        { "<?x ", NULL },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        CimInstance *instance;
        const char *text = arena_printf(&arena,
                                        "<INSTANCE CLASSNAME=\"C\"><PROPERTY NAME=\"P\" TYPE=\"string\">"
                                        "<VALUE>%s</VALUE></PROPERTY></INSTANCE>",
                                        cases[i].raw);
        if (cimxml_read(text, &arena, &instance, &err) != (cases[i].text != NULL))
            fail_msg("'%s'", cases[i].raw);
        if (cases[i].text != NULL)
            assert_string_equal(cim_instance_text(instance, "P"), cases[i].text);
    }
    arena_release(&arena);
}

static void embedded_text_is_not_an_embedded_instance(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *instance =
        read_text(&arena, "<INSTANCE CLASSNAME=\"C\"><PROPERTY NAME=\"A\" TYPE=\"string\">"
                          "<VALUE>&lt;INSTANCE CLASSNAME=&quot;D&quot;/&gt;</VALUE></PROPERTY>"
                          "<PROPERTY NAME=\"B\" TYPE=\"string\" EMBEDDEDOBJECT=\"instance\">"
                          "<VALUE>&lt;INSTANCE CLASSNAME=&quot;D&quot;/&gt;</VALUE></PROPERTY></INSTANCE>");
    assert_string_equal(cim_instance_text(instance, "A"), "<INSTANCE CLASSNAME=\"D\"/>");
    assert_string_equal(cim_instance_find(instance, "B")->instance->class_name, "D");
    arena_release(&arena);
}

#define INSTANCE(inside) "<INSTANCE CLASSNAME=\"C\">" inside "</INSTANCE>"
#define TEXT(inside) "<PROPERTY NAME=\"P\" TYPE=\"string\">" inside "</PROPERTY>"
#define ARRAY(type, items)                                                                                             \
    "<PROPERTY.ARRAY NAME=\"P\" TYPE=\"" type "\"><VALUE.ARRAY>" items "</VALUE.ARRAY></PROPERTY.ARRAY>"
#define TYPED(type, value) "<PROPERTY NAME=\"P\" TYPE=\"" type "\"><VALUE>" value "</VALUE></PROPERTY>"

static void what_is_no_instance(void **state)
{
    (void) state;
    static const char *const cases[] = {
        "",
        "text",
        "<",
        "<INSTANCE",
        "<INSTANCE CLASSNAME=\"C\"",
        "<INSTANCE CLASSNAME=\"C\">",
        "<INSTANCE CLASSNAME=\"C\"></INSTANC>",
        "<INSTANCE CLASSNAME=\"C\"></INSTANCE",
        "<INSTANCE CLASSNAME=\"C\"></INSTANCES>",
        "<INSTANCE CLASSNAME=\"C\"/ >",
        "<INSTANCE CLASSNAME=\"C\"TYPE=\"x\"/>",
        "<INSTANCE CLASSNAME=\"C\" CLASSNAME=\"D\"/>",
        "<INSTANCE CLASSNAME/>",
        "<INSTANCE CLASSNAME=C/>",
        "<INSTANCE CLASSNAME=\"C/>",
        "<INSTANCE CLASSNAME=\"<\"/>",
        "<INSTANCE CLASSNAME=\"&x;\"/>",
        "<INSTANCE CLASSNAME=\"\"/>",
        "<INSTANCE CLASSNAME=\"a b\"/>",
        "<INSTANCE NAME=\"C\"/>",
        "<INSTANCE/>",
        "<instance CLASSNAME=\"C\"/>",
        "<CLASS NAME=\"C\"/>",
        "<p:INSTANCE CLASSNAME=\"C\"/>",
        "<!DOCTYPE INSTANCE><INSTANCE CLASSNAME=\"C\"/>",
        "<INSTANCE CLASSNAME=\"C\"/><INSTANCE CLASSNAME=\"C\"/>",
        "<INSTANCE CLASSNAME=\"C\"/>text",
        "<INSTANCE CLASSNAME=\"C\"/>\xFF",
        "<VALUE.NAMEDINSTANCE/>",
        "<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME=\"C\"/></VALUE.NAMEDINSTANCE>",
        "<VALUE.NAMEDINSTANCE><INSTANCE CLASSNAME=\"C\"/>",
        "<VALUE.NAMEDINSTANCE><INSTANCE CLASSNAME=\"C\"/><INSTANCE CLASSNAME=\"C\"/></VALUE.NAMEDINSTANCE>",
        INSTANCE("text"),
        INSTANCE("&#32;&#65;"),
        INSTANCE("<VALUE>x</VALUE>"),
        INSTANCE("<METHOD NAME=\"x\"/>"),
        INSTANCE("<QUALIFIER NAME=\"x\">"),
        INSTANCE("<QUALIFIER NAME=\"x\"><VALUE></QUALIFIER></VALUE>"),
        INSTANCE("<PROPERTY TYPE=\"string\"/>"),
        INSTANCE("<PROPERTY NAME=\"\" TYPE=\"string\"/>"),
        INSTANCE("<PROPERTY NAME=\"a b\" TYPE=\"string\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"text\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"reference\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"instance\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"uint8\" EmbeddedObject=\"instance\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"string\"/><PROPERTY NAME=\"P\" TYPE=\"string\"/>"),
        INSTANCE("<PROPERTY NAME=\"P\" TYPE=\"string\"/><PROPERTY.ARRAY NAME=\"p\" TYPE=\"string\"/>"),
        INSTANCE(TEXT("text")),
        INSTANCE(TEXT("<VALUE>x</VALUE>text")),
        INSTANCE(TEXT("<VALUE>x</VALUE><VALUE>y</VALUE>")),
        INSTANCE(TEXT("<VALUE>x<VALUE>y</VALUE></VALUE>")),
        INSTANCE(TEXT("<VALUE>x")),
        INSTANCE(TEXT("<VALUE.ARRAY><VALUE>x</VALUE></VALUE.ARRAY>")),
        INSTANCE(TEXT("<VALUE.REFERENCE>x</VALUE.REFERENCE>")),
        INSTANCE("<PROPERTY.ARRAY NAME=\"P\" TYPE=\"string\"><VALUE>x</VALUE></PROPERTY.ARRAY>"),
        INSTANCE(ARRAY("string", "x")),
        INSTANCE(ARRAY("string", "<VALUE.NULL/>")),
        INSTANCE(ARRAY("uint8", "<VALUE>x</VALUE>")),
        INSTANCE(ARRAY("uint8", "<VALUE>1</VALUE>") TEXT("")),
        INSTANCE("<PROPERTY.REFERENCE NAME=\"P\"><VALUE>x</VALUE></PROPERTY.REFERENCE>"),
        INSTANCE(TYPED("uint8", "256")),
        INSTANCE(TYPED("uint8", "")),
        INSTANCE(TYPED("uint8", " 1")),
        INSTANCE(TYPED("sint8", "-129")),
        INSTANCE(TYPED("uint64", "-1")),
        INSTANCE(TYPED("boolean", "1")),
        INSTANCE(TYPED("real64", "nan")),
        INSTANCE(TYPED("char16", "xy")),
        INSTANCE(TYPED("datetime", "2026-07-01")),
        INSTANCE(TYPED("string\" EmbeddedObject=\"instance", "x")),
        INSTANCE(TYPED("string\" EmbeddedObject=\"instance", "&lt;CLASS NAME='x'/&gt;")),
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        CimInstance *instance = NULL;
        if (cimxml_read(cases[i], &arena, &instance, &err))
            fail_msg("taken: %s", cases[i]);
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_null(instance);
    }
    arena_release(&arena);
}

/* Whatever is cut off a good text, the rest is not good. */
static void no_beginning_is_enough(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    const char *text = write_text(&arena, make_nested(&arena, 2));
    for (size_t length = 0; length < strlen(text); length++) {
        Error err;
        CimInstance *instance;
        assert_false(cimxml_read(arena_strndup(&arena, text, length), &arena, &instance, &err));
    }
    arena_release(&arena);
}

static void errors_tell_line_and_column(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimInstance *instance;
    assert_false(cimxml_read("<INSTANCE CLASSNAME=\"C\">\n<!-- \xC3\xA4 --> <WRONG/>", &arena, &instance, &err));
    assert_string_equal(err.message,
                        "bad CIM-XML at line 2, column 20: an element that does not belong into an instance");
    assert_false(cimxml_read(INSTANCE(TYPED("uint8", "256")), &arena, &instance, &err));
    assert_non_null(strstr(err.message, "'256' is not a uint8"));
    assert_false(cimxml_read(INSTANCE(TYPED("string\" EmbeddedObject=\"instance", "x")), &arena, &instance, &err));
    assert_string_equal(err.message,
                        "embedded instance: bad CIM-XML at line 1, column 2: text where only elements may be");
    arena_release(&arena);
}

static const char *repeat(Arena *arena, const char *before, const char *text, size_t count, const char *after)
{
    size_t length = strlen(text);
    char *all = arena_alloc(arena, count * length + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * length, text, length);
    return arena_printf(arena, "%s%s%s", before, all, after);
}

static void limits_hold(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimInstance *instance;

    const char *before = "<INSTANCE CLASSNAME=\"C\"><QUALIFIER>", *after = "</QUALIFIER></INSTANCE>";
    const char *fitting = repeat(&arena, before, "<x>", LIMIT_CIMXML_DEPTH - 2,
                                 repeat(&arena, "", "</x>", LIMIT_CIMXML_DEPTH - 2, after));
    assert_true(cimxml_read(fitting, &arena, &instance, &err));
    assert_false(cimxml_read(repeat(&arena, before, "<x>", 100000, ""), &arena, &instance, &err));
    assert_non_null(strstr(err.message, "nested too deeply"));

    before = "<INSTANCE CLASSNAME=\"C\"><PROPERTY.ARRAY NAME=\"P\" TYPE=\"uint8\"><VALUE.ARRAY>";
    after = "</VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>";
    const char *item = "<VALUE>1</VALUE>";
    assert_true(cimxml_read(repeat(&arena, before, item, LIMIT_ARRAY_ITEMS, after), &arena, &instance, &err));
    assert_false(cimxml_read(repeat(&arena, before, item, LIMIT_ARRAY_ITEMS + 1, after), &arena, &instance, &err));

    Str text;
    const char *many;
    str_init(&text, LIMIT_CIMXML_BYTES);
    str_append(&text, "<INSTANCE CLASSNAME=\"C\">");
    for (int i = 0; i <= LIMIT_CIMXML_PROPERTIES; i++)
        str_appendf(&text, "<PROPERTY NAME=\"P%d\" TYPE=\"uint8\"/>", i);
    str_append(&text, "</INSTANCE>");
    assert_true(str_finish(&text, &arena, &many, &err));
    assert_false(cimxml_read(many, &arena, &instance, &err));
    assert_non_null(strstr(err.message, "too many properties"));

    assert_false(cimxml_read(repeat(&arena, "<INSTANCE CLASSNAME=\"C\">", " ", LIMIT_CIMXML_BYTES, "</INSTANCE>"),
                             &arena, &instance, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_text),      cmocka_unit_test(embedded_instances_nest_to_the_limit),
        cmocka_unit_test(what_cannot_be_written),      cmocka_unit_test(a_key_value_pair),
        cmocka_unit_test(the_trimmings_are_skipped),   cmocka_unit_test(an_instance_name_may_be_missing),
        cmocka_unit_test(texts_are_decoded),           cmocka_unit_test(embedded_text_is_not_an_embedded_instance),
        cmocka_unit_test(what_is_no_instance),         cmocka_unit_test(no_beginning_is_enough),
        cmocka_unit_test(errors_tell_line_and_column), cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
