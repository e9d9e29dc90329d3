/* SPDX-License-Identifier: MIT */
/* From the adapters that are there to those that are wanted: which calls are made, and what is there then. On a host of
 * nothing but a list of adapters. */
#include "hyperv/change/assignment.h"

#include "base/compiler.h"
#include "cim/cimxml.h"
#include "cim/path.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define ID_PREFIX "Microsoft:VM\\"
#define CLASS "Msvm_GpuPartitionSettingData"

static Arena arena;

/* ---- adapters as words: GPU 1 with limits "a" is "1a"; "-" stands for none ---- */

static const char *gpu_path(char gpu)
{
    return arena_printf(&arena, "\\\\?\\PCI#GPU_%c#1#{X}\\GPUPARAV", gpu);
}

static GpuPartition adapter_of(const char *word)
{
    GpuPartition adapter = { .pool_id = "", .host_resource = gpu_path(word[0]) };
    if (word[1] != '-')
        adapter.limits.items[PARTITION_LIMIT_MIN_VRAM] =
            (PartitionLimit){ .is_set = true, .value = (uint64_t) word[1] };
    return adapter;
}

static const char *word_of(const GpuPartition *adapter)
{
    const PartitionLimit *limit = &adapter->limits.items[PARTITION_LIMIT_MIN_VRAM];
    const char *gpu = strstr(adapter->host_resource, "GPU_") + strlen("GPU_");
    return arena_printf(&arena, "%c%c", *gpu, limit->is_set ? (char) limit->value : '-');
}

static const char *id_of(char letter)
{
    return arena_printf(&arena, ID_PREFIX "%c", letter);
}

/* ---- the host ---- */

typedef enum Fault {
    NO_FAULT,
    REFUSES,   /* the first call of that method: nothing is done */
    HALF_DONE, /* ... the first half is */
    LOST,      /* all is done, and no answer comes */
    ALWAYS,    /* all calls of that method */
} Fault;

typedef struct FakeHost {
    CimSession session; /* first: it is handed back */
    GpuPartitionList adapters;
    char next_id;
    Fault fault;
    const char *fault_method;
    const char *log;
} FakeHost;

static bool fake_query(CimSession *session, const char *ns, const char *wql, Arena *row_arena, CimInstanceList *list,
                       Error *err)
{
    (void) ns;
    (void) err;
    FakeHost *host = (FakeHost *) session;
    if (strstr(wql, "Msvm_VirtualSystemSettingDataComponent") == NULL)
        return true; /* no jobs */
    host->log = arena_printf(&arena, "%s look", host->log);
    for (size_t i = 0; i < host->adapters.count; i++) {
        const GpuPartition *adapter = &host->adapters.items[i];
        CimInstance *row = cim_instance_copy(partition_limits_instance(adapter->adapter_id, adapter, row_arena),
                                             row_arena);
        cim_instance_set(row, row_arena, "HostResource",
                         cim_text_array(row_arena, CIM_TYPE_STRING, &adapter->host_resource, 1));
        cim_instance_set(row, row_arena, "PoolID", cim_string(""));
        ARRAY_PUSH(row_arena, list, row);
    }
    return true;
}

/* The VM is seen. */
static bool fake_get(CimSession *session, const char *ns, const char *path, Arena *row_arena,
                     CimInstance **ret_instance, Error *err)
{
    (void) session;
    (void) ns;
    (void) path;
    (void) err;
    *ret_instance = cim_instance_create(row_arena, "Msvm_VirtualSystemSettingData");
    return true;
}

static size_t find_adapter(const FakeHost *host, const char *id)
{
    size_t i = 0;
    while (i < host->adapters.count && strcmp(host->adapters.items[i].adapter_id, id) != 0)
        i++;
    assert_true(i < host->adapters.count);
    return i;
}

static void remove_one(FakeHost *host, const char *path)
{
    CimPath parsed;
    Error err;
    assert_true(cim_path_parse(path, &arena, &parsed, &err));
    const char *id = cim_path_key(&parsed, "InstanceID");
    size_t i = find_adapter(host, id);
    host->adapters.count--;
    memmove(&host->adapters.items[i], &host->adapters.items[i + 1],
            (host->adapters.count - i) * sizeof(*host->adapters.items));
    host->log = arena_printf(&arena, "%s%s", host->log, id + strlen(ID_PREFIX));
}

