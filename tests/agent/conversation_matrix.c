/* SPDX-License-Identifier: MIT */
/* The fault matrix of update-drivers: at every call of the host's end, every step on its files, and every step of the
 * guest's service on the guest's files, one of the two is killed, the service is stopped, the VM is reset and loses
 * what was not flushed, a checkpoint is applied, an item of the data exchange is lost or comes again, the file in the
 * inbox is cut short, exchanged or gone. Both ends are processes of their own (two_ends.h) and real; the guest has an
 * older driver.
 *
 * Afterwards the guest has the older driver whole or the new one whole, compared file by file; with "recover", where
 * the host's end says that it is needed, the host is as before, with no item, no journal, and the interface off; and
 * one more update brings the new driver, leaves nothing in the inbox, and finds the host as before again.
 *
 *     conversation_matrix [--share I N] [part of a point's name] */
#include "agent/conversation_base.h"
#include "agent/two_ends.h"
#include "base/check.h"
#include "base/str.h"
#include "drivers/install/install.h"
#include "exchange/names.h"
#include "hyperv/vm/guest_file.h"
#include "hyperv/vm/kvp.h"
#include "operations/recover.h"
#include "platform/files.h"
#include "platform/hash.h"
#include "support/file_tree.h"
#include "support/guest_stage.h"
#include "support/guest_windows.h"
#include "support/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    Arena arena;
    const char *base, *point; /* folders: how each point begins, and where it is walked */
    const char *old, *new;    /* the guest with either driver, see describe() */
    const char *name;         /* of the point */
    size_t points, hit, failures;
    size_t share, shares;
    const char *chosen;
    const char *busy; /* the end of a path of the guest that is in use; NULL: none */
    EndsTrace plain; /* a run that nothing goes wrong in */
} matrix = { .share = 1, .shares = 1, .chosen = "" };

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

static void blame(const char *what, const char *why)
{
    matrix.failures++;
    (void) printf("FAILED: %s: %s%s%s\n", matrix.name, what, *why != '\0' ? ": " : "", why);
}

/* ---- what the guest has ---- */

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

/* What says when something was done, or what is not of the drivers. */
static bool is_passed_over(const char *name)
{
    return strncmp(name, "/registry.reg", strlen("/registry.reg")) == 0 ||
           strncmp(name, "/ProgramData/" EXCHANGE_INBOX, strlen("/ProgramData/" EXCHANGE_INBOX)) == 0 ||
           ends_with(name, "/requests.json");
}

static const char *content_of(const char *path, const char *name, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    char *data, *hash = arena_alloc(arena, HASH_TEXT_LENGTH + 1);
    size_t size;
    if (strstr(name, "/HostDriverStore/HyperPoint/") != NULL && ends_with(name, ".json"))
        return "a record"; /* install_verify() reads it */
    must(fs_read_file(path, 1 << 24, arena, &data, &size, &err) && hash_of(data, size, hash, &err), &err);
    return hash;
}

static void describe_below(const char *root, const char *name, Str *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    FileStatus status;
    StringList names;
    const char *path = arena_printf(&arena, "%s%s", root, name);
    must(file_status(path, &status, &err), &err);
    if (is_passed_over(name)) {
        ;
    } else if (status.kind == FILE_FOLDER) {
        must(fs_list_folder(path, &arena, &names, &err), &err);
        for (size_t i = 0; i < names.count; i++)
            describe_below(root, arena_printf(&arena, "%s/%s", name, names.items[i]), text);
    } else {
        str_appendf(text, "%s %s\n", name, content_of(path, name, &arena));
    }
    arena_release(&arena);
}

/* Every file and its content, but for times and the names of runs. */
static const char *describe(const char *guest, Arena *arena)
{
    static const char marker[] = "/originals/";
    Str text;
    const char *result;
    Error err = { .code = ERR_NONE };
    str_init(&text, 1 << 20);
    describe_below(guest, "", &text);
    for (char *at = text.text; (at = strstr(at, marker)) != NULL;) {
        at += strlen(marker);
        memset(at, '0', strspn(at, "0123456789abcdef"));
    }
    must(str_finish(&text, arena, &result, &err), &err);
    return result;
}

