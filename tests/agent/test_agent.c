/* SPDX-License-Identifier: MIT */
/* What a guest's service makes of requests, good and hostile ones, and of everything that can happen in between. */
#include "agent/played_guest.h"

#include "agent/memory.h"
#include "agent/switches.h"
#include "base/limits.h"
#include "drivers/install/swap.h"
#include "drivers/package/layout.h"
#include "exchange/names.h"
#include "platform/files.h"
#include "platform/thread.h"
#include "support/guest_windows.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, played_guest_set_up, played_guest_tear_down)
#define LIBRARY "Windows/System32/nvapi64.dll"
#define COPY "ProgramData/" AGENT_FOLDER "/incoming.zip"
#define MEMORY "ProgramData/" AGENT_FOLDER "/requests.json"

static void assert_text(PlayedGuest *guest, const char *path, const char *text)
{
    const char *found = text_of(guest, path);
    if (text == NULL)
        assert_null(found);
    else
        assert_string_equal(found, text);
}

/* Nothing of a request is left. */
static void assert_clean(PlayedGuest *guest, unsigned number)
{
    assert_text(guest, COPY, NULL);
    assert_false(fs_exists(inbox_file(guest, number)));
    assert_text(guest, "ProgramData/" EXCHANGE_INBOX "/readme.txt", "somebody's");
}

static void assert_status(const ExchangeStatus *status, ExchangePhase phase, ExchangeReason reason)
{
    assert_string_equal(exchange_phases[status->phase], exchange_phases[phase]);
    assert_string_equal(exchange_reasons[status->reason], exchange_reasons[reason]);
}

static void assert_answer(PlayedGuest *guest, unsigned number, ExchangePhase phase, ExchangeReason reason)
{
    ExchangeStatus status = answer_of(guest);
    assert_string_equal(status.id, id_of(guest, number));
    assert_status(&status, phase, reason);
    assert_clean(guest, number);
}

/* ---- it goes well ---- */

static void test_report(void **state)
{
    PlayedGuest *guest = *state;
    AgentSwitches none = { .update = false };
    Error err;
    assert_true(start_agent(guest));
    AgentReport report = report_of(guest);
    assert_string_equal(report.program, HYPERPOINT_VERSION);
    assert_int_equal(report.update, 1);
    assert_int_equal(report.restart, 0);
    assert_string_equal(report.windows, "22631.0");
    assert_int_equal(report.problem, 0);
    assert_int_equal(report.packages, 0);
    assert_true(agent_switches_write(guest->registry, &none, &err));
    guest->gpus = NULL;
    assert_true(step(guest));
    report = report_of(guest);
    assert_int_equal(report.update, 0);
    assert_int_equal(report.problem, EXCHANGE_GPU_UNKNOWN);
    assert_true(agent_registry_clear(guest->registry, &err));
    assert_null(guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST, EXCHANGE_AGENT, &guest->arena));
}

static void test_install(void **state)
{
    PlayedGuest *guest = *state;
    ExchangePackage package;
    Error err;
    char hash[HASH_TEXT_LENGTH + 1];
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "one");
    assert_int_equal(report_of(guest).packages, 1);
    const char *text = guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST,
                                           exchange_package_item(1, &guest->arena), &guest->arena);
    const char *manifest = text_of(guest, manifest_path("INTEL_1", &guest->arena));
    assert_true(exchange_package_read(text, &package, &err));
    assert_true(hash_of(manifest, strlen(manifest), hash, &err));
    assert_string_equal(package.sha256, hash);
    assert_string_equal(package.driver, "31.0.1.1");
    assert_int_equal(package.files, 3);

    bring_and_ask(guest, 2, &package_two);
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "two");
    assert_int_equal(report_of(guest).packages, 1);

    /* The same package once more: nothing to do is done, too. */
    bring_and_ask(guest, 3, &package_two);
    assert_answer(guest, 3, EXCHANGE_DONE, EXCHANGE_NONE);
}

/* An answer stands while the request does, also for a service that begins anew, and nothing is done twice. */
static void test_answer_stands(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    const char *memory = text_of(guest, MEMORY);
    (void) bring(guest, 1, &package_two);
    assert_true(start_agent(guest));
    for (int i = 0; i < 3; i++)
        assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "one");
    assert_text(guest, MEMORY, memory);
}

/* ---- who asks for what ---- */

