/* SPDX-License-Identifier: MIT */
/* Values on their way through VARIANTs: in the forms that the Windows SDK documents ("Numbers (WMI)"), in odd ones, and
 * through objects as WMI has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cim/cimxml.h"
#include "cim/com/object.h"
#include "cim/com/variant.h"
#include "cim/session.h"
#include "wine/wmi_provider/provider.h"

#include <string.h>

static const struct {
    CimType type;
    CIMTYPE wmi_type;
    VARTYPE vartype;
    const char *text;
    int64_t in_variant; /* what a VARIANT of a number holds */
} forms[] = {
    { CIM_TYPE_SINT8, CIM_SINT8, VT_I2, "-128", -128 },
    { CIM_TYPE_SINT16, CIM_SINT16, VT_I2, "-32768", -32768 },
    { CIM_TYPE_SINT32, CIM_SINT32, VT_I4, "-2147483648", INT32_MIN },
    { CIM_TYPE_SINT64, CIM_SINT64, VT_BSTR, "-9223372036854775808", 0 },
    { CIM_TYPE_UINT8, CIM_UINT8, VT_UI1, "255", 255 },
    { CIM_TYPE_UINT16, CIM_UINT16, VT_I4, "65535", 65535 },
    { CIM_TYPE_UINT16, CIM_UINT16, VT_I4, "32770", 32770 },
    { CIM_TYPE_UINT32, CIM_UINT32, VT_I4, "4096", 4096 },
    { CIM_TYPE_UINT32, CIM_UINT32, VT_I4, "2147483648", INT32_MIN }, /* looks negative */
    { CIM_TYPE_UINT32, CIM_UINT32, VT_I4, "4294967295", -1 },
    { CIM_TYPE_UINT64, CIM_UINT64, VT_BSTR, "18446744073709551615", 0 },
    { CIM_TYPE_UINT64, CIM_UINT64, VT_BSTR, "0", 0 },
    { CIM_TYPE_CHAR16, CIM_CHAR16, VT_I2, "ö", 0xF6 },
    { CIM_TYPE_STRING, CIM_STRING, VT_BSTR, "Łódź \"x\" 開発", 0 },
    { CIM_TYPE_STRING, CIM_STRING, VT_BSTR, "", 0 },
    { CIM_TYPE_DATETIME, CIM_DATETIME, VT_BSTR, "20260701140509.123000+120", 0 },
    { CIM_TYPE_REFERENCE, CIM_REFERENCE, VT_BSTR, "\\\\HV1\\root\\virtualization\\v2:X.Name=\"a\\\\b\"", 0 },
};

static CimValue parse(CimType type, const char *text, Arena *arena)
{
    CimValue value;
    Error err;
    assert_true(cim_value_parse(type, text, arena, &value, &err));
    return value;
}

static void put_number(VARIANT *variant, VARTYPE vartype, int64_t number)
{
    VariantInit(variant);
    V_VT(variant) = vartype;
    if (vartype == VT_UI1)
        V_UI1(variant) = (BYTE) number;
    else if (vartype == VT_I2)
        V_I2(variant) = (SHORT) number;
    else
        V_I4(variant) = (LONG) number;
}

static void documented_forms_are_read(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Arena arena = ARENA_INIT;
        Error err;
        CimType type;
        bool is_array;
        CimValue value, expected = parse(forms[i].type, forms[i].text, &arena);
        CLEANUP(variant_cleanup) VARIANT variant;
        put_number(&variant, forms[i].vartype, forms[i].in_variant);
        if (forms[i].vartype == VT_BSTR)
            V_BSTR(&variant) = bstr_from_utf8(forms[i].text);
        assert_true(wmi_type_parse(forms[i].wmi_type, &type, &is_array));
        assert_int_equal(type, forms[i].type);
        assert_false(is_array);
        assert_true(wmi_type_parse(forms[i].wmi_type | CIM_FLAG_ARRAY, &type, &is_array));
        assert_true(is_array);
        if (!variant_read(&variant, type, false, "P", 0, &arena, &value, &err))
            fail_msg("%s: %s", forms[i].text, err.message);
        assert_true(cim_value_equals(&value, &expected));
        arena_release(&arena);
    }
}