static void check_records(void)
{
    Error err = { .code = ERR_NONE };
    InstallJob job = { .root = stage_path("guest"),
                       .state_folder = stage_path("locks"),
                       .registry = stage.registry,
                       .clock = &stage.clock,
                       .report = report_silent(),
                       .arena = &stage.arena };
    InstalledPackages packages = { 0 };
    InstallProblems problems = { 0 };
    static const StringList all = { 0 };
    if (!install_verify(&job, &all, &packages, &problems, &err))
        blame("the installed packages cannot be verified", err.message);
    else if (packages.count != 1 || problems.count > 0)
        blame("another file than was installed", problems.count > 0 ? problems.items[0].path : "no package");
}

/* The first line that differs. */
static const char *difference(const char *found, const char *wanted)
{
    size_t same = 0, line = 0;
    for (; found[same] != '\0' && found[same] == wanted[same]; same++)
        line = found[same] == '\n' ? same + 1 : line;
    return arena_printf(&stage.arena, "'%.*s', not '%.*s'", (int) strcspn(found + line, "\n"), found + line,
                        (int) strcspn(wanted + line, "\n"), wanted + line);
}

static void check_guest(bool must_be_new, const char *when)
{
    const char *found = describe(stage_path("guest"), &stage.arena);
    if (strcmp(found, matrix.new) != 0 && (must_be_new || strcmp(found, matrix.old) != 0))
        blame(arena_printf(&stage.arena, "%s the guest has neither driver whole", when),
              arena_printf(&stage.arena, "%s; %s", difference(found, matrix.old), difference(found, matrix.new)));
    check_records();
}

static void check_inbox(void)
{
    Error err = { .code = ERR_NONE };
    StringList names = { 0 };
    must(fs_list_folder(stage_path("guest/ProgramData/" EXCHANGE_INBOX), &stage.arena, &names, &err), &err);
    if (names.count > 0)
        blame("a file stays in the inbox", names.items[0]);
}

/* ---- what the host has ---- */

/* A checkpoint was applied that has the way open and a request, where the host had closed it. The next update takes the
 * request back; that the way is open is how it finds it. */
static bool was_brought_back;

static void check_host(const char *when)
{
    Error err = { .code = ERR_NONE };
    GuestWay way;
    KvpSettings settings;
    must(guest_way_look(&stage.host, &stage.vm, &stage.arena, &way, &err) &&
             kvp_read_settings(&stage.host, &stage.vm, &stage.arena, &settings, &err),
         &err);
    if (way.was_open && !was_brought_back)
        blame(when, "the guest service interface is on");
    if (settings.items.count > 0)
        blame(when, "an item is left");
    if (stage_has_journal())
        blame(when, "a journal is left");
}

static void recover_if_needed(void)
{
    Error err = { .code = ERR_NONE };
    RecoveryReport report;
    RecoveryRequest request = { .only_look = false };
    if (!stage_has_journal())
        return;
    if (ends->is_over && ends->ending != ENDING_UNFINISHED)
        blame("a journal stands, and nobody says so", ends->err.message);
    if (!recover_vm(&stage.host, "render", &request, &stage.arena, &report, &err))
        blame("recover", err.message);
    ends->now_ms = stage.now_ms;
}

/* ---- what happens ---- */

static void write_value(const char *key, const char *name, const char *text)
{
    Error err = { .code = ERR_NONE };
    RegistryValue value = { .state = REGISTRY_NO_VALUE };
    if (text != NULL)
        value = registry_text_value(text, &stage.arena);
    must(stage.registry->write(stage.registry, key, name, &value, &err), &err);
}

static void lose_request(void)
{
    write_value(EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, NULL);
}

static void lose_status(void)
{
    write_value(EXCHANGE_KEY_FROM_GUEST, EXCHANGE_STATUS, NULL);
}

static const char *request_of_now(void)
{
    KvpSettings settings;
    Error err = { .code = ERR_NONE };
    must(kvp_read_settings(&stage.host, &stage.vm, &stage.arena, &settings, &err), &err);
    return kvp_find(&settings.items, EXCHANGE_REQUEST);
}

static const char *old_request; /* that brought the older driver */

/* The one of now, or the last one. */
static void repeat_request(void)
{
    const char *now = request_of_now();
    write_value(EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, now != NULL ? now : old_request);
}