static void test_refusals(void **state)
{
    PlayedGuest *guest = *state;
    Error err;
    static const AgentSwitches no = { .restart = true }, yes = { .update = true };
    static const RegistryValue gone = { .state = REGISTRY_NO_VALUE };
    assert_true(start_agent(guest));

    ExchangeRequest request = bring(guest, 1, &package_one);
    memcpy(request.vm, "00000000-1ca1-4804-9305-71f4a38bdd83", sizeof(request.vm));
    ask(guest, &request);
    assert_answer(guest, 1, EXCHANGE_REFUSED, EXCHANGE_OTHER_VM);

    request = bring(guest, 2, &package_one);
    assert_true(agent_switches_write(guest->registry, &no, &err));
    ask(guest, &request);
    assert_answer(guest, 2, EXCHANGE_REFUSED, EXCHANGE_NOT_ALLOWED);
    /* What was refused is not done when it is allowed later. */
    assert_true(agent_switches_write(guest->registry, &yes, &err));
    assert_answer(guest, 2, EXCHANGE_REFUSED, EXCHANGE_NOT_ALLOWED);
    assert_true(start_agent(guest));
    assert_answer(guest, 2, EXCHANGE_REFUSED, EXCHANGE_NOT_ALLOWED);

    /* A guest that does not know who it is. */
    request = bring(guest, 3, &package_one);
    assert_true(guest->registry->write(guest->registry, EXCHANGE_KEY_FACTS, EXCHANGE_FACT_VM_ID, &gone, &err));
    ask(guest, &request);
    assert_answer(guest, 3, EXCHANGE_REFUSED, EXCHANGE_OTHER_VM);
    assert_text(guest, LIBRARY, "MZ original");
}

/* Nothing is answered, nothing is done, and it is told once. */
static void test_garbage(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    ExchangeRequest request = bring(guest, 1, &package_one);
    const char *good = exchange_request_write(&request, &guest->arena);
    const char *texts[] = { "", "install", arena_printf(&guest->arena, "%s;", good),
                            arena_printf(&guest->arena, "%s%01000d", good, 0), good + 10 };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        guest->said = "";
        ask_text(guest, texts[i]);
        for (int j = 0; j < 3; j++)
            assert_true(step(guest));
        assert_null(guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST, EXCHANGE_STATUS, &guest->arena));
        const char *first = strchr(guest->said, '\n');
        assert_non_null(first);
        assert_string_equal(first, "\n");
    }
    assert_text(guest, LIBRARY, "MZ original");
    assert_true(fs_exists(inbox_file(guest, 1)));

    /* Not a text, and two texts. */
    Error err;
    StringList two = { 0 };
    ARRAY_PUSH(&guest->arena, &two, good);
    ARRAY_PUSH(&guest->arena, &two, good);
    RegistryValue values[] = { registry_dword_value(1, &guest->arena), registry_texts_value(&two, &guest->arena),
                               registry_texts_value(&two, &guest->arena) };
    values[2].type = REGISTRY_TYPE_TEXT;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_true(
            guest->registry->write(guest->registry, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, &values[i], &err));
        assert_true(step(guest));
        assert_null(guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST, EXCHANGE_STATUS, &guest->arena));
    }
}

/* Requests that come back, as with a checkpoint that is applied. */
static void test_replays(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    ExchangeRequest first = bring(guest, 1, &package_one), second = bring(guest, 2, &package_two);
    ask(guest, &first);
    (void) bring(guest, 1, &package_one);
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    second = bring(guest, 2, &package_two);
    ask(guest, &second);
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
    for (int i = 0; i < 2; i++) {
        take_back(guest);
        assert_true(step(guest));
        (void) bring(guest, 2, &package_two);
        ask(guest, &second);
        assert_answer(guest, 2, EXCHANGE_REFUSED, EXCHANGE_REPEATED);
        (void) bring(guest, 1, &package_one);
        ask(guest, &first);
        assert_answer(guest, 1, EXCHANGE_REFUSED, EXCHANGE_OLDER);
        assert_text(guest, LIBRARY, "two");
        assert_true(start_agent(guest));
    }
}

static void write_memory(PlayedGuest *guest, const AgentMemory *memory)
{
    Tree *tree;
    Error err;
    assert_true(tree_open(guest->root, &tree, &err));
    assert_true(agent_memory_write(tree, MEMORY, memory, &err));
    tree_close(tree);
}

