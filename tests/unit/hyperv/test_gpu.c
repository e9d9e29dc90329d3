/* SPDX-License-Identifier: MIT */
/* Identity of GPUs in its three spellings, and choosing them. */
#include "hyperv/gpu/gpu.h"
#include "hyperv/gpu/gpu_path.h"
#include "hyperv/gpu/selector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define DEVICE "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008"
#define INSTANCE                                                                                                       \
    "\\\\?\\PCI#VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1#4&17f0f7d2&0&0008#"                                           \
    "{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV"
#define RESOURCE                                                                                                       \
    "\\\\HV1\\root\\virtualization\\v2:Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\","             \
    "Name=\"\\\\\\\\?\\\\PCI#VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1#4&17f0f7d2&0&0008#"                              \
    "{064092b3-625e-43bf-9eb5-dc845897dd59}\\\\GPUPARAV\""

static void test_spellings(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    assert_string_equal(gpu_path_instance_id(RESOURCE, &arena), INSTANCE);
    assert_true(gpu_path_same_device(RESOURCE, INSTANCE));
    assert_true(gpu_path_same_device(INSTANCE, DEVICE));
    assert_true(gpu_path_same_device(DEVICE, RESOURCE));
    /* The end differs between hosts, and some documents double the leading backslashes. */
    assert_true(
        gpu_path_same_device("\\\\?\\PCI#VEN_1&DEV_2#3#{aaaa}\\PARAV", "\\\\?\\PCI#VEN_1&DEV_2#3#{aaaa}\\GPUPARAV"));
    assert_true(gpu_path_same_device("\\\\\\\\?\\PCI#VEN_1&DEV_2#3#{aaaa}\\GPUPARAV", "PCI\\VEN_1&DEV_2\\3"));
    assert_false(gpu_path_same_device(DEVICE, "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0010"));
    /* Anything else is only itself. */
    assert_string_equal(gpu_path_device_id("", &arena), "");
    assert_true(gpu_path_same_device("x", "X"));
    arena_release(&arena);
}

static bool parse(const char *text, Selector *ret_selector, Arena *arena, Error *err)
{
    SelectorList selectors;
    StringList values = { .items = &text, .count = 1 };
    if (!selectors_parse(&values, arena, &selectors, err))
        return false;
    *ret_selector = selectors.items[0];
    return true;
}

static void test_selectors_parse(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool ok;
        SelectorKind kind;
        const char *value;
    } cases[] = {
        { "NVIDIA GeForce RTX 4060", true, SELECTOR_NAME, "NVIDIA GeForce RTX 4060" },
        { "all", true, SELECTOR_ALL, "all" },
        { "ALL", true, SELECTOR_ALL, "ALL" },
        { "all of them", true, SELECTOR_NAME, "all of them" },
        { "deviceid:" DEVICE, true, SELECTOR_DEVICE_ID, DEVICE },
        { "DeviceID: " DEVICE, true, SELECTOR_DEVICE_ID, DEVICE },
        { "instanceid:" INSTANCE, true, SELECTOR_INSTANCE_ID, INSTANCE },
        { "order:5", true, SELECTOR_ORDER, "5" },
        { "ORDER:1", true, SELECTOR_ORDER, "1" },
        { "adapterid:Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83\\EDF7D457-23FC-4358-902A-57B31399ED19", true,
          SELECTOR_ADAPTER_ID, "Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83\\EDF7D457-23FC-4358-902A-57B31399ED19" },
        { "order:0", false, SELECTOR_ORDER, NULL },
        { "order:-1", false, SELECTOR_ORDER, NULL },
        { "order:x", false, SELECTOR_ORDER, NULL },
        { "order:", false, SELECTOR_ORDER, NULL },
        { "order:99999999999999999999999", false, SELECTOR_ORDER, NULL },
        { "deviceid:", false, SELECTOR_DEVICE_ID, NULL },
        { "deviceid:PCI\\VEN_10DE", false, SELECTOR_DEVICE_ID, NULL },
        { "deviceid:4060", false, SELECTOR_DEVICE_ID, NULL },
        { "instanceid:PCI#VEN_10DE", false, SELECTOR_INSTANCE_ID, NULL },
        { "instanceid:foo", false, SELECTOR_INSTANCE_ID, NULL },
        { "adapterid:F65D0775-1CA1-4804-9305-71F4A38BDD83", false, SELECTOR_ADAPTER_ID, NULL },
        { "adapterid:Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83", false, SELECTOR_ADAPTER_ID, NULL },
        { "", false, SELECTOR_NAME, NULL },
        { "   ", false, SELECTOR_NAME, NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        Selector selector;
        bool ok = parse(cases[i].text, &selector, &arena, &err);
        if (ok != cases[i].ok)
            fail_msg("'%s': %s", cases[i].text, err.message);
        if (ok) {
            assert_int_equal(selector.kind, cases[i].kind);
            assert_string_equal(selector.value, cases[i].value);
        } else {
            assert_int_equal(err.code, ERR_USAGE);
        }
        arena_release(&arena);
    }
}