static void repeat_old_request(void)
{
    write_value(EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, old_request);
}

/* Each file in the inbox. */
static void spoil_files(bool (*spoil)(const char *path, Error *err))
{
    Error err = { .code = ERR_NONE };
    StringList names = { 0 };
    const char *inbox = stage_path("guest/ProgramData/" EXCHANGE_INBOX);
    must(fs_list_folder(inbox, &stage.arena, &names, &err), &err);
    for (size_t i = 0; i < names.count; i++)
        must(spoil(fs_join(&stage.arena, inbox, names.items[i]), &err), &err);
}

static bool cut(const char *path, Error *err)
{
    char *data;
    size_t size;
    return fs_read_file(path, 1 << 24, &stage.arena, &data, &size, err) &&
           fs_replace_file(path, data, size / 2, FS_SHARED, err);
}

/* Of the same size. */
static bool alter(const char *path, Error *err)
{
    char *data;
    size_t size;
    if (!fs_read_file(path, 1 << 24, &stage.arena, &data, &size, err))
        return false;
    for (size_t i = size / 2; i < size; i++)
        data[i] ^= 1;
    return fs_replace_file(path, data, size, FS_SHARED, err);
}

static void cut_file(void)
{
    spoil_files(cut);
}

static void alter_file(void)
{
    spoil_files(alter);
}

static void remove_file(void)
{
    spoil_files(file_remove);
}

/* The VM's power, from outside: its guest starts anew. */
static void reset_vm(void)
{
    Error err = { .code = ERR_NONE };
    CimInstance *in = cim_instance_create(&stage.arena, "RequestStateChange");
    cim_instance_set(in, &stage.arena, "RequestedState", cim_uint(CIM_TYPE_UINT16, 11));
    must(host_call(&stage.host, stage.vm.system_path, "RequestStateChange", in, "reset", &stage.arena, NULL, &err),
         &err);
    guest_start(stage.registry, NULL);
    ends_free_files();
}

/* As somebody does who is told that it has to be. */
static void restart_windows(void)
{
    ends_kill_service();
    reset_vm();
    if (!ends_settle())
        blame("the service does not come to rest after a restart", "");
}

static void cut_power(bool early)
{
    power_cut_settle(&ends->cut);
    ends_kill_service();
    power_cut_happen(&ends->cut, early);
    reset_vm();
}

static void reset_late(void)
{
    cut_power(false);
}

static void reset_early(void)
{
    cut_power(true);
}

/* ---- checkpoints ---- */

static struct {
    const char *folder;
    bool way_is_open;
    const char *request; /* NULL: none */
} checkpoint;

/* Of the VM as it is. */
static void make_checkpoint(void)
{
    Error err = { .code = ERR_NONE };
    GuestWay way;
    const char *request = request_of_now();
    must(guest_way_look(&stage.host, &stage.vm, &stage.arena, &way, &err), &err);
    checkpoint.folder = arena_printf(&matrix.arena, "%s/checkpoint", matrix.base);
    checkpoint.way_is_open = way.was_open;
    checkpoint.request = request != NULL ? arena_strdup(&matrix.arena, request) : NULL;
    file_tree_replace(stage_path("guest"), checkpoint.folder);
}

static void apply_checkpoint(void)
{
    Error err = { .code = ERR_NONE };
    GuestWay way;
    KvpSettings settings;
    KvpItem item = { .name = EXCHANGE_REQUEST, .value = checkpoint.request };
    KvpItems wanted = { .items = &item, .count = checkpoint.request != NULL };
    ends_kill_service();
    must(guest_way_look(&stage.host, &stage.vm, &stage.arena, &way, &err), &err);
    was_brought_back = checkpoint.way_is_open && !way.was_open;
    GuestWay switched = { .setting_id = way.setting_id, .was_open = false };
    if (checkpoint.way_is_open != way.was_open)
        must((checkpoint.way_is_open ? guest_way_open : guest_way_close)(&stage.host, &stage.vm, &switched, &err),
             &err);
    must(kvp_read_settings(&stage.host, &stage.vm, &stage.arena, &settings, &err) &&
             kvp_reach(&stage.host, &stage.vm, &settings.items, &wanted, &err),
         &err);
    file_tree_replace(checkpoint.folder, stage_path("guest"));
    reset_vm();
}

