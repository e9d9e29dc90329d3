/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS in glibc */

#include "agent/two_ends.h"

#include "agent/agent.h"
#include "agent/stage_guest.h"
#include "base/check.h"
#include "exchange/names.h"
#include "support/guest_stage.h"
#include "support/test_clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { QUIET_MS = 60 * 1000, /* a service that wants to wait longer has nothing to do */ AWAY_BEATS = 20 };

Ends *ends;
static EndsScript script;

/* ---- processes that speak with the test, a letter at a time ---- */

typedef struct End {
    pid_t process; /* 0: none */
    int hear, say; /* the test's ends */
} End;

static End host_end, guest_end;
static int hear, say; /* in the end itself */

static void drop(End *end)
{
    if (end->process == 0)
        return;
    (void) close(end->hear);
    (void) close(end->say);
    end->process = 0;
}

static void start(End *end, void (*play)(void))
{
    int to[2], from[2];
    CHECK(pipe(to) == 0 && pipe(from) == 0);
    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        drop(&host_end); /* whoever holds the other end's pipes would keep its death a secret */
        drop(&guest_end);
        (void) close(to[1]);
        (void) close(from[0]);
        hear = to[0];
        say = from[1];
        play();
        _exit(0);
    }
    (void) close(to[0]);
    (void) close(from[1]);
    *end = (End){ .process = child, .hear = from[0], .say = to[1] };
}

/* In the end: tells the test, which answers when it is done. */
static char exchange(char letter)
{
    char answer;
    if (write(say, &letter, 1) != 1 || read(hear, &answer, 1) != 1)
        _exit(1); /* nobody is there */
    return answer;
}

/* Gone by itself or killed; anything else is a mistake of the program. */
static void reap(End *end)
{
    int status;
    CHECK(waitpid(end->process, &status, 0) == end->process);
    drop(end);
    if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0) && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
        (void) fprintf(stderr, "one of the ends died: %d\n", status);
        abort();
    }
}

/* In the test: '\0' when the end has gone, and was reaped. */
static char listen_to(End *end)
{
    char letter;
    if (read(end->hear, &letter, 1) == 1)
        return letter;
    reap(end);
    return '\0';
}

static void answer(End *end)
{
    CHECK(end->process == 0 || write(end->say, "g", 1) == 1);
}

/* ---- the guest's service ---- */

static FileScript guest_files;
static Cancel guest_cancel;
static bool has_begun; /* a service before this one */
static int away;       /* beats until the next one */
static int64_t next_ms;
static FsStamp looked_at; /* the registry as the service has seen it */

static void on_guest_deed(void *context)
{
    (void) context;
    ends->was_hit = true;
    if (script.fault == ENDS_STOP)
        cancel_request(&guest_cancel);
    else
        (void) exchange('D');
}

static void on_guest_step(void *context, FsStep step, const char *path)
{
    (void) context;
    power_cut_watch(&ends->cut, step, path);
}

/* Of the registry a write is one step, as in Windows', and it is flushed. Whoever does something before that finds it
 * unlocked. */
static bool write_registry(Registry *registry, const char *key, const char *name, const RegistryValue *value,
                           Error *err)
{
    (void) registry;
    if (fs_fault_point(FS_STEP_RENAME, stage_path("guest/registry.reg")) != 0)
        return error_set(err, ERR_IO, "injected");
    fault_files_use(NULL);
    bool ok = stage.registry->write(stage.registry, key, name, value, err);
    power_cut_watch(&ends->cut, FS_STEP_FLUSH, stage_path("guest/registry.reg"));
    fault_files_use(&guest_files);
    return ok;
}

static bool read_registry(Registry *registry, const char *key, const char *name, Arena *arena,
                          RegistryValue *ret_value, Error *err)
{
    (void) registry;
    return stage.registry->read(stage.registry, key, name, arena, ret_value, err);
}

static bool list_registry(Registry *registry, const char *key, size_t limit, Arena *arena, StringList *ret_names,
                          Error *err)
{
    (void) registry;
    return stage.registry->list(stage.registry, key, limit, arena, ret_names, err);
}