static const char *add_one(FakeHost *host, const CimInstance *settings)
{
    GpuPartition adapter = partition_from_instance(settings, &arena);
    adapter.adapter_id = id_of(host->next_id++);
    ARRAY_PUSH(&arena, &host->adapters, adapter);
    host->log = arena_printf(&arena, "%s%c", host->log, *word_of(&adapter));
    return partition_path(adapter.adapter_id, &arena);
}

static void modify_one(FakeHost *host, const CimInstance *settings)
{
    GpuPartition written = partition_from_instance(settings, &arena);
    GpuPartition *adapter = &host->adapters.items[find_adapter(host, written.adapter_id)];
    adapter->limits = written.limits;
    host->log = arena_printf(&arena, "%s%s", host->log, written.adapter_id + strlen(ID_PREFIX));
}

static bool fake_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                        const CimInstance *in, Arena *out_arena, CimInstance **ret_out, Error *err)
{
    (void) ns;
    (void) path;
    FakeHost *host = (FakeHost *) session;
    StringList items, made = { 0 };
    cim_instance_texts(in, "ResourceSettings", &arena, &items);
    bool is_hit = host->fault != NO_FAULT && strncmp(method, host->fault_method, strlen(host->fault_method)) == 0;
    Fault fault = is_hit ? host->fault : NO_FAULT;
    if (fault != ALWAYS && is_hit)
        host->fault = NO_FAULT;
    size_t done = fault == REFUSES || fault == ALWAYS ? 0 : fault == HALF_DONE ? items.count / 2 : items.count;
    host->log = arena_printf(&arena, "%s %.3s:", host->log, method);
    for (size_t i = 0; i < done; i++) {
        CimInstance *settings = NULL;
        if (strncmp(method, "Rem", 3) != 0)
            assert_true(cimxml_read(items.items[i], &arena, &settings, err));
        if (strncmp(method, "Rem", 3) == 0)
            remove_one(host, items.items[i]);
        else if (strncmp(method, "Add", 3) == 0)
            ARRAY_PUSH(&arena, &made, add_one(host, settings));
        else
            modify_one(host, settings);
    }
    if (fault == LOST)
        return error_set(err, ERR_UNKNOWN_OUTCOME, "lost");
    CimInstance *out = cim_instance_create(out_arena, "__PARAMETERS");
    cim_instance_set(out, out_arena, "ReturnValue", cim_uint(CIM_TYPE_UINT32, done < items.count ? 32768 : 0));
    cim_instance_set(out, out_arena, "ResultingResourceSettings",
                     cim_text_array(out_arena, CIM_TYPE_REFERENCE, made.items, made.count));
    *ret_out = out;
    return true;
}

static void fake_close(CimSession *session)
{
    (void) session;
}

static const CimSessionOps fake_ops = {
    .name = "fake", .query = fake_query, .get = fake_get, .invoke = fake_invoke, .close = fake_close
};

/* ---- rows ---- */

typedef struct Row {
    const char *have; /* words; their IDs are A, B, ... */
    /* ... with a sign: "=A1a" was there all the time, "<A1a" comes back, "+1a" is new, "!A1a" cannot come back. */
    const char *want;
    const char *remove;  /* IDs */
    const char *undo;    /* words */
    const char *foreign; /* IDs */
    Fault fault;
    const char *fault_method;
    const char *calls; /* NULL: it fails */
    const char *found; /* IDs and words, in the host's order */
} Row;