/* Killed in the middle of the first installation, and the host takes its request back before a service begins anew. */
static void test_killed_and_taken_back(void **state)
{
    PlayedGuest *guest = *state;
    AgentMemory memory = { .attempts = 1 };
    assert_true(start_agent(guest));
    memcpy(memory.pending, id_of(guest, 1), sizeof(memory.pending));
    memset(memory.manifest, 'a', HASH_TEXT_LENGTH);
    write_memory(guest, &memory);
    for (int i = 0; i < 3; i++) {
        assert_true(start_agent(guest));
        assert_true(step(guest));
    }
    bring_and_ask(guest, 2, &package_one);
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
}

/* As many ids as are remembered, and one more. */
static void test_memory_limit(void **state)
{
    PlayedGuest *guest = *state;
    AgentMemory memory = { .is_gone = true };
    Tree *tree;
    Error err;
    assert_true(start_agent(guest));
    for (unsigned i = 0; i < LIMIT_ANSWERED_REQUESTS; i++)
        ARRAY_PUSH(&guest->arena, &memory.ids, id_of(guest, i));
    write_memory(guest, &memory);

    bring_and_ask(guest, LIMIT_ANSWERED_REQUESTS, &package_one);
    assert_answer(guest, LIMIT_ANSWERED_REQUESTS, EXCHANGE_DONE, EXCHANGE_NONE);
    const char *text = text_of(guest, MEMORY);
    assert_null(strstr(text, id_of(guest, 0)));
    assert_non_null(strstr(text, id_of(guest, 1)));
    bring_and_ask(guest, 1, &package_two);
    assert_answer(guest, 1, EXCHANGE_REFUSED, EXCHANGE_OLDER);

    /* A file that names more is none of this program's. */
    ARRAY_PUSH(&guest->arena, &memory.ids, id_of(guest, 1));
    assert_true(tree_open(guest->root, &tree, &err));
    assert_true(agent_memory_write(tree, MEMORY, &memory, &err));
    assert_false(agent_memory_read(tree, MEMORY, &guest->arena, &memory, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    tree_close(tree);
}

/* Whoever has spoilt the memory: nothing is done that may have been done. */
static void test_spoilt_memory(void **state)
{
    PlayedGuest *guest = *state;
    static const char *const texts[] = { "", "{}", "[", "{\"format\": \"hyperpoint-journal/9\"}" };
    for (unsigned i = 0; i < COUNT_OF(texts); i++) {
        test_file_put(guest->root, MEMORY, texts[i]);
        assert_true(start_agent(guest));
        bring_and_ask(guest, i, &package_one);
        ExchangeStatus status = answer_of(guest);
        assert_status(&status, EXCHANGE_FAILED, EXCHANGE_INTERNAL);
        assert_text(guest, LIBRARY, "MZ original");
    }
}

/* ---- the file ---- */

static void test_late_file(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    ExchangeRequest request = bring(guest, 1, &package_one);
    const char *file = inbox_file(guest, 1), *kept = fs_join(&guest->arena, guest->folder, "kept.zip");
    Error err;
    char *data;
    size_t size;
    assert_true(fs_read_file(file, 1 << 20, &guest->arena, &data, &size, &err));
    assert_true(file_move(file, kept, &err));
    ask(guest, &request);
    for (int i = 0; i < 100; i++) {
        assert_true(step(guest));
        ExchangeStatus status = status_of(guest);
        assert_status(&status, EXCHANGE_TAKING, EXCHANGE_NONE);
    }
    /* A half of it, in the last moment; then time begins anew. */
    assert_true(fs_replace_file(file, data, size / 2, FS_SHARED, &err));
    for (int i = 0; i < 100; i++)
        assert_true(step(guest));
    assert_in_range(status_of(guest).percent, 40, 50);
    assert_true(start_agent(guest));
    assert_true(step(guest));
    assert_true(file_remove(file, &err));
    assert_true(file_move(kept, file, &err));
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "one");
}

/* What is in the inbox, and what is answered. */
typedef struct BadFile {
    const char *name;
    void (*spoil)(PlayedGuest *guest, const char *file, ExchangeRequest *request);
    ExchangeReason reason;
    bool stays; /* what is there need not go */
} BadFile;

static void no_file(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    (void) guest;
    (void) request;
    assert_true(file_remove(file, &err));
}

static void shorter(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    (void) guest;
    (void) file;
    request->size++;
}

static void longer(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    (void) guest;
    (void) file;
    request->size--;
}

static void empty(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    (void) guest;
    write_text(file, "");
    request->size = 0;
}

static void other_content(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    (void) guest;
    (void) file;
    request->sha256[0] = request->sha256[0] == '0' ? '1' : '0';
}

static void a_folder(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    no_file(guest, file, request);
    assert_true(file_make_folder(file, &err));
}

static void a_link(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    const char *target = fs_join(&guest->arena, guest->folder, "outside.zip");
    (void) request;
    assert_true(file_move(file, target, &err));
    if (!system_make_link(target, file))
        skip();
}

static void a_linked_inbox(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    const char *inbox = fs_join(&guest->arena, guest->data, EXCHANGE_INBOX);
    const char *outside = fs_join(&guest->arena, guest->folder, "outside");
    (void) request;
    (void) file;
    assert_true(file_move(inbox, outside, &err));
    if (!system_make_link(outside, inbox))
        skip();
}

static void no_zip(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    static const char text[] = "PK\x03\x04 and nothing else";
    Error err;
    (void) guest;
    write_text(file, text);
    request->size = strlen(text);
    assert_true(hash_of(text, strlen(text), request->sha256, &err));
}

static void cut_zip(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    char *data;
    size_t size;
    assert_true(fs_read_file(file, 1 << 20, &guest->arena, &data, &size, &err));
    size -= 10;
    assert_true(fs_replace_file(file, data, size, FS_SHARED, &err));
    request->size = size;
    assert_true(hash_of(data, size, request->sha256, &err));
}

/* One byte of the data of each file in the zip; the hash is right. */
static void altered_zip(PlayedGuest *guest, const char *file, ExchangeRequest *request)
{
    Error err;
    char *data;
    size_t size;
    assert_true(fs_read_file(file, 1 << 20, &guest->arena, &data, &size, &err));
    data[size / 3] ^= 1;
    assert_true(fs_replace_file(file, data, size, FS_SHARED, &err));
    assert_true(hash_of(data, size, request->sha256, &err));
}

static const BadFile bad_files[] = {
    { "no file", no_file, EXCHANGE_MISSING, false },
    { "shorter", shorter, EXCHANGE_SHORT, false },
    { "longer", longer, EXCHANGE_SHORT, false },
    { "empty", empty, EXCHANGE_HASH, false },
    { "other content", other_content, EXCHANGE_HASH, false },
    { "a folder", a_folder, EXCHANGE_MISSING, true },
    { "a link", a_link, EXCHANGE_MISSING, false },
    { "a linked inbox", a_linked_inbox, EXCHANGE_MISSING, true },
    { "no zip", no_zip, EXCHANGE_PACKAGE, false },
    { "a zip cut short", cut_zip, EXCHANGE_PACKAGE, false },
    { "an altered zip", altered_zip, EXCHANGE_PACKAGE, false },
};

static void test_bad_file(void **state)
{
    Arena arena = ARENA_INIT;
    const BadFile *bad = *state;
    PlayedGuest *guest = played_guest_open(system_make_folder(&arena), false);
    assert_true(start_agent(guest));
    ExchangeRequest request = bring(guest, 1, &package_one);
    bad->spoil(guest, inbox_file(guest, 1), &request);
    ask(guest, &request);
    ExchangeStatus status = answer_of(guest);
    assert_status(&status, EXCHANGE_FAILED, bad->reason);
    assert_text(guest, LIBRARY, "MZ original");
    assert_false(fs_exists(fs_join(&arena, guest->root, "Windows/System32/HostDriverStore")));
    assert_text(guest, COPY, NULL);
    if (!bad->stays)
        assert_false(fs_exists(inbox_file(guest, 1)));
    if (bad->spoil == a_link)
        assert_true(fs_exists(fs_join(&arena, guest->folder, "outside.zip")));
    if (bad->spoil == a_linked_inbox)
        assert_true(fs_exists(fs_join(&arena, guest->folder, "outside/readme.txt")));
    played_guest_remove(guest);
    arena_release(&arena);
}

/* Files of requests that nobody answered go with the next one; other files stay. */
static void test_sweep(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    (void) bring(guest, 1, &package_one);
    ExchangeRequest withdrawn = bring(guest, 2, &package_one);
    write_text(fs_join(&guest->arena, guest->data, EXCHANGE_INBOX "/0123456789abcdef0123456789abcdeX.zip"), "x");
    withdrawn.size++;
    ask(guest, &withdrawn);
    assert_true(step(guest));
    assert_false(fs_exists(inbox_file(guest, 1)));
    take_back(guest);
    assert_true(step(guest));
    assert_clean(guest, 2);
    assert_true(fs_exists(fs_join(&guest->arena, guest->data, EXCHANGE_INBOX "/0123456789abcdef0123456789abcdeX.zip")));
    assert_text(guest, LIBRARY, "MZ original");
}

/* Somebody exchanges the file all the time: it is taken as it was asked for, or not at all. */
typedef struct Racer {
    const char *file, *good, *bad;
    Cancel stop;
} Racer;

static void race(void *context)
{
    Racer *racer = context;
    for (unsigned i = 0; !cancel_is_requested(&racer->stop); i++) {
        Arena arena = ARENA_INIT;
        Error ignored;
        char *data;
        size_t size;
        if (fs_read_file(i % 2 == 0 ? racer->bad : racer->good, 1 << 20, &arena, &data, &size, &ignored))
            (void) !fs_replace_file(racer->file, data, size, FS_SHARED, &ignored);
        if (i % 5 == 0)
            (void) !file_remove(racer->file, &ignored);
        arena_release(&arena);
    }
}

static void test_race(void **state)
{
    enum { ROUNDS = 60 };
    PlayedGuest *guest = *state;
    Racer racer = { .good = fs_join(&guest->arena, guest->folder, "good.zip"),
                    .bad = fs_join(&guest->arena, guest->folder, "bad.zip") };
    /* Of the same length, and just as good a package: only the hash tells. */
    TestPackage evil = package_two;
    static const TestFile files[] = { { TEST_STORE "nv.inf_amd64_2/a.dll", "two" },
                                      { LIBRARY, "bad" },
                                      { NULL, NULL } };
    evil.files = files;
    guest->files.folder = NULL; /* the racer's steps are not the service's */
    test_package_zip(&package_two, racer.good);
    test_package_zip(&evil, racer.bad);
    assert_true(start_agent(guest));
    for (unsigned i = 0; i < ROUNDS; i++) {
        Error err;
        Thread *thread;
        ExchangeRequest request = bring(guest, i, &package_two);
        racer.file = inbox_file(guest, i);
        cancel_reset(&racer.stop);
        assert_true(thread_start(race, &racer, &thread, &err));
        ask(guest, &request);
        ExchangeStatus status = answer_of(guest);
        cancel_request(&racer.stop);
        thread_join(thread);
        assert_string_equal(status.id, request.id);
        assert_string_not_equal(text_of(guest, LIBRARY), "bad");
        if (status.phase != EXCHANGE_DONE)
            assert_true(status.reason == EXCHANGE_HASH || status.reason == EXCHANGE_MISSING ||
                        status.reason == EXCHANGE_SHORT);
        assert_text(guest, COPY, NULL);
    }
}

/* ---- GPUs, and files in use ---- */

static void test_devices(void **state)
{
    PlayedGuest *guest = *state;
    guest->gpus = "sim:?outdated-guest"; /* code 43, and no restart helps */
    assert_true(start_agent(guest));
    assert_int_equal(report_of(guest).problem, 43);
    bring_and_ask(guest, 1, &package_one);
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_RESTART);
    assert_int_equal(status_of(guest).result, 43);
    assert_true(guest->restarts > 0);
    /* After a start of Windows it is looked at anew, and what is found then is the end of it. */
    assert_true(start_agent(guest));
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_PROBLEM);
    guest->gpus = NULL;
    bring_and_ask(guest, 2, &package_two);
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_int_equal(report_of(guest).problem, EXCHANGE_GPU_UNKNOWN);
}