static void documented_forms_are_written(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Arena arena = ARENA_INIT;
        Error err;
        CimValue value = parse(forms[i].type, forms[i].text, &arena);
        CLEANUP(variant_cleanup) VARIANT variant;
        VARIANT expected;
        assert_true(variant_write(&value, &variant, &err));
        assert_int_equal(V_VT(&variant), forms[i].vartype);
        if (forms[i].vartype == VT_BSTR) {
            assert_string_equal(utf8_from_bstr(V_BSTR(&variant), &arena), forms[i].text);
        } else {
            size_t size = forms[i].vartype == VT_UI1 ? 1 : forms[i].vartype == VT_I2 ? 2 : 4;
            put_number(&expected, forms[i].vartype, forms[i].in_variant);
            assert_memory_equal(&V_I4(&variant), &V_I4(&expected), size);
        }
        arena_release(&arena);
    }
}

static void booleans_and_reals(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    VARIANT variant;
    CimValue value = cim_boolean(true);
    assert_true(variant_write(&value, &variant, &err));
    assert_int_equal(V_VT(&variant), VT_BOOL);
    assert_int_equal(V_BOOL(&variant), -1);
    assert_true(variant_read(&variant, CIM_TYPE_BOOLEAN, false, "P", 0, &arena, &value, &err));
    assert_true(value.boolean);
    V_BOOL(&variant) = VARIANT_FALSE;
    assert_true(variant_read(&variant, CIM_TYPE_BOOLEAN, false, "P", 0, &arena, &value, &err));
    assert_false(value.boolean);

    value = (CimValue){ .type = CIM_TYPE_REAL32, .real = 0.5 };
    assert_true(variant_write(&value, &variant, &err));
    assert_int_equal(V_VT(&variant), VT_R4);
    assert_true(variant_read(&variant, CIM_TYPE_REAL32, false, "P", 0, &arena, &value, &err));
    assert_true(value.real == 0.5);
    value = (CimValue){ .type = CIM_TYPE_REAL64, .real = -1e300 };
    assert_true(variant_write(&value, &variant, &err));
    assert_int_equal(V_VT(&variant), VT_R8);
    assert_true(variant_read(&variant, CIM_TYPE_REAL64, false, "P", 0, &arena, &value, &err));
    assert_true(value.real == -1e300);
    arena_release(&arena);
}

static void nulls_keep_their_type(void **state)
{
    (void) state;
    static const VARTYPE kinds[] = { VT_NULL, VT_EMPTY };
    Arena arena = ARENA_INIT;
    Error err;
    for (size_t i = 0; i < COUNT_OF(kinds) * CIM_TYPE_COUNT; i++) {
        VARIANT variant;
        CimValue value;
        CimType type = (CimType) (i / COUNT_OF(kinds));
        VariantInit(&variant);
        V_VT(&variant) = kinds[i % COUNT_OF(kinds)];
        assert_true(variant_read(&variant, type, true, "P", 0, &arena, &value, &err));
        assert_true(value.is_null && value.is_array);
        assert_int_equal(value.type, type);
        assert_true(variant_read(&variant, type, false, "P", 0, &arena, &value, &err));
        assert_true(value.is_null && !value.is_array);
        assert_true(variant_write(&value, &variant, &err));
        assert_int_equal(V_VT(&variant), VT_NULL);
    }
    arena_release(&arena);
}