static const Row rows[] = {
    /* Nothing to do is asked of nobody. */
    { "", "", "", "", "", NO_FAULT, NULL, "", "" },
    { "1a 2b", "=A1a =B2b", "", "", "", NO_FAULT, NULL, "", "A1a B2b" },
    { "1a", "=A1x", "", "", "", NO_FAULT, NULL, "", "A1a" }, /* as it is, its limits too */
    { "1a 2b", "=B2b", "", "", "", NO_FAULT, NULL, "", "A1a B2b" }, /* somebody else's stays */

    /* One call for all that comes off, one for all that goes on, one for the limits, and a look at the end. */
    { "1a 2b", "", "AB", "", "", NO_FAULT, NULL, "Rem:AB look", "" },
    { "1a 2b 1c", "=B2b", "AC", "", "", NO_FAULT, NULL, "Rem:AC look", "B2b" },
    { "", "+1a +2-", "", "", "", NO_FAULT, NULL, "Add:12 Mod:A look", "A1a B2-" },
    { "", "+1- +2-", "", "", "", NO_FAULT, NULL, "Add:12 look", "A1- B2-" },
    { "", "<A1a <B2b", "", "", "", NO_FAULT, NULL, "Add:12 Mod:AB look", "A1a B2b" },
    { "1a", "<A2b", "A", "", "", NO_FAULT, NULL, "Rem:A Add:2 Mod:B look", "B2b" },

    /* What is there already is not put on again: by its ID, by its GPU, with its limits or without them. */
    { "1a", "<X1a", "", "", "", NO_FAULT, NULL, "", "A1a" },
    { "1-", "<X1a", "", "", "", NO_FAULT, NULL, "Mod:A look", "A1a" },
    { "1b", "<X1a", "", "", "", NO_FAULT, NULL, "Mod:A look", "A1a" },
    { "1a", "<X1-", "", "", "", NO_FAULT, NULL, "Add:1 look", "A1a B1-" }, /* null cannot be written */
    { "1b 1a", "<X1a", "", "", "", NO_FAULT, NULL, "", "A1b B1a" },
    { "1a 1a", "<X1a <Y1a <Z1a", "", "", "", NO_FAULT, NULL, "Add:1 Mod:C look", "A1a B1a C1a" },
    { "1a", "<X1a", "A", "", "", NO_FAULT, NULL, "Rem:A Add:1 Mod:B look", "B1a" },
    { "1a", "<X1a", "", "", "A", NO_FAULT, NULL, "Add:1 Mod:B look", "A1a B1a" }, /* somebody else's */
    { "", "!X9a +1-", "", "", "", NO_FAULT, NULL, "Add:1 look", "A1-" },

    /* Undoing finds what was added by its GPU, and leaves what is somebody else's. */
    { "1a 2b", "=A1a", "", "2b", "", NO_FAULT, NULL, "Rem:B look", "A1a" },
    { "1a 1a", "=A1a", "", "1a", "", NO_FAULT, NULL, "Rem:B look", "A1a" },
    { "1a 2b", "=A1a", "", "2b", "B", NO_FAULT, NULL, "", "A1a B2b" },
    { "1a 2b 2b", "=A1a", "", "2b", "", NO_FAULT, NULL, "Rem:B look", "A1a C2b" }, /* one was added, not two */
    { "1a 2b 2b", "=A1a", "", "2b", "", REFUSES, "Rem", "Rem: look Rem:B look", "A1a C2b" },
    { "1a 2b 2b 2b", "=A1a", "", "2b 2b", "", HALF_DONE, "Rem", "Rem:B look Rem:C look", "A1a D2b" },

    /* A call that failed: a look, and then one by one: off from the last one, on from the first. */
    { "1a 2b", "", "AB", "", "", REFUSES, "Rem", "Rem: look Rem:B Rem:A look", "" },
    { "1a 2b", "", "AB", "", "", HALF_DONE, "Rem", "Rem:A look Rem:B look", "" },
    { "", "+1- +2-", "", "", "", REFUSES, "Add", "Add: look Add:1 Add:2 look", "A1- B2-" },
    { "", "+1- +2-", "", "", "", HALF_DONE, "Add", "Add:1 look Add:2 look", "A1- B2-" },
    { "", "+1a +2b", "", "", "", HALF_DONE, "Mod", "Add:12 Mod:A look Mod:B look", "A1a B2b" },

    /* An answer that was lost: looked at, never sent again. */
    { "1a 2b", "", "AB", "", "", LOST, "Rem", "Rem:AB look", "" },
    { "", "+1- +2-", "", "", "", LOST, "Add", "Add:12 look", "A1- B2-" },
    { "", "+1a", "", "", "", LOST, "Mod", "Add:1 Mod:A look", "A1a" },

    /* What the host always refuses is given up when one by one has not helped. */
    { "1a", "", "A", "", "", ALWAYS, "Rem", NULL, "A1a" },
    { "", "+1-", "", "", "", ALWAYS, "Add", NULL, "" },
    { "2b", "=A2b +1a", "", "", "", ALWAYS, "Mod", NULL, "A2b B1-" },
};