static const Gpu sample_gpus[] = {
    { .name = "NVIDIA GeForce RTX 4060",
      .device_id = "PCI\\A\\1",
      .instance_id = "\\\\?\\PCI#A#1#{x}\\GPUPARAV",
      .order = 1 },
    { .name = "Radeon RX 6800 XT",
      .device_id = "PCI\\B\\1",
      .instance_id = "\\\\?\\PCI#B#1#{x}\\GPUPARAV",
      .order = 2 },
    { .name = "NVIDIA GeForce RTX 4060",
      .device_id = "PCI\\A\\2",
      .instance_id = "\\\\?\\PCI#A#2#{x}\\GPUPARAV",
      .order = 3 },
    { .name = NULL, .device_id = "PCI\\C\\1", .instance_id = "\\\\?\\PCI#C#1#{x}\\GPUPARAV", .order = 4 },
};

static void test_selectors_resolve(void **state)
{
    (void) state;
    static const struct {
        const char *texts[3];
        bool allow_missing, ok;
        size_t orders[5]; /* expected, 0 ends */
        ErrorCode code;
    } cases[] = {
        { { "nvidia  geforce RTX 4060" }, false, true, { 1, 3 }, ERR_NONE },
        { { "radeon rx 6800 xt", "order:4" }, false, true, { 2, 4 }, ERR_NONE },
        { { "order:3", "NVIDIA GeForce RTX 4060", "order:1" }, false, true, { 3, 1 }, ERR_NONE },
        { { "deviceid:pci\\c\\1" }, false, true, { 4 }, ERR_NONE },
        { { "instanceid:\\\\?\\pci#b#1#{X}\\gpuparav" }, false, true, { 2 }, ERR_NONE },
        { { "all" }, false, true, { 1, 2, 3, 4 }, ERR_NONE },
        { { "order:3", "All" }, false, true, { 3, 1, 2, 4 }, ERR_NONE },
        { { "order:5" }, false, false, { 0 }, ERR_NOT_FOUND },
        { { "RTX 4060" }, false, false, { 0 }, ERR_NOT_FOUND },
        { { "RTX 4060" }, true, true, { 0 }, ERR_NONE },
        { { "RTX 4060", "order:2" }, true, true, { 2 }, ERR_NONE },
        { { "adapterid:Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83\\EDF7D457-23FC-4358-902A-57B31399ED19" },
          true,
          false,
          { 0 },
          ERR_USAGE },
    };
    Gpu gpus[COUNT_OF(sample_gpus)];
    memcpy(gpus, sample_gpus, sizeof(gpus));
    GpuList list = { .items = gpus, .count = COUNT_OF(gpus) };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        SelectorList selectors;
        StringList texts = { 0 };
        for (size_t j = 0; j < COUNT_OF(cases[i].texts) && cases[i].texts[j] != NULL; j++)
            ARRAY_PUSH(&arena, &texts, cases[i].texts[j]);
        assert_true(selectors_parse(&texts, &arena, &selectors, &err));
        const Gpu **found;
        size_t count = 0;
        bool ok = selectors_resolve(&selectors, &list, cases[i].allow_missing, &arena, &found, &count, &err);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(err.code, cases[i].code);
        for (size_t j = 0; j < count; j++)
            assert_int_equal(found[j]->order, cases[i].orders[j]);
        assert_int_equal(cases[i].orders[count], 0);
        arena_release(&arena);
    }
}

static Gpu sriov_gpu(const char *end, PartitionLimit min, PartitionLimit max, PartitionLimit optimal)
{
    static char path[128];
    (void) snprintf(path, sizeof(path), "\\\\?\\PCI#A#1#{x}%s", end);
    Gpu gpu = { .name = "A2", .device_id = "PCI\\A\\1", .instance_id = path, .order = 1 };
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++)
        gpu.quotas[i] = (GpuQuota){ .min = min, .max = max, .optimal = optimal };
    return gpu;
}