static void test_restart_helps(void **state)
{
    PlayedGuest *guest = *state;
    guest->gpus = "sim:?outdated-guest";
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_RESTART);
    guest->gpus = "sim:?guest";
    assert_true(start_agent(guest));
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_int_equal(report_of(guest).problem, 0);
}

static void install_in_use(PlayedGuest *guest)
{
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    guest->files.busy = fs_join(&guest->arena, "System32", "nvapi64.dll");
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_IN_USE);
    guest->files.busy = NULL;
    assert_text(guest, LIBRARY, "MZ original");
}

static void wait_for_start(PlayedGuest *guest)
{
    install_in_use(guest);
    /* Until then nothing else is begun, and a service that begins anew lets it wait. */
    bring_and_ask(guest, 2, &package_two);
    assert_answer(guest, 2, EXCHANGE_FAILED, EXCHANGE_RESTART);
}

/* What another request was told meanwhile changes nothing of it: the start of Windows ends it. */
static void test_in_use_and_another(void **state)
{
    PlayedGuest *guest = *state;
    wait_for_start(guest);
    guest_start(guest->registry, NULL);
    assert_true(start_agent(guest));
    assert_text(guest, LIBRARY, "one");
    assert_text(guest, INSTALL_JOURNAL, NULL);
    assert_answer(guest, 2, EXCHANGE_FAILED, EXCHANGE_NONE); /* it can be asked for again */
    bring_and_ask(guest, 3, &package_two);
    assert_answer(guest, 3, EXCHANGE_DONE, EXCHANGE_NONE);
}