/* ---- points ---- */

typedef struct Deed {
    const char *name;
    EndsFault fault;
    unsigned places; /* 1 << EndsPlace */
    void (*deed)(void);
    bool keep_flushed;
    bool needs_checkpoint;
} Deed;

enum { CALL = 1 << ENDS_CALL, HOST = 1 << ENDS_HOST_FILE, GUEST = 1 << ENDS_GUEST_FILE };

static const Deed deeds[] = {
    { "host killed", ENDS_KILL, CALL | HOST, NULL, false, false },
    { "host killed after it", ENDS_KILL_AFTER, CALL, NULL, false, false },
    { "service killed", ENDS_DEED, CALL, ends_kill_service, false, false },
    { "service killed", ENDS_KILL, GUEST, NULL, false, false },
    { "service stopped", ENDS_DEED, CALL, ends_stop_service, false, false },
    { "service stopped", ENDS_STOP, GUEST, NULL, false, false },
    { "VM reset", ENDS_DEED, CALL | GUEST, reset_late, false, false },
    { "VM reset, names lost", ENDS_DEED, CALL | GUEST, reset_early, true, false },
    { "checkpoint of before", ENDS_DEED, CALL | GUEST, apply_checkpoint, false, false },
    { "checkpoint of the middle", ENDS_DEED, CALL | GUEST, apply_checkpoint, false, true },
    { "request lost", ENDS_DEED, CALL | GUEST, lose_request, false, false },
    { "status lost", ENDS_DEED, CALL | GUEST, lose_status, false, false },
    { "request twice", ENDS_DEED, CALL | GUEST, repeat_request, false, false },
    { "old request", ENDS_DEED, CALL | GUEST, repeat_old_request, false, false },
    { "file cut", ENDS_DEED, CALL | GUEST, cut_file, false, false },
    { "file exchanged", ENDS_DEED, CALL | GUEST, alter_file, false, false },
    { "file gone", ENDS_DEED, CALL | GUEST, remove_file, false, false },
};

static const char *step_name(EndsPlace place, size_t at)
{
    const EndsTrace *plain = &matrix.plain;
    return place == ENDS_CALL ? plain->calls[at - 1].what : fault_files_step_name(plain->files[place][at - 1]);
}

/* All comes to its end with one more update. */
static void check_goes_on(void)
{
    if (!ends_update() || !ends->ok) {
        blame("the next update", ends->err.message);
        return;
    }
    if (ends->ending != ENDING_DONE && ends->ending != ENDING_NOT_NEEDED)
        blame("the next update ends otherwise", "");
    if (ends->packages != 1)
        blame("the guest does not tell of its package", "");
    if (!ends_settle())
        blame("the service does not come to rest after the next update", "");
    check_host("after the next update");
    check_guest(true, "after the next update");
    check_inbox();
}

static void open_point(const EndsScript *script)
{
    static const char *const parts[] = { "sim.json", "guest", "state" };
    Error err = { .code = ERR_NONE };
    must(file_remove_tree(matrix.point, &err) && file_make_folder(matrix.point, &err), &err);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        file_tree_copy(fs_join(&matrix.arena, matrix.base, parts[i]), fs_join(&matrix.arena, matrix.point, parts[i]));
    ends_open(matrix.point, script);
    was_brought_back = false;
}

static void walk(const EndsScript *script)
{
    open_point(script);
    (void) ends_update();
    bool was_hit = ends->was_hit;
    if (ends->is_over && ends->ok != (ends->ending == ENDING_DONE || ends->ending == ENDING_NOT_NEEDED))
        blame("it ends otherwise than it says", ends->err.message);
    if (!ends_settle())
        blame("the service does not come to rest", "");
    if (matrix.busy != NULL)
        restart_windows();
    check_guest(false, "afterwards");
    recover_if_needed();
    if (!was_brought_back)
        check_host("recovered");
    if (!ends_settle())
        blame("the service does not come to rest, recovered", "");
    check_guest(false, "recovered");
    check_goes_on();
    ends_close();
    matrix.points++;
    matrix.hit += was_hit;
}