#define IS(number) { true, number }
#define NOT { false, 0 }

/* Data-centre GPUs prescribe what a partition gets: where a default lies outside, the GPU's own values. */
static void test_new_limits(void **state)
{
    (void) state;
    static const struct {
        const char *end;
        PartitionLimit min, max, optimal, wanted[PARTITION_LIMITS_PER_KIND]; /* min, max, optimal */
    } cases[] = {
        /* paravirtual: whatever it says */
        { "\\GPUPARAV", IS(24), IS(24), IS(24), { IS(80000000), IS(100000000), IS(100000000) } },
        { "\\gpuparav", NOT, NOT, NOT, { IS(80000000), IS(100000000), IS(100000000) } },
        { "\\PARAV", IS(0), IS(0), IS(0), { IS(80000000), IS(100000000), IS(100000000) } },
        /* all three outside, below or above */
        { "", IS(24), IS(24), IS(24), { IS(24), IS(24), IS(24) } },
        { "", IS(4026531840), IS(8053063680), IS(4026531840), { IS(4026531840), IS(8053063680), IS(4026531840) } },
        /* one outside: the whole kind, so that the three fit together */
        { "", IS(0), IS(90000000), IS(50000000), { IS(0), IS(90000000), IS(50000000) } },
        { "", IS(90000000), IS(200000000), IS(100000000), { IS(90000000), IS(200000000), IS(100000000) } },
        /* at the limits, and inside */
        { "", IS(80000000), IS(100000000), IS(90000000), { IS(80000000), IS(100000000), IS(100000000) } },
        { "", IS(0), IS(UINT64_MAX), IS(UINT64_MAX), { IS(80000000), IS(100000000), IS(100000000) } },
        { "", IS(80000001), IS(100000000), IS(90000000), { IS(80000001), IS(100000000), IS(90000000) } },
        { "", IS(80000000), IS(99999999), IS(90000000), { IS(80000000), IS(99999999), IS(90000000) } },
        /* what the GPU does not tell bounds nothing, and is left to the driver */
        { "", NOT, NOT, NOT, { IS(80000000), IS(100000000), IS(100000000) } },
        { "", NOT, IS(24), NOT, { NOT, IS(24), NOT } },
        { "", IS(200000000), NOT, IS(300000000), { IS(200000000), NOT, IS(300000000) } },
        /* an optimum that contradicts the other two */
        { "", IS(24), IS(24), IS(96), { IS(24), IS(24), NOT } },
        { "", IS(24), IS(48), IS(0), { IS(24), IS(48), NOT } },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err = { .code = ERR_NONE };
        Gpu gpu = sriov_gpu(cases[i].end, cases[i].min, cases[i].max, cases[i].optimal);
        PartitionLimits limits = gpu_new_limits(&gpu);
        assert_true(partition_limits_check(&limits, &err));
        for (size_t j = 0; j < PARTITION_LIMIT_COUNT; j++) {
            assert_int_equal(limits.items[j].is_set, cases[i].wanted[j % PARTITION_LIMITS_PER_KIND].is_set);
            assert_int_equal(limits.items[j].value, cases[i].wanted[j % PARTITION_LIMITS_PER_KIND].value);
        }
    }
}

/* Each kind for itself. */
static void test_new_limits_by_kind(void **state)
{
    (void) state;
    Gpu gpu = sriov_gpu("", (PartitionLimit) IS(0), (PartitionLimit) IS(1000000000), (PartitionLimit) IS(1000000000));
    gpu.quotas[GPU_QUOTA_DECODE] = (GpuQuota){ .min = IS(16), .max = IS(32), .optimal = IS(16) };
    PartitionLimits limits = gpu_new_limits(&gpu);
    assert_int_equal(limits.items[PARTITION_LIMIT_MIN_VRAM].value, 80000000);
    assert_int_equal(limits.items[PARTITION_LIMIT_MAX_ENCODE].value, 100000000);
    assert_int_equal(limits.items[PARTITION_LIMIT_MIN_DECODE].value, 16);
    assert_int_equal(limits.items[PARTITION_LIMIT_MAX_DECODE].value, 32);
    assert_int_equal(limits.items[PARTITION_LIMIT_OPTIMAL_DECODE].value, 16);
    assert_int_equal(limits.items[PARTITION_LIMIT_OPTIMAL_COMPUTE].value, 100000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_selectors_parse),
        cmocka_unit_test(test_selectors_resolve),
        cmocka_unit_test(test_new_limits),
        cmocka_unit_test(test_new_limits_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