/* The same package again, since the host that brought it is not the one that was told: it still waits. */
static void test_in_use_and_the_same(void **state)
{
    PlayedGuest *guest = *state;
    install_in_use(guest);
    take_back(guest);
    assert_true(step(guest));
    bring_and_ask(guest, 2, &package_one);
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_IN_USE);
    guest_start(guest->registry, NULL);
    assert_true(start_agent(guest));
    assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "one");
}

/* A service that ends when it has seen the next request does not answer that with what waits. */
static void test_in_use_and_killed(void **state)
{
    PlayedGuest *guest = *state;
    install_in_use(guest);
    ExchangeRequest request = bring(guest, 2, &package_two);
    assert_int_equal(remove(inbox_file(guest, 2)), 0);
    ask(guest, &request);
    assert_true(step(guest)); /* it waits for the file */
    assert_true(start_agent(guest));
    (void) bring(guest, 2, &package_two);
    assert_answer(guest, 2, EXCHANGE_FAILED, EXCHANGE_RESTART);
}

static void test_in_use(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    guest->files.busy = fs_join(&guest->arena, "System32", "nvapi64.dll");
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_IN_USE);
    guest->files.busy = NULL;
    assert_text(guest, LIBRARY, "MZ original");
    assert_true(start_agent(guest));
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_IN_USE);
    guest_start(guest->registry, NULL);
    assert_true(start_agent(guest));
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "one");
    assert_int_equal(report_of(guest).packages, 1);
}