/* The type says what a value is, whatever it came in. */
static void other_integer_variants_are_understood(void **state)
{
    (void) state;
    static const struct {
        VARTYPE vartype;
        int32_t number;
        CimType type;
        uint64_t value;
    } cases[] = {
        { VT_UI4, -1, CIM_TYPE_UINT32, UINT32_MAX }, { VT_I4, 7, CIM_TYPE_UINT64, 7 },
        { VT_I2, -1, CIM_TYPE_UINT16, UINT16_MAX },  { VT_UI2, -1, CIM_TYPE_UINT16, UINT16_MAX },
        { VT_I4, 200, CIM_TYPE_UINT8, 200 },         { VT_UI1, 3, CIM_TYPE_UINT16, 3 },
    };
    Arena arena = ARENA_INIT;
    Error err;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        VARIANT variant = { 0 };
        CimValue value;
        V_I4(&variant) = cases[i].number;
        V_VT(&variant) = cases[i].vartype;
        assert_true(variant_read(&variant, cases[i].type, false, "P", 0, &arena, &value, &err));
        assert_int_equal(value.type, cases[i].type);
        assert_true(value.uint == cases[i].value);
    }
    arena_release(&arena);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void) state;
    static const struct {
        CimType type;
        VARTYPE vartype;
        int32_t number;
        const char *text;
    } cases[] = {
        { CIM_TYPE_UINT16, VT_I4, 65536, NULL },
        { CIM_TYPE_UINT16, VT_I4, -32769, NULL },
        { CIM_TYPE_UINT8, VT_I4, 256, NULL },
        { CIM_TYPE_SINT8, VT_I2, 128, NULL },
        { CIM_TYPE_SINT16, VT_I4, -32769, NULL },
        { CIM_TYPE_UINT64, VT_BSTR, 0, "18446744073709551616" },
        { CIM_TYPE_UINT64, VT_BSTR, 0, "-1" },
        { CIM_TYPE_UINT64, VT_BSTR, 0, "" },
        { CIM_TYPE_SINT64, VT_BSTR, 0, "9 apples" },
        { CIM_TYPE_UINT16, VT_BSTR, 0, "apple" },
        { CIM_TYPE_STRING, VT_I4, 1, NULL },
        { CIM_TYPE_BOOLEAN, VT_I4, 1, NULL },
        { CIM_TYPE_REAL64, VT_I4, 1, NULL },
        { CIM_TYPE_INSTANCE, VT_I4, 1, NULL },
        { CIM_TYPE_INSTANCE, VT_BSTR, 0, "<INSTANCE/>" },
        { CIM_TYPE_REFERENCE, VT_BOOL, 0, NULL },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(variant_cleanup) VARIANT variant = { 0 };
        CimValue value;
        Error err;
        if (cases[i].text != NULL)
            V_BSTR(&variant) = bstr_from_utf8(cases[i].text);
        else
            V_I4(&variant) = cases[i].number;
        V_VT(&variant) = cases[i].vartype;
        if (variant_read(&variant, cases[i].type, false, "Prop", 0, &arena, &value, &err))
            fail_msg("case %zu is taken", i);
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, "'Prop'"));
        assert_false(variant_read(&variant, cases[i].type, true, "Prop", 0, &arena, &value, &err)); /* no array */
        assert_int_equal(err.code, ERR_PROTOCOL);
    }
    arena_release(&arena);
}