static Registry guest_registry = { .read = read_registry, .list = list_registry, .write = write_registry };

static void count_guest_steps(void)
{
    bool has_script = !has_begun && script.place == ENDS_GUEST_FILE;
    guest_files = (FileScript){ .folder = stage_path("guest"),
                                .watch = on_guest_step,
                                .deed = on_guest_deed,
                                .busy = script.busy,
                                .at = has_script ? script.at : 0 };
    if (guest_files.at > 0)
        guest_files.fault = script.fault == ENDS_KILL ? FILE_FAULT_KILL : FILE_FAULT_DEED;
    fault_files_use(&guest_files);
}

static void tell_steps(EndsPlace place, const FileScript *files)
{
    ends->trace.counts[place] = files->steps;
    memcpy(ends->trace.files[place], files->trace, sizeof(files->trace));
}

static void play_guest(void)
{
    Error err = { .code = ERR_NONE };
    Devices devices = { .restart = stage_restart_device };
    AgentGuest guest = { .root = stage_path("guest"),
                         .data = stage_path("guest/ProgramData"),
                         .locks = stage_path("locks"),
                         .registry = &guest_registry,
                         .devices = &devices,
                         .connect = stage_connect_guest,
                         .clock = &stage.clock,
                         .cancel = &guest_cancel,
                         .report = report_silent() };
    stage.live = NULL;
    count_guest_steps();
    Agent *agent = agent_create(&guest);
    bool ok = agent_begin(agent, &err);
    for (int64_t wait_ms = 0; ok && !cancel_is_requested(&guest_cancel); ends->wait_ms = wait_ms) {
        tell_steps(ENDS_GUEST_FILE, &guest_files);
        ends->now_ms = stage.now_ms;
        if (exchange('W') != 'g')
            break;
        stage.now_ms = ends->now_ms;
        if (!agent_step(agent, &wait_ms, &err))
            wait_ms = QUIET_MS; /* as agent_run() */
    }
    if (!ok)
        (void) fprintf(stderr, "the service does not begin: %s\n", err.message);
    agent_destroy(agent);
    if (!ok)
        _exit(2);
}

static void do_deed(void)
{
    stage.now_ms = ends->now_ms;
    ends->was_hit = true;
    script.deed();
    ends->now_ms = stage.now_ms;
}

/* Until the service waits, or is gone. */
static void listen_to_guest(void)
{
    for (char letter = 'D'; letter == 'D' && guest_end.process != 0;) {
        letter = listen_to(&guest_end);
        if (letter == 'D') {
            do_deed();
            answer(&guest_end);
        }
    }
}

void ends_free_files(void)
{
    script.busy = NULL;
}

void ends_kill_service(void)
{
    if (guest_end.process == 0)
        return;
    CHECK(kill(guest_end.process, SIGKILL) == 0);
    reap(&guest_end);
    has_begun = true;
}

void ends_stop_service(void)
{
    if (guest_end.process == 0)
        return;
    CHECK(write(guest_end.say, "q", 1) == 1);
    CHECK(listen_to(&guest_end) == '\0');
    has_begun = true;
    away = AWAY_BEATS;
}

static void start_service(void)
{
    start(&guest_end, play_guest);
    next_ms = 0;
    listen_to_guest();
}

/* One beat of its life: a step if it is time, or if something has changed in the registry. */
static void live(void)
{
    if (guest_end.process == 0 && away > 0) {
        away--;
        return;
    }
    if (guest_end.process == 0) {
        start_service();
    } else {
        FsStamp stamp = fs_stamp(stage_path("guest/registry.reg"));
        if (ends->now_ms < next_ms && fs_stamp_equals(&stamp, &looked_at))
            return;
        looked_at = stamp;
        answer(&guest_end); /* to its 'W' */
        listen_to_guest();
        next_ms = ends->now_ms + ends->wait_ms;
    }
    if (guest_end.process == 0) { /* it was killed, or has ended */
        ends->was_hit = has_begun = true;
        away = AWAY_BEATS;
    }
}