/* Windows could not make all moves: everything is put back, and the host hears of it. */
static void test_in_use_put_back(void **state)
{
    PlayedGuest *guest = *state;
    wait_for_start(guest);
    guest_start(guest->registry, "nvapi64.dll");
    assert_true(start_agent(guest));
    assert_text(guest, LIBRARY, "MZ original");
    bring_and_ask(guest, 3, &package_two);
    assert_answer(guest, 3, EXCHANGE_DONE, EXCHANGE_NONE);
    assert_text(guest, LIBRARY, "two");
}

/* ---- ends in between ---- */

static void test_interrupted(void **state)
{
    PlayedGuest *guest = *state;
    assert_true(start_agent(guest));
    bring_and_ask(guest, 1, &package_one);
    for (int i = 0; i < 5; i++) { /* that it was asked to stop counts for nothing, however often */
        cancel_request(&guest->cancel);
        (void) step(guest);
        ExchangeStatus status = status_of(guest);
        assert_int_equal(status.reason, EXCHANGE_INTERRUPTED);
        assert_false(exchange_phase_is_last(status.phase));
        cancel_reset(&guest->cancel);
        assert_true(start_agent(guest));
    }
    assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
}

/* "AT FOLDER": a service that is killed before that step. */
static int play_killed(const char *argument)
{
    char *rest;
    FileScript script = { .fault = FILE_FAULT_KILL, .at = strtoul(argument, &rest, 10) };
    PlayedGuest *guest = played_guest_open(rest + 1, true);
    script.folder = guest->root;
    guest->files = script;
    if (start_agent(guest))
        (void) answer_of(guest);
    played_guest_close(guest);
    return 0;
}

static const ChildRole roles[] = { { "killed", play_killed }, { NULL, NULL } };