static GpuPartitionList wanted_of(const char *text)
{
    GpuPartitionList list = { 0 };
    for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
        bool has_id = *word != '+';
        GpuPartition adapter = adapter_of(word + 1 + has_id);
        if (has_id && *word != '<')
            adapter.adapter_id = id_of(word[1]);
        if (*word == '<' || *word == '!')
            adapter.previous_id = id_of(word[1]);
        if (*word == '!')
            adapter.adapter_id = NULL;
        adapter.is_gone = *word == '!';
        adapter.is_new = *word == '+';
        ARRAY_PUSH(&arena, &list, adapter);
        word += strcspn(word, " ");
    }
    return list;
}

static GpuPartitionList adapters_of(const char *text, char *next_id)
{
    GpuPartitionList list = { 0 };
    for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
        GpuPartition adapter = adapter_of(word);
        if (next_id != NULL)
            adapter.adapter_id = id_of((*next_id)++);
        ARRAY_PUSH(&arena, &list, adapter);
        word += strcspn(word, " ");
    }
    return list;
}

static const char *found_on(const FakeHost *host)
{
    const char *text = "";
    for (size_t i = 0; i < host->adapters.count; i++)
        text = arena_printf(&arena, "%s%s%s%s", text, i > 0 ? " " : "",
                            host->adapters.items[i].adapter_id + strlen(ID_PREFIX), word_of(&host->adapters.items[i]));
    return text;
}

static void differences_are_done(void **state)
{
    (void) state;
    static const Vm vm = { .guid = "VM",
                           .name = "vm",
                           .settings_path = "Msvm_VirtualSystemSettingData.InstanceID=\"S\"",
                           .system_path = "Msvm_ComputerSystem.Name=\"VM\"" };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Row *row = &rows[i];
        TestClock clock;
        test_clock_init(&clock);
        FakeHost fake = { .next_id = 'A', .fault = row->fault, .fault_method = row->fault_method, .log = "" };
        cim_session_init(&fake.session, &fake_ops, "fake", &clock.clock);
        HyperVHost host = { .session = &fake.session, .report = report_silent() };
        fake.adapters = adapters_of(row->have, &fake.next_id);
        GpuPartitionList current = adapters_of(row->have, &(char){ 'A' }), want = wanted_of(row->want);
        GpuPartitionList remove = { 0 }, undo = adapters_of(row->undo, NULL);
        for (const char *id = row->remove; *id != '\0'; id++)
            ARRAY_PUSH(&arena, &remove, current.items[*id - 'A']);
        StringList foreign = { 0 };
        for (const char *id = row->foreign; *id != '\0'; id++)
            ARRAY_PUSH(&arena, &foreign, id_of(*id));
        Assignment assignment = {
            .want = &want, .remove = &remove, .undo = &undo, .foreign = &foreign, .verify = true
        };
        bool refused;
        Error err = { .code = ERR_NONE };
        bool ok = assignment_reach(&host, &vm, "service", &assignment, &current, &arena, &refused, &err);
        const char *calls = *fake.log == ' ' ? fake.log + 1 : fake.log;
        if (ok != (row->calls != NULL) || (ok && strcmp(calls, row->calls) != 0) || refused == ok ||
            strcmp(found_on(&fake), row->found) != 0)
            fail_msg("row %zu: %s'%s', and then '%s'%s", i, ok ? "" : "fails: ", calls, found_on(&fake),
                     refused ? ", refused" : "");
        for (size_t j = 0; ok && j < want.count; j++)
            assert_true(want.items[j].is_gone || partition_find(&fake.adapters, want.items[j].adapter_id) != NULL);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(differences_are_done) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