static void arrays_of_variants_and_of_other_bounds(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimValue value;
    CLEANUP(variant_cleanup) VARIANT variant = { 0 };
    SAFEARRAYBOUND bound = { .cElements = 2, .lLbound = 5 };
    V_ARRAY(&variant) = SafeArrayCreate(VT_VARIANT, 1, &bound);
    V_VT(&variant) = VT_ARRAY | VT_VARIANT;
    for (LONG i = 5; i < 7; i++) {
        VARIANT item = { 0 };
        put_number(&item, VT_I4, i);
        assert_int_equal(SafeArrayPutElement(V_ARRAY(&variant), &i, &item), S_OK);
    }
    assert_true(variant_read(&variant, CIM_TYPE_UINT16, true, "P", 0, &arena, &value, &err));
    assert_int_equal(value.array.count, 2);
    assert_int_equal(value.array.items[0].uint, 5);
    assert_int_equal(value.array.items[1].uint, 6);
    assert_false(variant_read(&variant, CIM_TYPE_STRING, true, "P", 0, &arena, &value, &err));
    assert_false(variant_read(&variant, CIM_TYPE_UINT16, false, "P", 0, &arena, &value, &err));

    CLEANUP(variant_cleanup) VARIANT table = { 0 };
    SAFEARRAYBOUND bounds[2] = { { 1, 0 }, { 1, 0 } };
    V_ARRAY(&table) = SafeArrayCreate(VT_I4, 2, bounds);
    V_VT(&table) = VT_ARRAY | VT_I4;
    assert_false(variant_read(&table, CIM_TYPE_UINT16, true, "P", 0, &arena, &value, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    arena_release(&arena);
}

/* ---- objects ---- */

/* A property of each type, with a value, null, as an array, and as an empty array. */
static CimInstance *instance_of_everything(Arena *arena)
{
    CimInstance *inner = cim_instance_create(arena, "Inner");
    cim_instance_set(inner, arena, "Number", cim_uint(CIM_TYPE_UINT32, UINT32_MAX));
    CimInstance *instance = cim_instance_create(arena, "Everything");
    instance->path = "\\\\HV1\\root\\cimv2:Everything.Name=\"x\"";
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, 2);
        items[0] = items[1] = parse(forms[i].type, forms[i].text, arena);
        cim_instance_set(instance, arena, arena_printf(arena, "Scalar%zu", i), items[0]);
        cim_instance_set(instance, arena, arena_printf(arena, "Array%zu", i), cim_array(forms[i].type, items, 2));
        cim_instance_set(instance, arena, arena_printf(arena, "Empty%zu", i), cim_array(forms[i].type, items, 0));
        cim_instance_set(instance, arena, arena_printf(arena, "Null%zu", i), cim_null(forms[i].type));
        cim_instance_set(instance, arena, arena_printf(arena, "NullArray%zu", i), cim_null_array(forms[i].type));
    }
    CimValue *inners = ARENA_NEW_ARRAY(arena, CimValue, 2), *booleans = ARENA_NEW_ARRAY(arena, CimValue, 2);
    inners[0] = inners[1] = cim_embedded(inner);
    booleans[0] = cim_boolean(true);
    booleans[1] = cim_boolean(false);
    cim_instance_set(instance, arena, "Inner", inners[0]);
    cim_instance_set(instance, arena, "Inners", cim_array(CIM_TYPE_INSTANCE, inners, 2));
    cim_instance_set(instance, arena, "NoInner", cim_null(CIM_TYPE_INSTANCE));
    cim_instance_set(instance, arena, "Booleans", cim_array(CIM_TYPE_BOOLEAN, booleans, 2));
    cim_instance_set(instance, arena, "Real32", (CimValue){ .type = CIM_TYPE_REAL32, .real = 0.25 });
    cim_instance_set(instance, arena, "Real64", (CimValue){ .type = CIM_TYPE_REAL64, .real = 1e-300 });
    return instance;
}

static void objects_are_read(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimInstance *expected = instance_of_everything(&arena), *found = NULL;
    COM_LOCAL(IWbemClassObject) object = &object_create(OBJECT_INSTANCE, NULL, expected)->IWbemClassObject_iface;
    if (!wmi_object_read(object, &arena, &found, &err))
        fail_msg("%s", err.message);
    assert_string_equal(found->class_name, "Everything");
    assert_string_equal(found->path, expected->path);
    assert_int_equal(found->count, expected->count);
    for (size_t i = 0; i < found->count; i++) {
        assert_string_equal(found->properties[i].name, expected->properties[i].name);
        if (!cim_value_equals(&found->properties[i].value, &expected->properties[i].value))
            fail_msg("property %s differs", found->properties[i].name);
    }
    arena_release(&arena);
}