static bool kill_at(PlayedGuest *guest, size_t at)
{
    const char *argument = arena_printf(&guest->arena, "%zu %s", at, guest->folder);
    return child_wait(child_start(&roles[0], argument)) != 0;
}

/* Before each step on a file or in the registry in turn: the next service goes on, and answers. */
static void test_killed(void **state)
{
    bool killed = true;
    (void) state;
    for (size_t at = 1; killed; at += STRIDE) {
        Arena arena = ARENA_INIT;
        PlayedGuest *guest = played_guest_open(system_make_folder(&arena), false);
        bring_and_ask(guest, 1, &package_one);
        killed = kill_at(guest, at);
        assert_true(killed || at > 60);
        assert_true(start_agent(guest));
        assert_answer(guest, 1, EXCHANGE_DONE, EXCHANGE_NONE);
        assert_text(guest, LIBRARY, "one");
        played_guest_remove(guest);
        arena_release(&arena);
    }
}

/* A package that ends the service each time it is begun is given up. */
static void test_killed_each_time(void **state)
{
    PlayedGuest *guest = *state;
    bring_and_ask(guest, 1, &package_one);
    for (int i = 0; i < 3; i++)
        assert_true(kill_at(guest, 40));
    assert_true(start_agent(guest));
    assert_answer(guest, 1, EXCHANGE_FAILED, EXCHANGE_INTERRUPTED);
    assert_text(guest, LIBRARY, "MZ original");
}

/* The disk is full at each step in turn, once and from there on: it answers, the guest is as before or as asked, and
 * the next request is carried out. */
static void test_disk_full(void **state)
{
    bool hit = true;
    (void) state;
    for (size_t at = 1; hit; at += STRIDE) {
        for (int after = 0; after < 2; after++) {
            Arena arena = ARENA_INIT;
            PlayedGuest *guest = played_guest_open(system_make_folder(&arena), false);
            bring_and_ask(guest, 1, &package_one);
            guest->files.fault = FILE_FAULT_NO_SPACE;
            guest->files.at = at;
            guest->files.from_there_on = after == 1;
            for (int i = 0; start_agent(guest) && i < 3; i++)
                (void) step(guest);
            hit = guest->files.hits > 0;
            guest->files = (FileScript){ .folder = guest->root };
            assert_true(start_agent(guest));
            ExchangeStatus status = answer_of(guest);
            assert_string_equal(status.id, id_of(guest, 1));
            if (strcmp(text_of(guest, LIBRARY), status.phase == EXCHANGE_DONE ? "one" : "MZ original") != 0)
                fail_msg("step %zu%s: %s, %s, and there is '%s': %s", at, after == 1 ? " and after" : "",
                         exchange_phases[status.phase], exchange_reasons[status.reason], text_of(guest, LIBRARY),
                         guest->said);
            bring_and_ask(guest, 2, &package_two);
            assert_answer(guest, 2, EXCHANGE_DONE, EXCHANGE_NONE);
            assert_text(guest, LIBRARY, "two");
            played_guest_remove(guest);
            arena_release(&arena);
        }
    }
}

int main(int argc, char **argv)
{
    child_main(argc, argv, roles);
    struct CMUnitTest tests[64] = {
        TEST(test_report),
        TEST(test_install),
        TEST(test_answer_stands),
        TEST(test_refusals),
        TEST(test_garbage),
        TEST(test_replays),
        TEST(test_killed_and_taken_back),
        TEST(test_memory_limit),
        TEST(test_spoilt_memory),
        TEST(test_late_file),
        TEST(test_sweep),
        TEST(test_race),
        TEST(test_devices),
        TEST(test_restart_helps),
        TEST(test_in_use),
        TEST(test_in_use_and_another),
        TEST(test_in_use_and_the_same),
        TEST(test_in_use_and_killed),
        TEST(test_in_use_put_back),
        TEST(test_interrupted),
        TEST(test_killed_each_time),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_disk_full),
    };
    size_t count = 18;
    for (size_t i = 0; i < COUNT_OF(bad_files); i++) {
        union {
            const BadFile *const_file;
            void *file;
        } state = { .const_file = &bad_files[i] };
        tests[count++] =
            (struct CMUnitTest){ .name = bad_files[i].name, .test_func = test_bad_file, .initial_state = state.file };
    }
    return _cmocka_run_group_tests("agent", tests, count, NULL, NULL);
}