bool ends_settle(void)
{
    enum { MOST_BEATS = 3000 };
    for (int beats = 0; beats < MOST_BEATS; beats++) {
        live();
        if (guest_end.process != 0 && next_ms - ends->now_ms > QUIET_MS)
            return true;
        ends->now_ms += 500;
        stage.now_ms = ends->now_ms;
    }
    return false;
}

/* ---- the host's end ---- */

static bool was_updated; /* once */
static FileScript host_files;
static FaultScript host_calls;

static void on_wait(int64_t ms)
{
    (void) ms;
    ends->now_ms = stage.now_ms;
    (void) exchange('L');
    stage.now_ms = ends->now_ms;
}

static void on_call(void *context, FaultKind kind)
{
    (void) context;
    (void) kind;
    ends->now_ms = stage.now_ms;
    (void) exchange('D');
    stage.now_ms = ends->now_ms;
}

/* Kinds that are somebody else's doing are all the same here. */
static FaultKind kind_of_call(void)
{
    return script.fault == ENDS_KILL         ? FAULT_KILL_BEFORE
           : script.fault == ENDS_KILL_AFTER ? FAULT_KILL_AFTER
                                             : FAULT_VM_STARTED;
}

static void count_host_steps(void)
{
    host_calls = (FaultScript){ .disturb = on_call, .cancel = &stage.cancel };
    host_files = (FileScript){ .folder = stage_path("state") };
    if (script.at > 0 && !was_updated && script.place == ENDS_CALL) {
        host_calls.faults[0] = (Fault){ .kind = kind_of_call(), .at = script.at, .span = FAULT_ONCE };
        host_calls.count = 1;
    } else if (script.at > 0 && !was_updated && script.place == ENDS_HOST_FILE) {
        host_files.fault = FILE_FAULT_KILL;
        host_files.at = script.at;
    }
}

static void play_host(void)
{
    Error err = { .code = ERR_NONE };
    UpdateReport report;
    stage.live = on_wait;
    count_host_steps();
    fault_files_use(&host_files);
    stage.host.session = fault_session_wrap(stage.host.session, &host_calls);
    UpdateRequest request = { .cache = stage_path("state/cache"), .host_cache = stage_path("state/cache") };
    ends->ok = stage_update(&request, &report, &err);
    ends->ending = report.ending;
    ends->packages = report.after.package_count;
    ends->err = err;
    ends->trace.counts[ENDS_CALL] = host_calls.calls;
    memcpy(ends->trace.calls, host_calls.trace, sizeof(host_calls.trace));
    tell_steps(ENDS_HOST_FILE, &host_files);
    ends->is_over = true;
}

bool ends_update(void)
{
    ends->is_over = false;
    start(&host_end, play_host);
    for (char letter; (letter = listen_to(&host_end)) != '\0'; answer(&host_end)) {
        if (letter == 'D')
            do_deed();
        else
            live();
    }
    ends->was_hit |= !ends->is_over;
    was_updated = true;
    return ends->is_over;
}

/* ---- the stage ---- */

void ends_open(const char *folder, const EndsScript *given)
{
    if (ends == NULL) {
        (void) signal(SIGPIPE, SIG_IGN);
        ends = mmap(NULL, sizeof(*ends), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        CHECK(ends != MAP_FAILED);
    }
    memset(ends, 0, sizeof(*ends));
    script = *given;
    stage_open_again(folder, NULL);
    ends->now_ms = TEST_CLOCK_START;
    CHECK(strlen(folder) + sizeof("/flushed") < sizeof(ends->cut.root));
    (void) snprintf(ends->cut.root, sizeof(ends->cut.root), "%s/guest", folder);
    if (script.keep_flushed)
        (void) snprintf(ends->cut.kept, sizeof(ends->cut.kept), "%s/flushed", folder);
    has_begun = was_updated = false;
    away = 0;
    looked_at = (FsStamp){ 0 };
}

void ends_close(void)
{
    ends_kill_service();
    cim_session_close(stage.host.session);
    stage.folder = NULL;
    arena_release(&stage.arena);
}