/* Is it this share's turn, and was it asked for? */
static bool is_turn(void)
{
    static size_t number;
    return strstr(matrix.name, matrix.chosen) != NULL && number++ % matrix.shares == matrix.share - 1;
}

static void walk_deed(const Deed *deed, EndsPlace place)
{
    for (size_t at = 1; at <= matrix.plain.counts[place]; at++) {
        static const char *const places[] = { "call", "file of the host", "file of the guest" };
        Arena arena = ARENA_INIT;
        EndsScript script = { .place = place, .at = at, .fault = deed->fault, .keep_flushed = deed->keep_flushed,
                              .busy = matrix.busy, .deed = deed->deed };
        matrix.name = arena_printf(&arena, "%s at %s %zu (%s)%s", deed->name, places[place], at,
                                   step_name(place, at), matrix.busy != NULL ? ", a file in use" : "");
        if (is_turn())
            walk(&script);
        arena_release(&arena);
    }
}

static void walk_deeds(bool with_middle)
{
    for (size_t i = 0; i < COUNT_OF(deeds); i++) {
        for (unsigned place = 0; place < ENDS_PLACE_COUNT; place++) {
            if ((deeds[i].places >> place & 1) != 0 && deeds[i].needs_checkpoint == with_middle)
                walk_deed(&deeds[i], (EndsPlace) place);
        }
    }
}

/* ---- how it begins ---- */

/* Nothing goes wrong; it is left open. */
static void walk_plain(void)
{
    const EndsScript nothing = { .busy = matrix.busy };
    open_point(&nothing);
    bool ok = ends_update() && ends->ok;
    must(ok && ends->ending == ENDING_DONE && ends_settle(), &ends->err);
    matrix.plain = ends->trace;
    check_host("plain");
    (void) printf("%zu calls, %zu steps on files of the host, %zu of the guest\n", matrix.plain.counts[ENDS_CALL],
                  matrix.plain.counts[ENDS_HOST_FILE], matrix.plain.counts[ENDS_GUEST_FILE]);
}

static void make_base(void)
{
    static const EndsScript nothing = { .at = 0 };
    matrix.base = conversation_base_make(&matrix.arena, &old_request);
    matrix.point = arena_printf(&matrix.arena, "%s/point", matrix.base);
    ends_open(matrix.base, &nothing);
    matrix.old = describe(stage_path("guest"), &matrix.arena);
    make_checkpoint();
    ends_close();
    walk_plain();
    matrix.new = describe(stage_path("guest"), &matrix.arena);
    ends_close();
    CHECK(strcmp(matrix.old, matrix.new) != 0);
}

/* The middle: the guest has just been asked. */
static void make_middle(void)
{
    EndsScript script = { .place = ENDS_CALL, .at = 1, .fault = ENDS_DEED, .deed = make_checkpoint };
    while (strcmp(step_name(ENDS_CALL, script.at), "invoke AddKvpItems") != 0)
        script.at++;
    for (; script.at <= matrix.plain.counts[ENDS_CALL] && checkpoint.request == NULL; script.at++) {
        open_point(&script);
        (void) ends_update();
        ends_close();
    }
    CHECK(checkpoint.request != NULL && checkpoint.way_is_open);
}

int main(int argc, char **argv)
{
    int next = 1;
    if (argc > 3 && strcmp(argv[1], "--share") == 0) {
        matrix.share = strtoul(argv[2], NULL, 10);
        matrix.shares = strtoul(argv[3], NULL, 10);
        next = 4;
    }
    if (next < argc)
        matrix.chosen = argv[next];
    CHECK(matrix.shares > 0);
    matrix.name = "plain";
    make_base();
    walk_deeds(false);
    matrix.busy = "System32/nvapi64.dll";
    walk_plain();
    CHECK(strcmp(describe(stage_path("guest"), &stage.arena), matrix.old) != 0); /* it waits */
    ends_close();
    walk_deeds(false);
    matrix.busy = NULL;
    walk_plain();
    ends_close();
    make_middle();
    walk_deeds(true);
    system_remove_folder(matrix.base);
    arena_release(&matrix.arena);
    (void) printf("%zu points, %zu of them hit, %zu failures\n", matrix.points, matrix.hit, matrix.failures);
    return matrix.failures > 0 || matrix.points == 0;
}