static void deep_nesting_is_refused(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimInstance *instance = cim_instance_create(&arena, "Deepest"), *found = NULL;
    for (int i = 0; i < 40; i++) {
        CimInstance *outer = cim_instance_create(&arena, "Outer");
        cim_instance_set(outer, &arena, "Inner", cim_embedded(instance));
        instance = outer;
    }
    COM_LOCAL(IWbemClassObject) object = &object_create(OBJECT_INSTANCE, NULL, instance)->IWbemClassObject_iface;
    assert_false(wmi_object_read(object, &arena, &found, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    arena_release(&arena);
}

/* ---- parameters ---- */

static CimInstance *signature(Arena *arena)
{
    CimInstance *row = cim_instance_create(arena, "__PARAMETERS");
    cim_instance_set(row, arena, "Text", cim_null(CIM_TYPE_STRING));
    cim_instance_set(row, arena, "Texts", cim_null_array(CIM_TYPE_STRING));
    cim_instance_set(row, arena, "Path", cim_null(CIM_TYPE_REFERENCE));
    cim_instance_set(row, arena, "Paths", cim_null_array(CIM_TYPE_REFERENCE));
    cim_instance_set(row, arena, "Number", cim_null(CIM_TYPE_UINT16));
    cim_instance_set(row, arena, "Object", cim_null(CIM_TYPE_INSTANCE));
    return row;
}

static void parameters_are_set(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    Object *object = object_create(OBJECT_INSTANCE, NULL, signature(&arena));
    COM_LOCAL(IWbemClassObject) parameters = &object->IWbemClassObject_iface;
    CimInstance *in = cim_instance_create(&arena, "");
    const char *paths[] = { "X.Name=\"1\"", "X.Name=\"2\"" }, *texts[] = { "a & b", "<c/>" };
    cim_instance_set(in, &arena, "text", cim_string(texts[0]));
    cim_instance_set(in, &arena, "Texts", cim_text_array(&arena, CIM_TYPE_STRING, texts, 2));
    cim_instance_set(in, &arena, "Path", cim_text(CIM_TYPE_REFERENCE, paths[0]));
    cim_instance_set(in, &arena, "Paths", cim_text_array(&arena, CIM_TYPE_REFERENCE, paths, 2));
    cim_instance_set(in, &arena, "Number", cim_uint(CIM_TYPE_UINT16, 32770));
    if (!wmi_object_set_parameters(parameters, in, "Do", &err))
        fail_msg("%s", err.message);
    assert_string_equal(cim_instance_text(object->row, "Text"), texts[0]);
    assert_int_equal(cim_instance_find(object->row, "Texts")->array.count, 2);
    assert_string_equal(cim_instance_find(object->row, "Texts")->array.items[1].text, texts[1]);
    assert_string_equal(cim_instance_text(object->row, "Path"), paths[0]);
    assert_string_equal(cim_instance_find(object->row, "Paths")->array.items[1].text, paths[1]);
    assert_int_equal(cim_instance_uint(object->row, "Number", 0), 32770);

    /* null again */
    cim_instance_set(in, &arena, "text", cim_null(CIM_TYPE_STRING));
    cim_instance_set(in, &arena, "Texts", cim_null_array(CIM_TYPE_STRING));
    cim_instance_set(in, &arena, "Number", cim_null(CIM_TYPE_UINT16));
    assert_true(wmi_object_set_parameters(parameters, in, "Do", &err));
    assert_true(cim_instance_is_null(object->row, "Text"));
    assert_true(cim_instance_is_null(object->row, "Texts"));
    assert_true(cim_instance_is_null(object->row, "Number"));
    arena_release(&arena);
}

static void wrong_parameters_are_refused(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    COM_LOCAL(IWbemClassObject)
    parameters = &object_create(OBJECT_INSTANCE, NULL, signature(&arena))->IWbemClassObject_iface;
    CimInstance *inner = cim_instance_create(&arena, "Inner");
    const char *texts[] = { "a" };
    const CimProperty cases[] = {
        { "Nothing", cim_string("x") },    { "__PATH", cim_string("x") },
        { "Number", cim_string("1") },     { "Number", cim_uint(CIM_TYPE_UINT32, 1) },
        { "Number", cim_embedded(inner) }, { "Text", cim_text_array(&arena, CIM_TYPE_STRING, texts, 1) },
        { "Texts", cim_string("x") },      { "Texts", cim_embedded(inner) },
        { "Path", cim_string("x") },       { "Text", cim_text(CIM_TYPE_REFERENCE, "x") },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        CimInstance in = { .class_name = "", .properties = (CimProperty[]){ cases[i] }, .count = 1 };
        if (wmi_object_set_parameters(parameters, &in, "Do", &err))
            fail_msg("case %zu is taken", i);
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(err.native, WMI_E_INVALID_METHOD_PARAMETERS);
        assert_non_null(strstr(err.message, cases[i].name));
    }
    Error err;
    CimInstance in = { .class_name = "",
                       .count = 1,
                       .properties = (CimProperty[]){ { "Object", cim_embedded(inner) } } };
    assert_false(wmi_object_set_parameters(parameters, &in, "Do", &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_forms_are_read),
        cmocka_unit_test(documented_forms_are_written),
        cmocka_unit_test(booleans_and_reals),
        cmocka_unit_test(nulls_keep_their_type),
        cmocka_unit_test(other_integer_variants_are_understood),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(arrays_of_variants_and_of_other_bounds),
        cmocka_unit_test(objects_are_read),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(parameters_are_set),
        cmocka_unit_test(wrong_parameters_are_refused),
    };
    return cmocka_run_group_tests_name("com values", tests, NULL, NULL);
}
