/* SPDX-License-Identifier: MIT */
#include "support/guest_stage.h"

#include "base/limits.h"
#include "cim/sim/sim_session.h"
#include "hyperv/vm/guest_file.h"
#include "hyperv/vm/kvp.h"
#include "platform/fs.h"
#include "platform/registry_file.h"
#include "support/system.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

GuestStage stage;

static int64_t stage_now_ms(Clock *clock)
{
    return ((GuestStage *) clock)->now_ms;
}

static int64_t stage_ticks_us(Clock *clock)
{
    return ((GuestStage *) clock)->now_ms * 1000;
}

static void stage_sleep_ms(Clock *clock, int64_t ms)
{
    (void) clock;
    stage.now_ms += ms;
    if (stage.live != NULL)
        stage.live(ms);
}

static void must(bool ok, const Error *err)
{
    if (!ok)
        fail_msg("%s", err->message);
}

const char *stage_path(const char *name)
{
    return fs_join(&stage.arena, stage.folder, name);
}

CimSession *stage_connect(void)
{
    Error err;
    CimSession *session = NULL;
    must(sim_session_open(stage_path("sim.json"), NULL, &stage.clock, &session, &err), &err);
    session->cancel.parent = &stage.cancel;
    return session;
}

static void edit_state(const char *knobs)
{
    Error err;
    char *text;
    size_t size;
    must(fs_read_file(stage_path("sim.json"), LIMIT_STATE_FILE_BYTES, &stage.arena, &text, &size, &err), &err);
    const char *at = strstr(text, "\"knobs\": {");
    const char *state = arena_printf(&stage.arena,
                                     "%.*s\"guests\": [{\"vm\": \"" RENDER_VM "\", \"folder\": \"guest\"}], "
                                     "\"knobs\": {%s%s",
                                     (int) (at - text), text, knobs, at + strlen("\"knobs\": {"));
    must(fs_replace_file(stage_path("sim.json"), state, strlen(state), FS_SHARED, &err), &err);
}

static void begin(const char *folder, void (*live)(int64_t ms))
{
    stage = (GuestStage){ .clock = { stage_now_ms, stage_ticks_us, stage_sleep_ms },
                          .now_ms = TEST_CLOCK_START,
                          .live = live };
    stage.folder = folder != NULL ? arena_strdup(&stage.arena, folder) : system_make_folder(&stage.arena);
    stage.registry = registry_file_open(stage_path("guest/registry.reg"), &stage.arena);
}

static void connect_host(void)
{
    Error err;
    const JournalPlace place = { .folder = stage_path("state"), .key = "sim" };
    stage.host = (HyperVHost){ .session = stage_connect(),
                               .report = report_silent(),
                               .cancel = &stage.cancel,
                               .journals = { place, place } };
    must(vm_find(&stage.host, "render", &stage.arena, &stage.vm, &err), &err);
}

void stage_open(const char *knobs, void (*live)(int64_t ms))
{
    Error err;
    begin(NULL, live);
    must(fs_make_folders(stage_path("guest/ProgramData"), FS_SHARED, &err) &&
             fs_make_folders(stage_path("guest/Windows/System32"), FS_SHARED, &err),
         &err);
    cim_session_close(stage_connect()); /* makes the file */
    edit_state(knobs);
    connect_host();
}

void stage_open_again(const char *folder, void (*live)(int64_t ms))
{
    begin(folder, live);
    connect_host();
}

int stage_close(void **state)
{
    (void) state;
    if (stage.folder != NULL) {
        cim_session_close(stage.host.session);
        system_remove_folder(stage.folder);
    }
    stage.folder = NULL;
    arena_release(&stage.arena);
    return 0;
}

UpdateRequest stage_request(bool restart_guest)
{
    return (UpdateRequest){ .cache = stage_path("cache"),
                            .host_cache = stage_path("cache"),
                            .restart_guest = restart_guest };
}

bool stage_update(const UpdateRequest *given, UpdateReport *ret_report, Error *err)
{
    UpdateRequest request = *given;
    *err = (Error){ .code = ERR_NONE };
    must(sim_files_open(stage_path("sim.json"), &request.files, err), err);
    bool ok = update_vm(&stage.host, &stage.vm, &request, &stage.arena, ret_report, err);
    host_files_close(request.files);
    return ok;
}

bool stage_has_journal(void)
{
    StringList ids;
    Error err;
    must(journal_list(&stage.host.journals, &stage.arena, &ids, &err), &err);
    return ids.count > 0;
}

void stage_check_closed(void)
{
    GuestWay way;
    KvpSettings settings;
    Error err;
    cancel_reset(&stage.cancel);
    must(guest_way_look(&stage.host, &stage.vm, &stage.arena, &way, &err) &&
             kvp_read_settings(&stage.host, &stage.vm, &stage.arena, &settings, &err),
         &err);
    assert_false(way.was_open);
    assert_int_equal(settings.items.count, 0);
    assert_false(stage_has_journal());
}
